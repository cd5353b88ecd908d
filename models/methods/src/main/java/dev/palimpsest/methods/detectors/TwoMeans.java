package dev.palimpsest.methods.detectors;

import dev.palimpsest.engine.RandomStream;

/**
 * Two clusters by Lloyd's algorithm from k-means++ beginnings; the tightest of several tries.
 *
 * @param second which points belong to the second cluster, the one with no more points
 * @param centres of the first and of the second
 */
record TwoMeans(boolean[] second, double[][] centres) {
  private static final int TRIES = 10;
  private static final int ROUNDS = 300;

  /** Clusters two points or more. */
  static TwoMeans of(double[][] points, RandomStream stream) {
    TwoMeans best = from(begin(points, stream), points);
    for (int i = 1; i < TRIES; i++) {
      TwoMeans another = from(begin(points, stream), points);
      best = another.spread(points) < best.spread(points) ? another : best;
    }
    return best.smallerSecond();
  }

  /** A point, and another drawn in proportion to its squared distance. */
  private static double[][] begin(double[][] points, RandomStream stream) {
    double[] first = points[stream.below(points.length)];
    double total = 0;
    for (double[] point : points) {
      total += squaredDistance(point, first);
    }
    double left = stream.uniform() * total;
    int chosen = 0;
    while (chosen < points.length - 1 && left >= squaredDistance(points[chosen], first)) {
      left -= squaredDistance(points[chosen++], first);
    }
    return new double[][] {first.clone(), points[chosen].clone()};
  }

  private static TwoMeans from(double[][] centres, double[][] points) {
    boolean[] second = new boolean[points.length];
    for (int round = 0; round < ROUNDS; round++) {
      boolean moved = round == 0;
      for (int i = 0; i < points.length; i++) {
        boolean nearer =
            squaredDistance(points[i], centres[1]) < squaredDistance(points[i], centres[0]);
        moved |= nearer != second[i];
        second[i] = nearer;
      }
      if (!moved) {
        break;
      }
      centre(points, second, false, centres[0]);
      centre(points, second, true, centres[1]);
    }
    return new TwoMeans(second, centres);
  }

  /** Moves a centre to the mean of its points; it stays where it has none. */
  private static void centre(double[][] points, boolean[] second, boolean which, double[] centre) {
    double[] sum = new double[centre.length];
    int count = 0;
    for (int i = 0; i < points.length; i++) {
      if (second[i] == which) {
        count++;
        for (int j = 0; j < sum.length; j++) {
          sum[j] += points[i][j];
        }
      }
    }
    for (int j = 0; count > 0 && j < sum.length; j++) {
      centre[j] = sum[j] / count;
    }
  }

  private double spread(double[][] points) {
    double sum = 0;
    for (int i = 0; i < points.length; i++) {
      sum += squaredDistance(points[i], centres[second[i] ? 1 : 0]);
    }
    return sum;
  }

  private TwoMeans smallerSecond() {
    if (2 * inSecond() <= second.length) {
      return this;
    }
    boolean[] other = new boolean[second.length];
    for (int i = 0; i < other.length; i++) {
      other[i] = !second[i];
    }
    return new TwoMeans(other, new double[][] {centres[1], centres[0]});
  }

  /** How many points the second cluster has. */
  int inSecond() {
    int count = 0;
    for (boolean each : second) {
      count += each ? 1 : 0;
    }
    return count;
  }

  /**
   * The mean over points of (b - a) / max(a, b), a being the mean distance to the others of the
   * point's own cluster and b that to the points of the other; a point alone in its cluster has 0.
   */
  double silhouette(double[][] points) {
    int[] size = {points.length - inSecond(), inSecond()};
    double sum = 0;
    for (int i = 0; i < points.length; i++) {
      int own = second[i] ? 1 : 0;
      if (size[own] < 2 || size[1 - own] == 0) {
        continue;
      }
      double[] distances = new double[2];
      for (int j = 0; j < points.length; j++) {
        distances[second[j] ? 1 : 0] += Math.sqrt(squaredDistance(points[i], points[j]));
      }
      double a = distances[own] / (size[own] - 1);
      double b = distances[1 - own] / size[1 - own];
      sum += a == b ? 0 : (b - a) / Math.max(a, b);
    }
    return sum / points.length;
  }

  static double squaredDistance(double[] one, double[] other) {
    double sum = 0;
    for (int j = 0; j < one.length; j++) {
      sum += (one[j] - other[j]) * (one[j] - other[j]);
    }
    return sum;
  }
}
