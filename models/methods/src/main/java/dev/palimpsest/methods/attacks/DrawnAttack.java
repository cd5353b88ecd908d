package dev.palimpsest.methods.attacks;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.tensors.Tensor;
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

  /**
   * Makes a trigger of a picture that was given.
   *
   * @param picture U8 [channels, height, width], of any size and the images' channels
   * @param height of an image
   * @throws Mistake if the attack's trigger is no picture, or does not fit on such an image
   */
  default Tensors of(P parameters, Tensor picture, int height, int width) {
    throw new Mistake(
        "the trigger of attack '"
            + name()
            + "' is no picture; expected an attack that puts a picture on images, such as badnets, or no"
            + " picture.");
  }
}
