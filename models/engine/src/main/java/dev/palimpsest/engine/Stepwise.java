package dev.palimpsest.engine;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tensors.Tensors;

/**
 * Work that proceeds step by step and can be carried on elsewhere: steps, a saved {@link #state()}
 * restored into an equal object, and the remaining steps give the bits of an undisturbed run.
 */
public interface Stepwise extends AutoCloseable {
  /** Steps in all. */
  long total();

  /** Steps done. */
  long done();

  default boolean finished() {
    return done() >= total();
  }

  /**
   * Does the next step.
   *
   * @throws Failure when a loss or a weight is no longer finite
   */
  Progress step();

  /** Samples times backward passes so far. */
  long gradientEvaluations();

  /** All that the remaining steps depend on. */
  Tensors state();

  /**
   * Carries on from a state.
   *
   * @throws Mistake if it is not a state of this work
   */
  void restore(Tensors state);

  @Override
  void close();
}
