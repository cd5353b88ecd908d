package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;

/**
 * An architecture: one function from images to outputs.
 *
 * <p>It asks the pass for its layers by torch state-dict name. {@link Net} runs it once on zeros to
 * learn which parameters there are, in the order in which they are asked for.
 */
@FunctionalInterface
public interface Forward {
  /**
   * Computes the outputs.
   *
   * @param pass holds the parameters
   * @param images [batch, channels, height, width], or whatever the network takes
   */
  Out apply(Pass pass, NDArray images);
}
