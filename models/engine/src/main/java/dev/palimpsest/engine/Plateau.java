package dev.palimpsest.engine;

import dev.palimpsest.tensors.Tensor;

/**
 * Lowers a rate when a loss no longer falls, by the rule of torch's ReduceLROnPlateau.
 *
 * <p>A loss is better when it is below (1 - 1e-4) of the best so far; NaN and Infinity never are.
 * At the epoch after {@code patience} epochs in a row that were no better the rate is multiplied by
 * {@code factor}, unless that would change it by 1e-8 or less, and the count starts anew.
 */
public final class Plateau {
  private static final double THRESHOLD = 1e-4;
  private static final double LEAST_CHANGE = 1e-8;

  private final int patience;
  private final double factor;
  private double rate;
  private double best = Double.POSITIVE_INFINITY;
  private int bad;

  /**
   * Begins.
   *
   * @param rate the rate of the first epoch
   * @param patience epochs in a row that may be no better
   */
  public Plateau(double rate, int patience, double factor) {
    this.rate = rate;
    this.patience = patience;
    this.factor = factor;
  }

  /** Patience 3, factor 0.1. */
  public static Plateau of(double rate) {
    return new Plateau(rate, 3, 0.1);
  }

  /** The rate in force. */
  public double rate() {
    return rate;
  }

  /** Takes in an epoch's loss; returns the rate of the next epoch. */
  public double next(double loss) {
    if (loss < best * (1 - THRESHOLD)) {
      best = loss;
      bad = 0;
    } else {
      bad++;
    }
    if (bad > patience) {
      bad = 0;
      double lower = rate * factor;
      if (rate - lower > LEAST_CHANGE) {
        rate = lower;
      }
    }
    return rate;
  }

  /** F64 [3]: the rate, the best loss so far, how many epochs in a row were no better. */
  public Tensor state() {
    return Tensor.of(new double[] {rate, best, bad}, 3);
  }

  /** Carries on from a state. */
  public void restore(Tensor state) {
    double[] values = state.doubles();
    rate = values[0];
    best = values[1];
    bad = (int) values[2];
  }
}
