package dev.palimpsest.methods.detectors;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Set;

/**
 * Spectral signatures: within a class, poisoned images lie far out along the direction in which the
 * features vary most. The score is the squared coordinate along the top right singular vector of
 * the class's centred features (Tran et al. 2018, algorithm 1); those above a percentile of their
 * class are flagged.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class SpectralSignatures implements Detector<SpectralSignatures.Parameters> {
  /** The threshold. */
  public record Parameters(
      @Param(
              help = "percentile of a class's scores above which its images are flagged",
              value = "85",
              min = 0,
              max = 100)
          double percentile) {}

  @Override
  public String name() {
    return "spectral-signatures";
  }

  @Override
  public String summary() {
    return "Images far out along their class's top singular vector; needs no clean images.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "tran2018spectral",
        "Brandon Tran and Jerry Li and Aleksander Madry",
        "Spectral Signatures in Backdoor Attacks",
        "Advances in Neural Information Processing Systems (NeurIPS)",
        2018);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public Subject subject() {
    return Subject.IMAGES;
  }

  @Override
  public Set<Need> images() {
    return Set.of(Need.SUSPECTS);
  }

  @Override
  public Detection start(Parameters p, Net net, Evidence evidence, Randomness randomness) {
    return ClassFeatures.reading(net, evidence.suspects(this), features -> judged(p, features));
  }

  private static Finding judged(Parameters p, ClassFeatures features) {
    var scores = new ArrayList<>(Collections.nCopies(features.images(), 0.0));
    var flagged = new ArrayList<>(Collections.nCopies(features.images(), false));
    for (int label = 0; label < features.classes(); label++) {
      int[] places = features.places(label);
      if (places.length == 0) {
        continue;
      }
      double[] own =
          Arrays.stream(PrincipalComponents.of(features.centred(places), 1))
              .mapToDouble(row -> row[0] * row[0])
              .toArray();
      double threshold = percentile(own, p.percentile());
      for (int i = 0; i < places.length; i++) {
        scores.set(places[i], own[i]);
        flagged.set(places[i], own[i] > threshold);
      }
    }
    return new Finding(scores, flagged, new LinkedHashMap<>(), new LinkedHashMap<>());
  }

  /** Between neighbours by straight lines, as numpy does. */
  static double percentile(double[] values, double percentile) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double place = percentile / 100 * (sorted.length - 1);
    int below = (int) Math.floor(place);
    int above = Math.min(sorted.length - 1, below + 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
