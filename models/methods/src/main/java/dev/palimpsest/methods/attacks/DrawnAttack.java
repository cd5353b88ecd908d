package dev.palimpsest.methods.attacks;

import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.tensors.Tensors;

/**
 * An attack whose trigger follows from parameters and random numbers alone.
 *
 * @param <P> its parameters
 */
public interface DrawnAttack<P extends Record> extends Attack<P> {
  @Override
  default String stage() {
    return "poison";
  }

  /**
   * Draws a trigger when the study is planned.
   *
   * @param channels of one image
   * @throws dev.palimpsest.base.Mistake if it does not fit on such an image
   */
  Tensors draw(P parameters, int channels, int height, int width, RandomStream stream);
}
