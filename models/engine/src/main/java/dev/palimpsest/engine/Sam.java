package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;

/**
 * Sharpness-aware minimisation (Foret et al., ICLR 2021): the gradient at the point to which the
 * loss rises most within radius rho.
 *
 * <p>e = rho g / (||g|| + 1e-12); adaptive (Kwon et al., ICML 2021): e = rho w^2 g / (|| |w| g || +
 * 1e-12). Norms are over the whole vector, without weight decay.
 *
 * @param rho radius of the neighbourhood
 * @param adaptive whether the radius scales with each weight
 */
public record Sam(double rho, boolean adaptive) implements Sharpening {
  private static final double TINY = 1e-12;

  /** The displacement for a gradient; belongs to the open {@link Scope}. */
  public NDArray displacement(NDArray weights, NDArray gradient) {
    NDArray scaled = adaptive ? weights.abs().mul(gradient) : gradient;
    double norm = Ops.norm(scaled);
    NDArray direction = adaptive ? weights.square().mul(gradient) : gradient;
    return direction.mul(rho / (norm + TINY));
  }

  /**
   * The gradient of a loss at the displaced weights, which are put back before it returns. Batch
   * normalisation uses the batch's statistics there; running values stay.
   *
   * @param first the gradient at the weights
   */
  @Override
  public Net.Gradient sharpened(Net net, Net.Loss loss, Net.Gradient first) {
    NDArray weights = net.weights();
    NDArray before = weights.duplicate();
    weights.addi(displacement(weights, first.vector()));
    Net.Gradient second = net.gradient(Mode.TRAIN_FROZEN_STATS, loss);
    Ops.assign(weights, before);
    return second;
  }
}
