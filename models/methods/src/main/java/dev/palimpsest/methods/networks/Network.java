package dev.palimpsest.methods.networks;

import dev.palimpsest.engine.Forward;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Method;

/**
 * An architecture for image classification.
 *
 * @param <P> its parameters
 */
public interface Network<P extends Record> extends Method<P> {
  @Override
  default Kind kind() {
    return Kind.NETWORK;
  }

  /**
   * The function from images to outputs.
   *
   * @param classes how many logits
   * @throws dev.palimpsest.base.Mistake if the images do not suit the architecture
   */
  Forward forward(P parameters, int classes);

  /**
   * What its classifier is called: parameters {@code HEAD.weight} [classes, d], {@code HEAD.bias}.
   */
  default String head() {
    return "linear";
  }
}
