package dev.palimpsest.methods.defences;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Poisoner;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Training;
import java.util.Optional;

/**
 * What a defender has at hand.
 *
 * @param net the network, which is changed in place
 * @param head what its classifier is called: parameters {@code HEAD.weight} [classes, features] and
 *     {@code HEAD.bias} [classes]
 * @param clean the defender's samples with their true labels
 * @param augmentation how training images of this data are varied
 */
public record DefenceContext(
    Net net,
    String head,
    Optional<Images> clean,
    Augmentation augmentation,
    Randomness randomness) {
  /** The defender's samples, or {@link Mistake} where there are none. */
  public Images samples() {
    return clean.orElseThrow(() ->
        new Mistake(
            "there are no clean samples; expected "
                + DefenderData.CLEAN_SAMPLES.label()
                + ", or a defence that needs none."));
  }

  /** Trains the network on the samples, varied. */
  Training training(Recipe recipe, Lesson lesson) {
    return training(net, recipe, lesson, randomness);
  }

  /** Trains another network on the samples, varied. */
  Training training(Net other, Recipe recipe, Lesson lesson, Randomness own) {
    return Training.of(other, samples(), recipe.with(augmentation), Poisoner.NONE, lesson, own);
  }

  String weight() {
    return head + ".weight";
  }

  String bias() {
    return head + ".bias";
  }
}
