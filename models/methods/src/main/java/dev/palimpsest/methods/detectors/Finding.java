package dev.palimpsest.methods.detectors;

import dev.palimpsest.base.Failure;
import dev.palimpsest.tensors.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * What a detector found.
 *
 * @param scores a finite number for each class or suspect image, higher the more suspicious
 * @param flagged by the detector's own rule, one for each score
 * @param byClass further numbers by name, one for each class
 * @param pictures by name, U8 [classes, C, H, W]; may be empty
 */
public record Finding(
    List<Double> scores,
    List<Boolean> flagged,
    SequencedMap<String, List<Double>> byClass,
    SequencedMap<String, Tensor> pictures) {
  public Finding {
    scores = List.copyOf(scores);
    flagged = List.copyOf(flagged);
    byClass = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(byClass));
    pictures = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(pictures));
    if (flagged.size() != scores.size()) {
      throw new IllegalArgumentException(
          flagged.size() + " flags for " + scores.size() + " scores");
    }
    for (int i = 0; i < scores.size(); i++) {
      if (!Double.isFinite(scores.get(i))) {
        throw new Failure(
            "score " + i + " of the detector is " + scores.get(i) + ": the network has diverged.");
      }
    }
  }
}
