package dev.palimpsest.engine;

import java.util.random.RandomGenerator;

/**
 * One stream of random numbers. Everything is made from the generator's 64-bit words by the
 * formulas below, so the numbers do not depend on a Java version's library code.
 */
public final class RandomStream {
  private final RandomGenerator words;
  private double spare = Double.NaN;

  private RandomStream(RandomGenerator words) {
    this.words = words;
  }

  /** A stream over the words of {@code generator}; studies take theirs from {@link Randomness}. */
  public static RandomStream of(RandomGenerator generator) {
    return new RandomStream(generator);
  }

  public long nextLong() {
    return words.nextLong();
  }

  /** Uniform in [0, 1), 53 bits. */
  public double uniform() {
    return (words.nextLong() >>> 11) * 0x1.0p-53;
  }

  /** Uniform in [low, high). */
  public double uniform(double low, double high) {
    return low + (high - low) * uniform();
  }

  /** Uniform among 0 to bound-1, without bias. */
  public int below(int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("bound " + bound + " is not positive");
    }
    long limit = (1L << 62) - (1L << 62) % bound;
    long draw;
    do {
      draw = words.nextLong() >>> 2;
    } while (draw >= limit);
    return (int) (draw % bound);
  }

  public boolean coin() {
    return words.nextLong() < 0;
  }

  /** Standard normal, by Marsaglia's polar method. */
  public double gaussian() {
    if (!Double.isNaN(spare)) {
      double value = spare;
      spare = Double.NaN;
      return value;
    }
    double u;
    double v;
    double s;
    do {
      u = 2 * uniform() - 1;
      v = 2 * uniform() - 1;
      s = u * u + v * v;
    } while (s >= 1 || s == 0);
    double scale = StrictMath.sqrt(-2 * StrictMath.log(s) / s);
    spare = v * scale;
    return u * scale;
  }

  /** A uniform permutation of 0 to n-1, by Fisher and Yates. */
  public int[] permutation(int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = below(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
