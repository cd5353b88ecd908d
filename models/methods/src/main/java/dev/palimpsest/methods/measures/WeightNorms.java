package dev.palimpsest.methods.measures;

import dev.palimpsest.engine.Net;
import dev.palimpsest.tensors.Tensor;

/**
 * How large the parameters of a network are; running statistics do not count.
 *
 * @param l1 the sum of the absolute values
 * @param l2 the Euclidean length of all parameters
 * @param l2Sum the sum of the Euclidean lengths of the tensors, as the reference implementation of
 *     SBL computes "l2"
 */
public record WeightNorms(double l1, double l2, double l2Sum) {
  /** Of a network, summed in double precision. */
  public static WeightNorms of(Net net) {
    double l1 = 0;
    double squares = 0;
    double lengths = 0;
    for (Tensor tensor : net.byParameter(net.weights()).tensors().values()) {
      double own = 0;
      for (double value : Values.of(tensor)) {
        l1 += Math.abs(value);
        own += value * value;
      }
      squares += own;
      lengths += Math.sqrt(own);
    }
    return new WeightNorms(l1, Math.sqrt(squares), lengths);
  }
}
