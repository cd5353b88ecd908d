package dev.palimpsest.stages;

import dev.palimpsest.methods.detectors.Detector;
import dev.palimpsest.methods.detectors.Finding;
import dev.palimpsest.methods.measures.Auroc;
import dev.palimpsest.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a detector found, as it is stored.
 *
 * @param subject what the scores are of
 * @param needs which images the detector was given
 * @param flagged how many by the detector's own rule
 * @param truth absent without a plan
 * @param byClass further numbers, one for each class
 * @param scores higher is more suspicious
 * @param poisoned which of them are, by the plan; empty without one
 */
record DetectionResult(
    String detector,
    Detector.Subject subject,
    List<Detector.Need> needs,
    long flagged,
    Optional<Truth> truth,
    Map<String, List<Double>> byClass,
    List<Double> scores,
    List<Boolean> flags,
    List<Boolean> poisoned) {

  /**
   * How scores and flags compare with what the plan knows.
   *
   * @param poisoned how many there are: poisoned images, or classes that the attack aims at
   * @param auroc absent where all or none are
   * @param truePositiveRate the share of them that is flagged; absent without any
   * @param falsePositiveRate the share of the others that is flagged; absent without any
   */
  record Truth(
      long poisoned,
      Optional<Double> auroc,
      Optional<Double> truePositiveRate,
      Optional<Double> falsePositiveRate) {
    static Truth of(Finding finding, boolean... poisoned) {
      OptionalDouble area =
          Auroc.of(finding.scores().stream().mapToDouble(score -> score).toArray(), poisoned);
      return new Truth(
          count(finding, poisoned, true, false),
          area.isPresent() ? Optional.of(area.getAsDouble()) : Optional.empty(),
          share(finding, poisoned, true),
          share(finding, poisoned, false));
    }

    private static Optional<Double> share(Finding finding, boolean[] poisoned, boolean which) {
      long all = count(finding, poisoned, which, false);
      return all == 0
          ? Optional.empty()
          : Optional.of((double) count(finding, poisoned, which, true) / all);
    }

    private static long count(
        Finding finding, boolean[] poisoned, boolean which, boolean flaggedOnly) {
      long count = 0;
      for (int i = 0; i < poisoned.length; i++) {
        boolean counts = !flaggedOnly || finding.flagged().get(i);
        count += poisoned[i] == which && counts ? 1 : 0;
      }
      return count;
    }
  }

  /**
   * In one line.
   *
   * @param classes names, for what is flagged where the scores are of classes
   */
  Table table(String title, List<String> classes) {
    var notes = new ArrayList<String>();
    if (subject == Detector.Subject.CLASSES) {
      String names =
          IntStream.range(0, flags.size())
              .filter(flags::get)
              .mapToObj(label -> label < classes.size() ? classes.get(label) : "class " + label)
              .collect(Collectors.joining(", "));
      notes.add("Flagged: " + (names.isEmpty() ? "none" : names) + ".");
    }
    truth.ifPresent(known ->
        notes.add(
            (subject == Detector.Subject.CLASSES ? "Targets" : "Poisoned")
                + " by the plan: "
                + known.poisoned()
                + "."));
    return new Table(
        title,
        List.of(
            Table.Column.text("detector"),
            Table.Column.number("", subject.label(), "", 0),
            Table.Column.number("", "flagged", "", 0),
            Table.Column.number("", "AUROC", "", 3),
            Table.Column.number("", "true positives", "%", 1),
            Table.Column.number("", "false positives", "%", 1)),
        List.of(
            List.of(
                Table.Cell.of(detector),
                Table.Cell.of(scores.size()),
                Table.Cell.of(flagged),
                cell(truth.flatMap(Truth::auroc), 1),
                cell(truth.flatMap(Truth::truePositiveRate), 100),
                cell(truth.flatMap(Truth::falsePositiveRate), 100))),
        notes);
  }

  private static Table.Cell cell(Optional<Double> value, double scale) {
    return value.map(its -> Table.Cell.of(scale * its)).orElseGet(Table.Cell::none);
  }
}
