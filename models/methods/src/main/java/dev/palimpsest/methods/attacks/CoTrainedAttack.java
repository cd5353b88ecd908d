package dev.palimpsest.methods.attacks;

import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;

/**
 * An attack whose trigger is learned together with the network that it is put into.
 *
 * @param <P> its parameters
 */
public interface CoTrainedAttack<P extends Record> extends Attack<P> {
  @Override
  default String stage() {
    return "train-trigger";
  }

  /**
   * Begins to train trigger and network, which is changed in place. The arguments stay the caller's
   * to close.
   *
   * @param net the network, as drawn
   * @param data the samples, all of which may be poisoned
   * @param recipe how the network is trained
   */
  Crafting train(
      P parameters, Net net, Images data, Recipe recipe, PoisonPlan.Aim aim, Randomness randomness);
}
