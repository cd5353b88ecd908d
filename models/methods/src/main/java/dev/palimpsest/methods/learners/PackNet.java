package dev.palimpsest.methods.learners;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Poisoner;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Training;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.Locale;
import java.util.Optional;

/**
 * PackNet: each task has weights of its own. A task trains the weights that no former task owns,
 * with those of the former ones in use and untouched; then, layer by layer, the smallest share of
 * what it trained is set to zero and left to the tasks to come, and the rest is trained again and
 * owned for good. Biases and batch normalisation, running statistics included, stay as the first
 * task left them; later tasks normalise with these statistics in training too. A task's rows of the
 * classifier are its own and never pruned, and it is trained among its own classes.
 *
 * <p>Told the task, an image is read with the weights of the tasks up to it. The paper has no
 * class-incremental reading; here each task reads the image in its way, and the greatest
 * probability of any task among its own classes wins: that of the most certain task. Where a
 * further task has the classes of a former one, as task 2 of SBL, their rows stay the former's.
 *
 * <p>The paper begins with a network trained on ImageNet, this with the stream's own. SAM's ascent
 * goes along all weights, the step along the task's.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class PackNet implements Learner<PackNet.Parameters> {
  private static final double SCARCE = 0.01;

  /** How much is pruned, and the training that follows. */
  public record Parameters(
      @Param(
              help = "share of each layer's newly trained weights that is left to later tasks",
              value = "0.75",
              min = 0,
              max = 0.99)
          double prune,
      @Param(help = "epochs of the training after pruning", value = "5", min = 1, max = 10_000)
          int epochs,
      @Param(help = "learning rate of that training", value = "0.01", min = 0, max = 100) double lr,
      @Param(help = "its momentum", value = "0.9", min = 0, max = 1) double momentum,
      @Param(help = "its samples a step", value = "32", min = 1, max = 65_536) int batch) {}

  @Override
  public String name() {
    return "packnet";
  }

  @Override
  public String summary() {
    return "PackNet: each task prunes what it trained and owns the rest for good.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "mallya2018packnet",
        "Arun Mallya and Svetlana Lazebnik",
        "PackNet: Adding Multiple Tasks to a Single Network by Iterative Pruning",
        "IEEE Conference on Computer Vision and Pattern Recognition (CVPR)",
        2018);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public boolean headsMayGrow() {
    return false;
  }

  @Override
  public boolean needsMemory() {
    return true;
  }

  @Override
  public TaskLesson lesson(Parameters parameters, TaskContext context) {
    var ownership = Ownership.of(context.net(), context.memory());
    return new OwnWeights(context, ownership.isFree(), ownership.learnedBy(context.task()));
  }

  /** Prunes, and trains what is left of the task. */
  @Override
  public Consolidation consolidation(Parameters parameters, TaskContext context) {
    Net net = context.net();
    var ownership = Ownership.of(net, context.memory());
    boolean first = ownership.isFree();
    ownership.claim(context.task(), parameters.prune());
    var lesson = new OwnWeights(context, first, ownership.ownedBy(context.task()));
    Recipe recipe =
        Recipe.of(
                parameters.epochs(),
                parameters.batch(),
                Sgd.Settings.of(parameters.lr(), parameters.momentum(), 0))
            .with(context.augmentation());
    Training training =
        Training.of(
            net,
            context.data(),
            recipe,
            Poisoner.NONE,
            lesson,
            context.randomness().within("retrain"));
    return Consolidation.after(training, lesson, () -> ownership.in(context.memory()));
  }

  @Override
  public Recall recall(Parameters parameters, Net net, Memory memory, Task last) {
    var ownership = Ownership.of(net, memory);
    return new Unpacked(net, net.twin(), ownership.numbers(), ownership.ofClasses(), last);
  }

  @Override
  public Optional<String> warning(Parameters parameters, Memory memory, Sgd.Settings sgd) {
    double free = Ownership.free(memory);
    return free >= SCARCE
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "packnet has %.2g %% of its weights left for this task: a greater prune in the"
                    + " former tasks would have left more.",
                100 * free));
  }

  /** Trains the weights of a mask and holds all others where they are. */
  private static final class OwnWeights implements TaskLesson {
    private final TaskContext context;
    private final boolean first;
    private final NDArray mask;
    private final NDArray held;

    OwnWeights(TaskContext context, boolean first, NDArray mask) {
      this.context = context;
      this.first = first;
      this.mask = mask;
      try (Scope scope = Scope.open()) {
        NDArray weights = context.net().weights();
        this.held = scope.keep(weights.sub(weights.mul(mask)));
      }
    }

    @Override
    public Net.Loss loss(Step step) {
      Task task = context.task();
      String own = ":, " + task.first() + ":" + task.end();
      NDArray labels = step.batch().labels().sub(task.first());
      return graph -> {
        Mode mode = first ? graph.pass().mode() : Mode.EVAL;
        Out out = graph.forward(mode, step.batch().images());
        return Ops.crossEntropy(out.logits().get(own), labels);
      };
    }

    /** Momentum and weight decay move the others too: they are put back. */
    @Override
    public void moved() {
      context.net().weights().muli(mask).addi(held);
    }

    @Override
    public NDArray adjusted(NDArray gradient) {
      return gradient.mul(mask);
    }

    @Override
    public Memory memory() {
      return context.memory();
    }

    @Override
    public void close() {
      mask.close();
      held.close();
    }
  }

  /**
   * Reads each task with the weights of the tasks up to it.
   *
   * @param twin takes a task's weights, and is closed with this
   * @param owners of each weight, closed with this
   * @param ofClasses whose the rows of the classes are
   */
  private record Unpacked(Net net, Net twin, NDArray owners, int[] ofClasses, Task last)
      implements Recall {
    @Override
    public Scores scores(NDArray images, Task task) {
      var tasks = new NDList();
      NDArray told = net.forward(Mode.EVAL, images).logits().toType(DataType.FLOAT64, false);
      int seen = 0;
      for (int number = 1; number <= last.number(); number++) {
        NDArray logits = logits(number, images);
        if (number == task.number()) {
          told = logits;
        }
        int from = seen;
        while (seen < ofClasses.length && ofClasses[seen] == number) {
          seen++;
        }
        if (seen > from) {
          tasks.add(logits.get(new NDIndex(":, " + from + ":" + seen)).softmax(1));
        }
      }
      if (seen < ofClasses.length) {
        tasks.add(told.get(new NDIndex(":, " + seen + ":")).zerosLike());
      }
      return new Scores(NDArrays.concat(tasks, 1), told, Optional.empty());
    }

    private NDArray logits(int task, NDArray images) {
      NDArray used = owners.lte(task).toType(net.precision().type(), false);
      twin.weights().set(new NDIndex(":"), net.weights().mul(used));
      return twin.forward(Mode.EVAL, images).logits().toType(DataType.FLOAT64, false);
    }

    @Override
    public void close() {
      twin.close();
      owners.close();
    }
  }
}
