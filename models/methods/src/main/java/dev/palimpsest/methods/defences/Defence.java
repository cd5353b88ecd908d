package dev.palimpsest.methods.defences;

import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Method;

/**
 * Removes a backdoor from a network with a few clean samples.
 *
 * @param <P> its parameters
 */
public interface Defence<P extends Record> extends Method<P> {
  @Override
  default Kind kind() {
    return Kind.DEFENCE;
  }

  /**
   * Begins to defend {@code net}, which is changed in place; its course can be measured whenever a
   * step ends an epoch. The arguments stay the caller's to close.
   *
   * @param clean the defender's samples, with their true labels
   * @param augmentation how training images of this data are augmented
   */
  Stepwise start(
      P parameters, Net net, Images clean, Augmentation augmentation, Randomness randomness);
}
