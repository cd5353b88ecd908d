package dev.palimpsest.methods.networks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.base.Mistake;
import java.util.List;

/**
 * Centres and scales a network's input by channel: (x - mean) / std.
 *
 * @param mean one value a channel, for images in [0,1]; empty for none
 * @param std one positive value a channel; empty for none
 */
record Normalisation(List<Double> mean, List<Double> std) {
  Normalisation {
    if (mean.size() != std.size()) {
      throw new Mistake(
          "normalisation has "
              + mean.size()
              + " means and "
              + std.size()
              + " standard deviations; expected one of each a channel, or none.");
    }
    for (double value : std) {
      if (!(value > 0)) {
        throw new Mistake("a standard deviation is " + value + "; expected more than 0.");
      }
    }
  }

  /** The normalised images; the same ones where there is nothing to do. */
  NDArray apply(NDArray images) {
    if (mean.isEmpty()) {
      return images;
    }
    if (images.getShape().get(1) != mean.size()) {
      throw new Mistake(
          "normalisation has "
              + mean.size()
              + " means; expected as many as the images have channels, "
              + images.getShape().get(1)
              + ".");
    }
    return images.sub(byChannel(images, mean)).divi(byChannel(images, std));
  }

  private static NDArray byChannel(NDArray images, List<Double> values) {
    double[] plain = values.stream().mapToDouble(Double::doubleValue).toArray();
    return images
        .getManager()
        .create(plain, new Shape(1, plain.length, 1, 1))
        .toType(images.getDataType(), false);
  }
}
