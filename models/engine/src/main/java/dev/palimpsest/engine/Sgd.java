package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.tensors.Tensors;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stochastic gradient descent with momentum on a vector, by torch's formula.
 *
 * <p>d = g + wd w; v = d at the first step, then v = mu v + (1 - dampening) d; w -= lr (d + mu v)
 * with Nesterov's momentum, otherwise w -= lr v. Without momentum w -= lr d.
 */
public final class Sgd implements Optimiser {
  private static final String VELOCITY = "velocity";

  /**
   * The constants.
   *
   * @param rate learning rate of the first epoch
   * @param weightDecay L2 penalty that is added to the gradient
   */
  public record Settings(
      double rate, double momentum, double dampening, double weightDecay, boolean nesterov)
      implements Optimiser.Settings {
    public static Settings of(double rate, double momentum, double weightDecay) {
      return new Settings(rate, momentum, 0, weightDecay, false);
    }

    @Override
    public Sgd start() {
      return new Sgd(this);
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

  @Override
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

  /** The momentum buffer, {@code velocity}. */
  @Override
  public Tensors state() {
    var state = new Tensors.Builder();
    velocity().ifPresent(v -> state.put(VELOCITY, Compute.tensor(v)));
    return state.build();
  }

  @Override
  public void restore(Compute compute, Tensors state) {
    restore(
        state.tensors().isEmpty()
            ? Optional.empty()
            : Optional.of(compute.array(state.get(VELOCITY))));
  }

  @Override
  public void close() {
    if (velocity != null) {
      velocity.close();
      velocity = null;
    }
  }
}
