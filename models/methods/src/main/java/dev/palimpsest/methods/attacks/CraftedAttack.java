package dev.palimpsest.methods.attacks;

import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Randomness;

/**
 * An attack whose trigger or poisoned images are made against a trained network.
 *
 * @param <P> its parameters
 */
public interface CraftedAttack<P extends Record> extends Attack<P> {
  @Override
  default String stage() {
    return "craft-trigger";
  }

  /**
   * Begins to craft. The arguments stay the caller's to close, and as they are.
   *
   * @param surrogate a network trained on such data
   * @param data the samples that may be poisoned
   * @param chosen the places of those that a static plan poisons
   */
  Crafting craft(
      P parameters,
      Net surrogate,
      Images data,
      PoisonPlan.Aim aim,
      int[] chosen,
      Randomness randomness);
}
