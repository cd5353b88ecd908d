package dev.palimpsest.methods;

import ai.djl.ndarray.types.DataType;
import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Optimiser;
import dev.palimpsest.engine.Poisoner;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.engine.Training;
import dev.palimpsest.methods.learners.Consolidation;
import dev.palimpsest.methods.learners.Learner;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.Recall;
import dev.palimpsest.methods.learners.Task;
import dev.palimpsest.methods.learners.TaskContext;
import dev.palimpsest.methods.learners.TaskLesson;
import dev.palimpsest.methods.networks.ResNetSmall;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A learner on two tasks of the sample images, two classes each.
 *
 * @param network after both tasks
 * @param memory after both tasks
 * @param scores of all images in the end, class- and task-incremental
 * @param arraysLeft native arrays that were not closed
 */
public record LearnerRun(Tensors network, Memory memory, List<Double> scores, int arraysLeft) {
  private static final List<Integer> SIZES = List.of(2, 2);
  private static final Augmentation AUGMENTATION = new Augmentation(1, true);

  /**
   * How the tasks are learned.
   *
   * @param growing whether the classifier has the classes of the tasks so far only
   */
  public record Way(Recipe recipe, boolean growing) {
    /** SGD with momentum and weight decay, all classes from the start. */
    public static final Way PLAIN = of(Sgd.Settings.of(0.05, 0.9, 5e-4));

    public static Way of(Optimiser.Settings optimiser) {
      return new Way(Recipe.of(2, 5, optimiser).with(AUGMENTATION), false);
    }

    /** The network at a task; {@code state} is that after the one before. */
    private Net net(Compute compute, int task, Tensors state) {
      int classes = growing ? Task.of(SIZES, task).end() : Samples.CLASSES;
      var forward = new ResNetSmall().forward(ResNetSmall.Parameters.plain(), classes);
      Net net = Samples.net(compute, forward, Randomness.of(5));
      if (!state.tensors().isEmpty()) {
        var grown = new Tensors.Builder();
        state
            .tensors()
            .forEach((name, tensor) ->
                grown.put(name, name.startsWith("linear.") ? tensor.withRows(classes) : tensor));
        net.load(grown.build());
      }
      return net;
    }
  }

  /**
   * With default parameters; {@code interrupted} after each first step, and carried on elsewhere.
   */
  public static <P extends Record> LearnerRun of(Learner<P> learner, boolean interrupted) {
    return of(learner, Samples.defaults(learner), interrupted);
  }

  public static <P extends Record> LearnerRun of(
      Learner<P> learner, P parameters, boolean interrupted) {
    return of(learner, parameters, Way.PLAIN, interrupted);
  }

  /** In a way of its own. */
  public static <P extends Record> LearnerRun of(
      Learner<P> learner, P parameters, Way way, boolean interrupted) {
    try (Compute compute = Compute.open("cpu", 1)) {
      int before = compute.liveArrays();
      var learning = new Learning<>(learner, parameters, way, interrupted);
      Memory memory = Memory.EMPTY;
      Tensors network = Memory.EMPTY.tensors();
      for (int number = 1; number <= SIZES.size(); number++) {
        try (Net net = way.net(compute, number, network);
            Net former = way.net(compute, Math.max(1, number - 1), network);
            Images images = images(compute, learner.learnsJointly() ? 1 : number, number)) {
          Optional<Net> formerOne = number == 1 ? Optional.empty() : Optional.of(former);
          Task task = Task.of(SIZES, number);
          memory = learning.trained(context(net, images, memory, task));
          memory = learning.consolidated(context(net, images, memory, task).after(formerOne));
          network = net.state();
        }
      }
      var scores = new ArrayList<Double>();
      try (Net net = way.net(compute, SIZES.size(), network);
          Recall recall = learner.recall(parameters, net, memory, Task.of(SIZES, SIZES.size()))) {
        for (int number = 1; number <= SIZES.size(); number++) {
          ask(recall, net, number, scores);
        }
      }
      return new LearnerRun(network, memory, scores, compute.liveArrays() - before);
    }
  }

