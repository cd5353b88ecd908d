package dev.palimpsest.methods.learners;

import ai.djl.ndarray.NDArray;
import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * Experience replay with asymmetric cross-entropy: on the batch at hand only classes compete that
 * are in it or come no earlier than the last class seen so far, so that new samples do not push
 * former classes away; on samples from the buffer all classes compete. The two batches go through
 * the network one after the other.
 *
 * <p>As in the reference code (mammoth) neither mask nor replay begin before the second task,
 * unless asked to; its cosine classifier is not part of this method here.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class ErAce implements Learner<ErAce.Parameters> {
  private static final float NEVER = -1e9f;

  /** The buffer, and when to begin. */
  public record Parameters(
      @Param(help = "buffer") BufferSettings buffer,
      @Param(help = "mask and replay in the first task too", value = "false") boolean taskFree) {}

  @Override
  public String name() {
    return "er-ace";
  }

  @Override
  public String summary() {
    return "Experience replay in which new samples do not compete with former classes.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "caccia2022erace",
        "Lucas Caccia and Rahaf Aljundi and Nader Asadi and Tinne Tuytelaars and Joelle Pineau and"
            + " Eugene Belilovsky",
        "New Insights on Reducing Abrupt Representation Change in Online Continual Learning",
        "International Conference on Learning Representations (ICLR)",
        2022);
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
    return parameters.buffer().size();
  }

  @Override
  public TaskLesson lesson(Parameters parameters, TaskContext context) {
    boolean active = parameters.taskFree() || context.task().number() > 1;
    return new ReplayLesson(parameters.buffer(), context) {
      @Override
      public Net.Loss loss(Step step) {
        Batch own = step.batch();
        Optional<Batch> replay =
            active ? drawn(step).map(drawn -> drawn.batch(step.augment())) : Optional.empty();
        keep(step);
        long last = Math.max(context.task().known(), buffer().classesSeen()) - 1;
        long[] present = own.labels().toLongArray();
        return graph -> {
          NDArray logits = graph.forward(own.images()).logits();
          NDArray loss =
              Ops.crossEntropy(active ? masked(logits, last, present) : logits, own.labels());
          return replay.map(former -> loss.add(crossEntropy(graph, former))).orElse(loss);
        };
      }
    };
  }

  @Override
  public Consolidation consolidation(Parameters parameters, TaskContext context) {
    return Buffer.unlessHeld(parameters.buffer(), context, Set.of());
  }

  private static NDArray crossEntropy(Net.Graph graph, Batch batch) {
    return Ops.crossEntropy(graph.forward(batch.images()).logits(), batch.labels());
  }

  /**
   * Logits among which only some classes compete: those of the labels, and all from the last class
   * seen so far on.
   */
  static NDArray masked(NDArray logits, long last, long... labels) {
    float[] mask = new float[(int) logits.getShape().get(1)];
    Arrays.fill(mask, 0, (int) Math.min(last, mask.length), NEVER);
    for (long label : labels) {
      mask[(int) label] = 0;
    }
    return logits.add(logits.getManager().create(mask).toType(logits.getDataType(), false));
  }
}
