package dev.palimpsest.engine;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How the learning rate moves from epoch to epoch. */
public enum Schedule {
  CONSTANT {
    @Override
    public double rate(double base, int epoch, int period) {
      return base;
    }
  },
  /** Cosine annealing (Loshchilov and Hutter 2017) without restarts: it rises after the period. */
  COSINE {
    @Override
    public double rate(double base, int epoch, int period) {
      return base * (1 + StrictMath.cos(Math.PI * epoch / period)) / 2;
    }
  },
  /** A tenth whenever the loss on held-out images stops falling; see {@link Plateau}. */
  PLATEAU {
    @Override
    public double rate(double base, int epoch, int period) {
      return base;
    }
  };

  /**
   * The rate in an epoch, as far as it follows from the epoch alone.
   *
   * @param base the first epoch's rate
   * @param epoch 0 for the first
   * @param period epochs after which the cosine is at its lowest (T_max)
   */
  public abstract double rate(double base, int epoch, int period);

  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
