package dev.palimpsest.stages;

import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.spec.Param;

/** How training images are varied, each by itself. */
public record AugmentationSettings(
    @Param(
            help = "pixels of zero padding on each side before a random crop",
            value = "4",
            min = 0,
            max = 64)
        int padding,
    @Param(help = "mirror each image with probability 1/2", value = "true") boolean flip) {

  Augmentation toAugmentation() {
    return new Augmentation(padding, flip);
  }
}
