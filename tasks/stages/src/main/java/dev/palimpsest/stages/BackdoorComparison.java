package dev.palimpsest.stages;

import dev.palimpsest.base.Mistake;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What several ways to train a backdoored network came to, over seeds, as it is stored; measures
 * are fractions.
 *
 * @param images test images
 * @param arms in the order in which they were given
 */
record BackdoorComparison(int images, List<Arm> arms) {
  /**
   * One way to train.
   *
   * @param label what tables call it
   * @param seeds of its runs
   * @param gradientEvaluations samples times backward passes of its training
   */
  record Arm(
      String label,
      List<Long> seeds,
      double gradientEvaluations,
      Mean cleanAccuracy,
      Mean asr,
      List<Defended> defences) {}

  /**
   * What a defence left.
   *
   * @param cleanAccuracy after it
   * @param asr after it
   * @param asrs after it, of each seed
   */
  record Defended(
      String label, Mean cleanAccuracy, Mean asr, List<Double> asrs, List<Epoch> course) {}

  /** After an epoch of a defence, the first before it. */
  record Epoch(int epoch, Mean cleanAccuracy, Mean asr) {}

  /**
   * Gathers the runs of each way by its label.
   *
   * @throws Mistake if runs cannot be compared
   */
  static BackdoorComparison of(List<BackdoorResult> results) {
    if (results.isEmpty()) {
      throw new Mistake("there are no results to compare; expected one for each way and seed.");
    }
    BackdoorResult first = results.getFirst();
    Map<String, List<BackdoorResult>> byLabel = new LinkedHashMap<>();
    for (BackdoorResult result : results) {
      List<BackdoorResult> runs = byLabel.computeIfAbsent(result.label(), l -> new ArrayList<>());
      if (runs.stream().anyMatch(run -> run.seed() == result.seed())) {
        throw new Mistake(
            named(result)
                + " is there twice; expected each way once with each seed, and ways that differ"
                + " under labels that differ.");
      }
      if (!defences(result).equals(defences(first))) {
        throw new Mistake(
            named(result)
                + " was defended by "
                + String.join(", ", defences(result))
                + ", "
                + named(first)
                + " by "
                + String.join(", ", defences(first))
                + "; expected the same defences of the same length.");
      }
      runs.add(result);
    }
    return new BackdoorComparison(
        first.images(), byLabel.values().stream().map(BackdoorComparison::arm).toList());
  }

  private static String named(BackdoorResult result) {
    return "'" + result.label() + "' with seed " + result.seed();
  }

  private static List<String> defences(BackdoorResult result) {
    return result.defences().stream()
        .map(each -> each.label() + " (" + (each.course().size() - 1) + " epochs)")
        .toList();
  }

  private static Arm arm(List<BackdoorResult> runs) {
    BackdoorResult first = runs.getFirst();
    return new Arm(
        first.label(),
        runs.stream().map(BackdoorResult::seed).toList(),
        Mean.of(runs, BackdoorResult::gradientEvaluations).mean(),
        Mean.of(runs, run -> before(run, "cleanAccuracy")),
        Mean.of(runs, run -> before(run, "asr")),
        IntStream.range(0, first.defences().size())
            .mapToObj(i -> defended(runs.stream().map(run -> run.defences().get(i)).toList()))
            .toList());
  }

  private static double before(BackdoorResult run, String measure) {
    Double value = run.before().get(measure);
    if (value == null) {
      throw new Mistake(
          named(run) + " was evaluated without its " + measure + "; expected a poison plan there.");
    }
    return value;
  }

  private static Defended defended(List<BackdoorResult.Defended> runs) {
    return new Defended(
        runs.getFirst().label(),
        Mean.of(runs, run -> run.last().cleanAccuracy()),
        Mean.of(runs, run -> run.last().asr()),
        runs.stream().map(run -> run.last().asr()).toList(),
        IntStream.range(0, runs.getFirst().course().size())
            .mapToObj(i ->
                new Epoch(
                    runs.getFirst().course().get(i).epoch(),
                    Mean.of(runs, run -> run.course().get(i).cleanAccuracy()),
                    Mean.of(runs, run -> run.course().get(i).asr())))
            .toList());
  }

  List<String> labels() {
    return arms.stream().map(Arm::label).toList();
  }

  List<List<Long>> seeds() {
    return arms.stream().map(Arm::seeds).toList();
  }

  /** The defences' labels. */
  List<String> defences() {
    return arms.getFirst().defences().stream().map(Defended::label).toList();
  }

  /** What acc and ASR are, for a note below a table. */
  static String measures(int images) {
    return String.format(
        Locale.ROOT,
        "acc: clean accuracy on %,d test images; ASR: share of triggered images of other classes"
            + " taken for the target.",
        images);
  }
}
