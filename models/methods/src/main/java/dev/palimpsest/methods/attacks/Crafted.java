package dev.palimpsest.methods.attacks;

import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Optional;

/**
 * What an attack puts on images.
 *
 * @param trigger what {@link Attack#stamp} makes ready
 * @param images U8 [chosen, channels, height, width]: what the chosen samples of a static plan look
 *     like before the trigger is put on, where that is not the samples themselves
 */
public record Crafted(Tensors trigger, Optional<Tensor> images) {
  /** A trigger that is put on the samples themselves. */
  public static Crafted of(Tensors trigger) {
    return new Crafted(trigger, Optional.empty());
  }
}
