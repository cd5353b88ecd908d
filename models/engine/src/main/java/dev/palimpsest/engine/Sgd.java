package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stochastic gradient descent with momentum on a vector, by torch's formula.
 *
 * <p>d = g + wd w; v = d at the first step, then v = mu v + (1 - dampening) d; w -= lr (d + mu v)
 * with Nesterov's momentum, otherwise w -= lr v. Without momentum w -= lr d.
 */
public final class Sgd implements AutoCloseable {
  /**
   * The constants.
   *
   * @param rate learning rate of the first epoch
   * @param weightDecay L2 penalty that is added to the gradient
   */
  public record Settings(
      double rate, double momentum, double dampening, double weightDecay, boolean nesterov) {
    public static Settings of(double rate, double momentum, double weightDecay) {
      return new Settings(rate, momentum, 0, weightDecay, false);
    }
  }

  private final Settings settings;
  private @Nullable NDArray velocity;

  public Sgd(Settings settings) {
    this.settings = settings;
  }

  public Settings settings() {
    return settings;
  }

  /** Moves {@code weights} in place; {@code gradient} is left as it is. */
  public void step(NDArray weights, NDArray gradient, double rate) {
    try (Scope scope = Scope.open()) {
      NDArray d =
          settings.weightDecay() == 0
              ? gradient
              : weights.mul(settings.weightDecay()).addi(gradient);
      if (settings.momentum() != 0) {
        NDArray v = velocity;
        if (v == null) {
          v = scope.keep(d.duplicate());
          velocity = v;
        } else {
          v.muli(settings.momentum());
          v.addi(settings.dampening() == 0 ? d : d.mul(1 - settings.dampening()));
        }
        d = settings.nesterov() ? v.mul(settings.momentum()).addi(d) : v;
      }
      weights.subi(d.mul(rate));
    }
  }

  /** The momentum buffer; empty before the first step. */
  public Optional<NDArray> velocity() {
    return Optional.ofNullable(velocity);
  }

  /** Takes over a momentum buffer, and closes it in the end. */
  public void restore(Optional<NDArray> newVelocity) {
    close();
    velocity = newVelocity.orElse(null);
  }

  @Override
  public void close() {
    if (velocity != null) {
      velocity.close();
      velocity = null;
    }
  }
}
