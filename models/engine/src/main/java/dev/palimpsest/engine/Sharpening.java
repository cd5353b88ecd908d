package dev.palimpsest.engine;

/** Takes a step's gradient elsewhere than at the weights, towards a flatter minimum. */
public interface Sharpening {
  /**
   * The gradient to step with. The weights are as they were when it returns.
   *
   * @param first the gradient at the weights
   */
  Net.Gradient sharpened(Net net, Net.Loss loss, Net.Gradient first);
}
