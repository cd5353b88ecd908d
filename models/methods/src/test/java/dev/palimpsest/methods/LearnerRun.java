package dev.palimpsest.methods;

import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
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
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
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
   * With default parameters; {@code interrupted} after each first step, and carried on elsewhere.
   */
  public static <P extends Record> LearnerRun of(Learner<P> learner, boolean interrupted) {
    return of(learner, Samples.defaults(learner), interrupted);
  }

  public static <P extends Record> LearnerRun of(
      Learner<P> learner, P parameters, boolean interrupted) {
    try (Compute compute = Compute.open("cpu", 1)) {
      int before = compute.liveArrays();
      Memory memory = Memory.EMPTY;
      var scores = new ArrayList<Double>();
      Tensors network;
      try (Net net = Samples.net(compute)) {
        for (int number = 1; number <= SIZES.size(); number++) {
          memory = learned(learner, parameters, net, memory, number, interrupted);
        }
        try (Recall recall = learner.recall(parameters, net, memory, Task.of(SIZES, 2))) {
          for (int number = 1; number <= SIZES.size(); number++) {
            ask(recall, net, number, scores);
          }
        }
        network = net.state();
      }
      return new LearnerRun(network, memory, scores, compute.liveArrays() - before);
    }
  }

  private static <P extends Record> Memory learned(
      Learner<P> learner, P parameters, Net net, Memory memory, int number, boolean interrupted) {
    try (Images images = images(net.compute(), learner.learnsJointly() ? 1 : number, number);
        Net former = net.twin()) {
      Memory trained =
          trained(learner, parameters, context(net, images, memory, number), interrupted);
      TaskContext after =
          context(net, images, trained, number)
              .after(number == 1 ? Optional.empty() : Optional.of(former));
      Tensors start = net.state();
      Supplier<Consolidation> work = () -> learner.consolidation(parameters, after);
      Consolidation consolidation = work.get();
      if (interrupted && !consolidation.finished()) {
        consolidation.step();
        Tensors saved = consolidation.state();
        consolidation.close();
        net.load(start);
        consolidation = work.get();
        consolidation.restore(saved);
      }
      finish(consolidation);
      Memory kept = consolidation.memory();
      consolidation.close();
      return kept;
    }
  }

  private static <P extends Record> Memory trained(
      Learner<P> learner, P parameters, TaskContext context, boolean interrupted) {
    Net net = context.net();
    Recipe recipe = Recipe.of(2, 5, Sgd.Settings.of(0.05, 0.9, 5e-4)).with(AUGMENTATION);
    Tensors start = net.state();
    TaskLesson lesson = learner.lesson(parameters, context);
    Training training = training(context, recipe, lesson);
    if (interrupted) {
      training.step();
      Tensors saved = training.state();
      training.close();
      lesson.close();
      net.load(start);
      lesson = learner.lesson(parameters, context);
      training = training(context, recipe, lesson);
      training.restore(saved);
    }
    finish(training);
    Memory kept = lesson.memory();
    training.close();
    lesson.close();
    return kept;
  }

  private static Training training(TaskContext context, Recipe recipe, TaskLesson lesson) {
    return Training.of(
        context.net(), context.data(), recipe, Poisoner.NONE, lesson, context.randomness());
  }

  private static void finish(Stepwise work) {
    while (!work.finished()) {
      work.step();
    }
  }

  private static TaskContext context(Net net, Images images, Memory memory, int number) {
    return new TaskContext(
        Task.of(SIZES, number),
        net,
        Optional.empty(),
        images,
        Optional.of(images),
        memory,
        AUGMENTATION,
        Randomness.of(3).within("task-" + number));
  }

  private static void ask(Recall recall, Net net, int number, List<Double> scores) {
    try (Images images = images(net.compute(), number, number);
        Scope scope = Scope.open()) {
      var batch =
          images.batch(net.precision(), IntStream.range(0, images.size()).toArray()).images();
      Recall.Scores answer = recall.scores(batch, Task.of(SIZES, number));
      for (var part : List.of(answer.classIncremental(), answer.taskIncremental())) {
        for (float score : part.toFloatArray()) {
          scores.add((double) score);
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
