package dev.palimpsest.methods.attacks;

import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Method;
import dev.palimpsest.tensors.Tensors;

/**
 * A backdoor attack: what its trigger is and how it is put on images.
 *
 * @param <P> its parameters
 */
public interface Attack<P extends Record> extends Method<P> {
  @Override
  default Kind kind() {
    return Kind.ATTACK;
  }

  /**
   * Draws a trigger when the study is planned.
   *
   * @param channels of one image
   * @throws dev.palimpsest.base.Mistake if it does not fit on such an image
   */
  Tensors draw(P parameters, int channels, int height, int width, RandomStream stream);

  /** Makes a drawn trigger ready on the device. */
  Stamp stamp(Tensors trigger, Compute compute, Precision precision);
}
