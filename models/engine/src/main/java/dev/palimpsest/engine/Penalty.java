package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;

/** What a learner adds to the loss. */
public interface Penalty extends AutoCloseable {
  /** Adds nothing. */
  Penalty NONE = (loss, batch, out, weights) -> loss;

  /**
   * The loss with the penalty; differentiable by {@code weights} and through {@code out}.
   *
   * @param loss the scalar so far
   * @param weights the vector of all parameters
   */
  NDArray added(NDArray loss, Batch batch, Out out, NDArray weights);

  @Override
  default void close() {}
}
