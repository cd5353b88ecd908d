package dev.palimpsest.methods.networks;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Pass;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Plain stacks of 3x3 convolutions, each normalised and rectified, with a 2x2 maximum after each
 * stage; then the mean over space and an affine map. For images of 32x32 that mean is of one pixel.
 * A map of one pixel is not halved further, so that images below 32x32 go through.
 *
 * <p>Layers are numbered as in a torch sequence that counts rectifiers and maxima too. The maps are
 * what goes into each maximum, under the number of the rectifier that gives it: {@code features.2}.
 *
 * @param stages channels of each convolution, by stage
 */
record Vgg(List<List<Integer>> stages) {
  static final String CLASSIFIER = "classifier";

  Forward forward(ResNetSmall.Parameters parameters, int classes) {
    var normalisation = new Normalisation(parameters.mean(), parameters.std());
    return (pass, images) -> {
      SequencedMap<String, NDArray> maps = new LinkedHashMap<>();
      NDArray embedding = Ops.meanOverSpace(features(pass, normalisation.apply(images), maps));
      return new Out(pass.linear(CLASSIFIER, embedding, classes), embedding, maps);
    };
  }

  private NDArray features(Pass pass, NDArray images, SequencedMap<String, NDArray> maps) {
    NDArray x = images;
    int number = 0;
    for (List<Integer> stage : stages) {
      for (int width : stage) {
        x = pass.convolutionWithBias("features." + number, x, width, 3, 1, 1);
        x = Ops.relu(pass.batchNorm("features." + (number + 1), x));
        number += 3;
      }
      maps.put("features." + (number - 1), x);
      if (Math.min(x.getShape().get(2), x.getShape().get(3)) > 1) {
        x = Ops.maxPool(x, 2);
      }
      number++;
    }
    return x;
  }
}
