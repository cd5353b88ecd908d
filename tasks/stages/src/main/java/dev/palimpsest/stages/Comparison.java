package dev.palimpsest.stages;

import dev.palimpsest.base.Mistake;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * What several learners made of one stream of tasks, over seeds, as it is stored; measures are
 * fractions.
 *
 * @param tasks tasks learned
 * @param learners in the order in which they were given
 */
record Comparison(int tasks, List<Learned> learners) {
  /**
   * A learner.
   *
   * @param label what tables call it
   * @param learner its name
   * @param seeds of its runs
   * @param keptBytes what it keeps beside the network after the last task
   * @param recall task-incremental accuracy by age, from age 0
   */
  record Learned(
      String label,
      String learner,
      List<Long> seeds,
      Mean keptBytes,
      Setting classIncremental,
      Setting taskIncremental,
      List<Recall> recall) {}

  /**
   * One way to ask, as in {@link StreamResult.Setting}.
   *
   * @param matrix means
   */
  record Setting(
      List<List<Double>> matrix,
      Mean average,
      List<Mean> averages,
      Optional<Mean> forgetting,
      Optional<Mean> backwardTransfer,
      Optional<Mean> forwardTransfer) {}

  /** How well tasks of one age are recalled, as in {@link StreamResult.Recall}. */
  record Recall(int age, Mean accuracy, Optional<Mean> bare) {}

  /**
   * Gathers the runs of each learner by its label.
   *
   * @throws Mistake if runs cannot be compared
   */
  static Comparison of(List<StreamResult> results) {
    if (results.isEmpty()) {
      throw new Mistake("there are no results to compare; expected one for each learner and seed.");
    }
    int tasks = results.getFirst().tasks();
    Map<String, List<StreamResult>> byLabel = new LinkedHashMap<>();
    for (StreamResult result : results) {
      if (result.tasks() != tasks) {
        throw new Mistake(
            named(result)
                + " learned "
                + result.tasks()
                + " tasks, "
                + named(results.getFirst())
                + " learned "
                + tasks
                + "; expected streams of one length.");
      }
      List<StreamResult> runs = byLabel.computeIfAbsent(result.label(), l -> new ArrayList<>());
      if (runs.stream().anyMatch(run -> run.seed() == result.seed())) {
        throw new Mistake(
            named(result)
                + " is there twice; expected each learner once with each seed, and learners that"
                + " differ under labels that differ.");
      }
      runs.add(result);
    }
    return new Comparison(tasks, byLabel.values().stream().map(Comparison::learned).toList());
  }

  private static String named(StreamResult result) {
    return "'" + result.label() + "' with seed " + result.seed();
  }

  private static Learned learned(List<StreamResult> runs) {
    StreamResult first = runs.getFirst();
    return new Learned(
        first.label(),
        first.learner(),
        runs.stream().map(StreamResult::seed).toList(),
        Mean.of(runs, Comparison::bytesBeside),
        setting(runs.stream().map(StreamResult::classIncremental).toList()),
        setting(runs.stream().map(StreamResult::taskIncremental).toList()),
        IntStream.range(0, first.tasks())
            .mapToObj(age ->
                new Recall(
                    age,
                    Mean.of(runs, run -> run.recall().get(age).accuracy()),
                    meanOfAll(runs, run -> run.recall().get(age).bare())))
            .toList());
  }

  private static double bytesBeside(StreamResult run) {
    return run.beside(run.tasks()).stream().mapToLong(AccuracyRow.Kept::bytes).sum();
  }

  private static Setting setting(List<StreamResult.Setting> runs) {
    List<List<Double>> shape = runs.getFirst().matrix();
    return new Setting(
        IntStream.range(0, shape.size())
            .mapToObj(t ->
                IntStream.rangeClosed(0, t)
                    .mapToObj(k -> Mean.of(runs, run -> run.matrix().get(t).get(k)).mean())
                    .toList())
            .toList(),
        Mean.of(runs, StreamResult.Setting::average),
        IntStream.range(0, shape.size())
            .mapToObj(t -> Mean.of(runs, run -> run.averages().get(t)))
            .toList(),
        meanOfAll(runs, StreamResult.Setting::forgetting),
        meanOfAll(runs, StreamResult.Setting::backwardTransfer),
        meanOfAll(runs, StreamResult.Setting::forwardTransfer));
  }

  /** Empty unless every run has a value. */
  private static <T> Optional<Mean> meanOfAll(
      Collection<T> runs, Function<T, Optional<Double>> value) {
    List<Double> values = runs.stream().flatMap(run -> value.apply(run).stream()).toList();
    return values.size() < runs.size() ? Optional.empty() : Optional.of(Mean.of(values));
  }
}
