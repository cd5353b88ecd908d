package dev.palimpsest.methods.learners;

import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Chooses exemplars of a class one after the other, each so that the mean of those chosen comes
 * nearest to the mean of all (Welling, ICML 2009); features have length 1, their mean has not.
 */
final class Herding {
  private static final int STEP = 256;

  private Herding() {}

  /** {@code share} exemplars of each class so far, class by class, in the order of their choice. */
  static List<Sample> exemplars(TaskContext context, List<Sample> former, int share) {
    Task task = context.task();
    Images data = context.data();
    List<Sample> candidates = new ArrayList<>(former);
    candidates.addAll(samples(context));
    var exemplars = new ArrayList<Sample>();
    for (int label = 0; label < task.seen(); label++) {
      int own = label;
      List<Sample> of = candidates.stream().filter(sample -> sample.label() == own).toList();
      boolean earlier = label < task.first() || label >= task.end();
      int[] order =
          earlier
              ? IntStream.range(0, Math.min(share, of.size())).toArray()
              : order(Features.of(context.net(), data.imageShape(), of, false), share);
      for (int place : order) {
        exemplars.add(of.get(place));
      }
    }
    return exemplars;
  }

  private static List<Sample> samples(TaskContext context) {
    Images data = context.data();
    var samples = new ArrayList<Sample>();
    for (int from = 0; from < data.size(); from += STEP) {
      int[] places = IntStream.range(from, Math.min(data.size(), from + STEP)).toArray();
      try (Scope scope = Scope.open()) {
        Batch raw = data.batch(context.net().precision(), places);
        samples.addAll(
            Buffer.samples(raw, context.task().number(), Optional.empty(), Optional.empty()));
      }
    }
    return samples;
  }

  /** The places of at most {@code most} of the features [n][d], in the order of their choice. */
  static int[] order(double[][] features, int most) {
    if (features.length == 0) {
      return new int[0];
    }
    double[] mean = Features.mean(features);
    double[] sum = new double[mean.length];
    boolean[] chosen = new boolean[features.length];
    int[] order = new int[Math.min(most, features.length)];
    for (int k = 0; k < order.length; k++) {
      int best = -1;
      double least = Double.POSITIVE_INFINITY;
      for (int i = 0; i < features.length; i++) {
        double distance = chosen[i] ? Double.POSITIVE_INFINITY : 0;
        for (int j = 0; j < mean.length && distance < least; j++) {
          double gap = mean[j] - (features[i][j] + sum[j]) / (k + 1);
          distance += gap * gap;
        }
        if (distance < least) {
          least = distance;
          best = i;
        }
      }
      order[k] = best;
      chosen[best] = true;
      for (int j = 0; j < sum.length; j++) {
        sum[j] += features[best][j];
      }
    }
    return order;
  }
}
