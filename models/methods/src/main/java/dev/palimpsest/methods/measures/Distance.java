package dev.palimpsest.methods.measures;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Scope;

/**
 * How far the parameters of two networks lie apart; running statistics do not count.
 *
 * @param parameters how many there are
 * @param l0 how many of them differ at all
 * @param l1 the sum of the absolute differences
 * @param l2 the Euclidean length of the difference
 * @param linf the greatest absolute difference
 */
public record Distance(long parameters, long l0, double l1, double l2, double linf) {
  /**
   * Between two networks of one architecture, summed in double precision.
   *
   * @throws Mistake if they have other numbers of parameters
   */
  public static Distance between(Net one, Net other) {
    double[] from = values(one);
    double[] to = values(other);
    if (from.length != to.length) {
      throw new Mistake(
          "the networks have "
              + from.length
              + " and "
              + to.length
              + " parameters; expected two of one architecture.");
    }
    long l0 = 0;
    double l1 = 0;
    double squares = 0;
    double linf = 0;
    for (int i = 0; i < from.length; i++) {
      double apart = Math.abs(to[i] - from[i]);
      l0 += apart == 0 ? 0 : 1;
      l1 += apart;
      squares += apart * apart;
      linf = Math.max(linf, apart);
    }
    return new Distance(from.length, l0, l1, Math.sqrt(squares), linf);
  }

  private static double[] values(Net net) {
    try (Scope scope = Scope.open()) {
      return Compute.tensor(net.weights().toType(Precision.F64.type(), false)).doubles();
    }
  }
}