  /**
   * As in SBL: the first task is trained without the learner, the second has the same classes and
   * ends with its training.
   */
  public static <P extends Record> LearnerRun further(Learner<P> learner, boolean interrupted) {
    P parameters = Samples.defaults(learner);
    try (Compute compute = Compute.open("cpu", 1)) {
      int before = compute.liveArrays();
      var learning = new Learning<>(learner, parameters, Way.PLAIN, interrupted);
      Task first = Task.only(Samples.CLASSES);
      Memory memory;
      Tensors network;
      try (Net net = Samples.net(compute);
          Images images = Samples.images(compute);
          Training training =
              training(context(net, images, Memory.EMPTY, first), Way.PLAIN, Lesson.PLAIN)) {
        finish(training);
        memory = learning.consolidated(context(net, images, Memory.EMPTY, first));
        memory = learning.trained(context(net, images, memory, Task.further(Samples.CLASSES)));
        network = net.state();
      }
      return new LearnerRun(network, memory, List.of(), compute.liveArrays() - before);
    }
  }

  /** A learner's two kinds of work. */
  private record Learning<P extends Record>(
      Learner<P> learner, P parameters, Way way, boolean interrupted) {
    Memory consolidated(TaskContext context) {
      Tensors start = context.net().state();
      Consolidation consolidation = learner.consolidation(parameters, context);
      if (interrupted && !consolidation.finished()) {
        consolidation.step();
        Tensors saved = consolidation.state();
        consolidation.close();
        context.net().load(start);
        consolidation = learner.consolidation(parameters, context);
        consolidation.restore(saved);
      }
      finish(consolidation);
      Memory kept = consolidation.memory();
      consolidation.close();
      return kept;
    }

    Memory trained(TaskContext context) {
      Tensors start = context.net().state();
      TaskLesson lesson = learner.lesson(parameters, context);
      Training training = training(context, way, lesson);
      if (interrupted) {
        training.step();
        Tensors saved = training.state();
        training.close();
        lesson.close();
        context.net().load(start);
        lesson = learner.lesson(parameters, context);
        training = training(context, way, lesson);
        training.restore(saved);
      }
      finish(training);
      Memory kept = lesson.memory();
      training.close();
      lesson.close();
      return kept;
    }
  }

  private static Training training(TaskContext context, Way way, Lesson lesson) {
    return Training.of(
        context.net(), context.data(), way.recipe(), Poisoner.NONE, lesson, context.randomness());
  }

  private static void finish(Stepwise work) {
    while (!work.finished()) {
      work.step();
    }
  }

  private static TaskContext context(Net net, Images images, Memory memory, Task task) {
    return new TaskContext(
        task,
        net,
        Optional.empty(),
        images,
        Optional.of(images),
        memory,
        AUGMENTATION,
        Randomness.of(3).within("task-" + task.number()));
  }

  private static void ask(Recall recall, Net net, int number, List<Double> scores) {
    try (Images images = images(net.compute(), number, number);
        Scope scope = Scope.open()) {
      var batch =
          images.batch(net.precision(), IntStream.range(0, images.size()).toArray()).images();
      Recall.Scores answer = recall.scores(batch, Task.of(SIZES, number));
      for (var part : List.of(answer.classIncremental(), answer.taskIncremental())) {
        for (double score : part.toType(DataType.FLOAT64, false).toDoubleArray()) {
          scores.add(score);
        }
      }
    }
  }

  /** The sample images of the tasks from one to another. */
  private static Images images(Compute compute, int from, int to) {
    int first = Task.of(SIZES, from).first();
    int end = Task.of(SIZES, to).end();
    byte[] all = Samples.bytes().bytes();
    long[] labels = Samples.labels();
    int stride = all.length / labels.length;
    int[] places =
        IntStream.range(0, labels.length)
            .filter(i -> labels[i] >= first && labels[i] < end)
            .toArray();
    byte[] bytes = new byte[places.length * stride];
    for (int i = 0; i < places.length; i++) {
      System.arraycopy(all, places[i] * stride, bytes, i * stride, stride);
    }
    return Images.of(
        compute,
        Tensor.of(bytes, places.length, Samples.CHANNELS, Samples.SIDE, Samples.SIDE),
        Tensor.of(Arrays.stream(places).mapToLong(i -> labels[i]).toArray(), places.length),
        Samples.CLASSES);
  }
}
