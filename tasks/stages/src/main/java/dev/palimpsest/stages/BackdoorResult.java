package dev.palimpsest.stages;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Mistake;
import java.util.List;
import java.util.Map;

/**
 * How one backdoored network came through its defences, as it is stored; measures are fractions by
 * name: {@code cleanAccuracy}, {@code asr}, {@code robustAccuracy}.
 *
 * @param label what tables call the way in which it was trained
 * @param seed of the run
 * @param images test images
 * @param gradientEvaluations samples times backward passes of its training
 * @param before the measures before any defence
 * @param defences in the order in which they were given
 */
record BackdoorResult(
    String label,
    long seed,
    int images,
    long gradientEvaluations,
    Map<String, Double> before,
    List<Defended> defences) {
  /**
   * What a defence left.
   *
   * @param label what tables call it
   * @param course of each epoch, the first before the defence
   */
  record Defended(String label, String defence, List<Epoch> course) {
    static Defended of(Defend.Result result) {
      return new Defended(
          result.label(), result.defence(), result.course().stream().map(Epoch::of).toList());
    }

    Epoch last() {
      return course.getLast();
    }
  }

  /** The measures after an epoch of a defence. */
  record Epoch(int epoch, double cleanAccuracy, double asr) {
    private static Epoch of(JsonNode line) {
      if (!line.path("asr").isNumber()) {
        throw new Mistake(
            "a defence was measured without a poison plan; expected its course to have the ASR.");
      }
      return new Epoch(
          line.path("epoch").intValue(),
          line.path("cleanAccuracy").doubleValue(),
          line.path("asr").doubleValue());
    }
  }
}
