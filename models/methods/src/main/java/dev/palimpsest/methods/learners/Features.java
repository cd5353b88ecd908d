package dev.palimpsest.methods.learners;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Scope;
import java.util.Arrays;
import java.util.List;

/** What a network's last block says of kept samples: vectors of length 1. */
final class Features {
  /** Stands for a length of zero. */
  static final double TINY = 1e-12;

  private static final int STEP = 256;

  private Features() {}

  /** [n][d], with running statistics. */
  static double[][] of(Net net, long[] imageShape, List<Sample> samples, boolean mirrored) {
    double[][] features = new double[samples.size()][];
    for (int from = 0; from < features.length; from += STEP) {
      int to = Math.min(features.length, from + STEP);
      try (Scope scope = Scope.open()) {
        NDArray images =
            new Replay(samples.subList(from, to), imageShape, net.compute(), net.precision())
                .batch()
                .images();
        NDArray embedding = net.forward(Mode.EVAL, mirrored ? images.flip(3) : images).embedding();
        double[] flat = embedding.toType(Precision.F64.type(), false).toDoubleArray();
        int width = flat.length / (to - from);
        for (int i = from; i < to; i++) {
          features[i] =
              normalised(Arrays.copyOfRange(flat, (i - from) * width, (i - from + 1) * width));
        }
      }
    }
    return features;
  }

  static double[] normalised(double... vector) {
    double length = Math.max(TINY, Math.sqrt(Arrays.stream(vector).map(x -> x * x).sum()));
    return Arrays.stream(vector).map(x -> x / length).toArray();
  }

  /** The mean of one or more vectors. */
  static double[] mean(double[][] vectors) {
    double[] mean = new double[vectors[0].length];
    for (double[] vector : vectors) {
      for (int j = 0; j < mean.length; j++) {
        mean[j] += vector[j] / vectors.length;
      }
    }
    return mean;
  }
}
