package dev.palimpsest.methods.attacks;

import ai.djl.ndarray.NDArray;

/** A trigger on the device. */
public interface Stamp extends AutoCloseable {
  /**
   * The images with the trigger on each; they belong to the open scope, and the given ones stay as
   * they are.
   *
   * @param images [batch, channels, height, width], values in [0,1]
   */
  NDArray apply(NDArray images);

  @Override
  void close();
}
