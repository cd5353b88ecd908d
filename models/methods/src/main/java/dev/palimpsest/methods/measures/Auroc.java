package dev.palimpsest.methods.measures;

import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * The area under the receiver operating characteristic: how probable it is that one with the
 * property scores higher than one without, equal scores counting half.
 */
public final class Auroc {
  private Auroc() {}

  /**
   * From finite scores; empty unless some have the property and some have not.
   *
   * @param positive which have it
   */
  public static OptionalDouble of(double[] scores, boolean[] positive) {
    int[] order =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted((a, b) -> Double.compare(scores[a], scores[b]))
            .mapToInt(i -> i)
            .toArray();
    long positives = 0;
    long negatives = 0;
    double won = 0;
    for (int from = 0; from < order.length; ) {
      int to = from;
      long with = 0;
      long without = 0;
      while (to < order.length && scores[order[to]] == scores[order[from]]) {
        if (positive[order[to++]]) {
          with++;
        } else {
          without++;
        }
      }
      won += with * (negatives + without / 2.0);
      positives += with;
      negatives += without;
      from = to;
    }
    return positives == 0 || negatives == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(won / positives / negatives);
  }
}
