package dev.palimpsest.stages;

import dev.palimpsest.methods.measures.AccuracyMatrix;
import dev.palimpsest.methods.measures.AverageAccuracy;
import dev.palimpsest.methods.measures.BackwardTransfer;
import dev.palimpsest.methods.measures.Forgetting;
import dev.palimpsest.methods.measures.ForwardTransfer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * How a learner came through a stream of tasks, as it is stored; measures are fractions.
 *
 * @param label what tables call the learner
 * @param learner its name
 * @param seed of the run
 * @param tasks tasks learned
 * @param heads {@code fixed} or {@code growing}
 * @param classIncremental images are told apart among all classes so far
 * @param taskIncremental images are told apart among the classes of their task
 * @param recall task-incremental accuracy by age, from age 0
 * @param kept what was kept after each task
 */
record StreamResult(
    String label,
    String learner,
    long seed,
    int tasks,
    String heads,
    Setting classIncremental,
    Setting taskIncremental,
    List<Recall> recall,
    List<List<AccuracyRow.Kept>> kept) {
  /**
   * One way to ask.
   *
   * @param matrix row t has the accuracies on tasks 1 to t after task t
   * @param average final average accuracy
   * @param averages average accuracy after each task
   * @param forgetting absent for a single task
   * @param backwardTransfer absent for a single task
   * @param forwardTransfer absent where tasks to come were not measured
   */
  record Setting(
      List<List<Double>> matrix,
      double average,
      List<Double> averages,
      Optional<Double> forgetting,
      Optional<Double> backwardTransfer,
      Optional<Double> forwardTransfer) {
    static Setting of(AccuracyMatrix matrix) {
      return new Setting(
          matrix.rows(),
          AverageAccuracy.of(matrix).orElseThrow(),
          IntStream.rangeClosed(1, matrix.tasks())
              .mapToObj(t -> AverageAccuracy.after(matrix, t))
              .toList(),
          boxed(Forgetting.of(matrix)),
          boxed(BackwardTransfer.of(matrix)),
          boxed(ForwardTransfer.of(matrix)));
    }

    private static Optional<Double> boxed(OptionalDouble value) {
      return value.stream().boxed().findFirst();
    }
  }

  /**
   * How well tasks of one age are recalled.
   *
   * @param age tasks learned since
   * @param accuracy mean over all tasks that got so old, each at that age
   * @param bare the same read without rectifiers; absent for learners that have none
   * @param pairs how many tasks got so old
   */
  record Recall(int age, double accuracy, Optional<Double> bare, int pairs) {
    /** Of every age, from 0. */
    static List<Recall> of(AccuracyMatrix matrix, Optional<AccuracyMatrix> bare) {
      return IntStream.range(0, matrix.tasks())
          .mapToObj(age ->
              new Recall(
                  age,
                  matrix.recall(age),
                  bare.map(without -> without.recall(age)),
                  matrix.tasks() - age))
          .toList();
    }
  }

  /** What is kept beside the network after task {@code t}, counted from 1. */
  List<AccuracyRow.Kept> beside(int t) {
    return kept.get(t - 1).stream()
        .filter(each -> !each.part().equals(AccuracyRow.Kept.NETWORK))
        .toList();
  }
}
