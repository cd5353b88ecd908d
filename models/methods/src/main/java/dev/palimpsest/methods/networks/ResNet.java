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
 * Residual networks for small images: a 3x3 stem, stages of basic blocks, the mean over space, an
 * affine map. Each stage but the first halves the image.
 *
 * @param stride of the stem
 * @param blocks a stage
 * @param widths channels of each stage; the stem has those of the first
 */
record ResNet(int stride, int blocks, List<Integer> widths) {
  Forward forward(ResNetSmall.Parameters parameters, int classes) {
    var normalisation = new Normalisation(parameters.mean(), parameters.std());
    return (pass, images) -> {
      NDArray x = normalisation.apply(images);
      x = pass.convolution("conv1", x, widths.getFirst(), 3, stride, 1);
      x = Ops.relu(pass.batchNorm("bn1", x));
      SequencedMap<String, NDArray> maps = new LinkedHashMap<>();
      for (int stage = 0; stage < widths.size(); stage++) {
        String name = "layer" + (stage + 1);
        for (int i = 0; i < blocks; i++) {
          x = block(pass, name + "." + i, x, widths.get(stage), stage > 0 && i == 0 ? 2 : 1);
        }
        maps.put(name, x);
      }
      NDArray embedding = Ops.meanOverSpace(x);
      return new Out(pass.linear("linear", embedding, classes), embedding, maps);
    };
  }

  private static NDArray block(Pass pass, String name, NDArray x, int width, int stride) {
    NDArray y = pass.convolution(name + ".conv1", x, width, 3, stride, 1);
    y = Ops.relu(pass.batchNorm(name + ".bn1", y));
    y = pass.convolution(name + ".conv2", y, width, 3, 1, 1);
    y = pass.batchNorm(name + ".bn2", y);
    NDArray shortcut = x;
    if (stride != 1 || x.getShape().get(1) != width) {
      shortcut = pass.convolution(name + ".shortcut.0", x, width, 1, stride, 0);
      shortcut = pass.batchNorm(name + ".shortcut.1", shortcut);
    }
    return Ops.relu(y.add(shortcut));
  }
}
