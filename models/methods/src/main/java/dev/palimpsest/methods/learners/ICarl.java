package dev.palimpsest.methods.learners;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import com.google.auto.service.AutoService;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.Optional;

/**
 * Incremental classifier and representation learning: exemplars of each class, chosen so that their
 * mean feature stays near the class's ({@link Herding}), a loss that holds the outputs for former
 * classes, and answers by the nearest mean of exemplars ({@link NearestMean}).
 *
 * <p>The loss is the binary cross-entropy with logits, averaged over samples and over the classes
 * of the tasks so far; targets are 1 and 0 for the task's own classes, and for classes of earlier
 * tasks what the network before the task says, sigmoid of its logits. Samples at hand and exemplars
 * go through the network in one pass.
 *
 * <p>The reference code (mammoth) mixes the exemplars into the task's images; here each batch is
 * joined by as many, drawn anew, that an epoch shows each of them once on average. After a task the
 * budget is shared out equally among the classes so far; former exemplars beyond the share are
 * dropped, the last chosen first. A further task of the same classes (task 2 of SBL) has no earlier
 * classes to hold, and former exemplars compete with its images.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class ICarl implements Learner<ICarl.Parameters> {
  /** The budget. */
  public record Parameters(
      @Param(
              help = "exemplars kept of all classes together, at most",
              value = "200",
              min = 1,
              max = 1_000_000)
          int size) {
    private BufferSettings buffer() {
      return new BufferSettings(size, BufferSettings.Policy.BALANCED, size);
    }
  }

  @Override
  public String name() {
    return "icarl";
  }

  @Override
  public String summary() {
    return "Herded exemplars of each class, distillation, and the nearest mean of exemplars.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "rebuffi2017icarl",
        "Sylvestre-Alvise Rebuffi and Alexander Kolesnikov and Georg Sperl and Christoph H."
            + " Lampert",
        "iCaRL: Incremental Classifier and Representation Learning",
        "IEEE Conference on Computer Vision and Pattern Recognition (CVPR)",
        2017);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public boolean needsMemory() {
    return true;
  }

  @Override
  public int samplesKept(Parameters parameters) {
    return parameters.size();
  }

  @Override
  public TaskLesson lesson(Parameters parameters, TaskContext context) {
    share(parameters, context.task());
    return new Distilling(
        context,
        Buffer.of(parameters.buffer(), context),
        context.task().first() == 0 ? Optional.empty() : Optional.of(context.net().twin()));
  }

  /** Exemplars of a class when the task is over. */
  private static int share(Parameters parameters, Task task) {
    int share = parameters.size() / task.seen();
    if (share == 0) {
      throw new Mistake(
          "learner 'icarl' has size "
              + parameters.size()
              + " and after task "
              + task.number()
              + " there are "
              + task.seen()
              + " classes; expected at least an exemplar of each.");
    }
    return share;
  }

  @Override
  public Consolidation consolidation(Parameters parameters, TaskContext context) {
    int share = share(parameters, context.task());
    return Consolidation.inOneStep(() -> {
      Buffer former = Buffer.of(parameters.buffer(), context);
      Buffer exemplars =
          Buffer.holding(Herding.exemplars(context, former.samples(), share), former.imageShape());
      return context.memory().with(Buffer.PART, exemplars.state());
    });
  }

  @Override
  public Recall recall(Parameters parameters, Net net, Memory memory, Task last) {
    return NearestMean.of(net, Buffer.of(memory));
  }

  /**
   * Trains a task.
   *
   * @param former the network before the task; none while there are no earlier classes
   */
  private record Distilling(TaskContext context, Buffer buffer, Optional<Net> former)
      implements TaskLesson {
    @Override
    public Memory memory() {
      return context.memory();
    }

    @Override
    public Net.Loss loss(Step step) {
      Batch own = step.batch();
      int exemplars = exemplars(own.labels().size(), step.random());
      Batch all =
          exemplars == 0
              ? own
              : own.and(buffer.draw(exemplars, context.net(), step.random()).batch(step.augment()));
      Task task = context.task();
      NDArray labels =
          all.labels().oneHot(task.end()).toType(context.net().precision().type(), false);
      NDArray targets =
          former
              .map(net -> net.forward(Mode.EVAL, all.images()).logits())
              .map(logits -> targets(logits, labels, task.first()))
              .orElse(labels);
      return Net.Loss.of(
          all.images(),
          (out, weights) -> binaryCrossEntropy(out.logits().get(":, 0:" + task.end()), targets));
    }

    /** How many exemplars join a batch: their share of the task's images, rounded by chance. */
    private int exemplars(long batch, RandomStream random) {
      double share = (double) batch * buffer.held() / context.data().size();
      return Math.min(buffer.held(), (int) Math.floor(share + random.uniform()));
    }

    @Override
    public void close() {
      former.ifPresent(Net::close);
    }
  }

  /** What the former network says of the first classes, and the labels of the others. */
  static NDArray targets(NDArray former, NDArray labels, int first) {
    NDArray old = Ops.sigmoid(former.get(":, 0:" + first));
    return old.concat(labels.get(":, " + first + ":"), 1);
  }

  /** The mean binary cross-entropy with logits; both are [n, classes]. */
  static NDArray binaryCrossEntropy(NDArray logits, NDArray targets) {
    NDArray log = NDArrays.stack(new NDList(logits, logits.zerosLike())).logSoftmax(0);
    NDArray yes = targets.mul(log.get(0));
    return yes.add(targets.neg().add(1).mul(log.get(1))).mean().neg();
  }
}
