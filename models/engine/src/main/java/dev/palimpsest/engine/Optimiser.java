package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tensors.Tensors;

/** Moves a vector of weights against gradients, and remembers what its rule needs. */
public sealed interface Optimiser extends AutoCloseable permits Sgd, Adam {
  /** The constants of a rule. */
  sealed interface Settings permits Sgd.Settings, Adam.Settings {
    /** Learning rate of the first epoch. */
    double rate();

    /** A fresh optimiser with these constants. */
    Optimiser start();
  }

  /** Moves {@code weights} in place; {@code gradient} is left as it is. */
  void step(NDArray weights, NDArray gradient, double rate);

  /** What it remembers; no tensors before the first step. */
  Tensors state();

  /**
   * Carries on from a state.
   *
   * @throws Mistake if it is the state of another rule
   */
  void restore(Compute compute, Tensors state);

  @Override
  void close();
}
