package dev.palimpsest.methods.attacks;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.RandomStream;

/** A trigger on the device. */
public interface Stamp extends AutoCloseable {
  /**
   * The images with the trigger on each; they belong to the open scope, and the given ones stay as
   * they are.
   *
   * @param images [batch, channels, height, width], values in [0,1]
   */
  NDArray apply(NDArray images);

  /**
   * Some of the images altered as the attack alters images, but without its trigger, so that the
   * network learns to tell them apart; only of attacks that have {@linkplain Attack#covers covers}.
   *
   * @param images [batch, channels, height, width], values in [0,1]
   * @param covered places in the batch
   * @return [covered, channels, height, width]
   */
  default NDArray cover(NDArray images, int[] covered, RandomStream stream) {
    throw new UnsupportedOperationException("this attack has no cover samples");
  }

  @Override
  void close();
}
