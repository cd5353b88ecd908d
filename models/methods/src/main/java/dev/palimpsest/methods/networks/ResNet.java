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
 * Residual networks for small images: a 3x3 stem, stages of blocks of two 3x3 convolutions, the
 * mean over space, an affine map. Each stage but the first halves the image. Its maps are the
 * outputs of the stages, {@code layer1} and so on.
 *
 * @param stride of the stem
 * @param blocks a stage
 * @param widths channels of each stage; the stem has those of the first
 */
record ResNet(Block block, int stride, int blocks, List<Integer> widths) {
  /** How a block is built. */
  enum Block {
    /** Normalised after each convolution; a 1x1 convolution where the shape changes. */
    PROJECTED {
      @Override
      NDArray apply(Pass pass, String name, NDArray x, int width, int stride) {
        NDArray y = convolutions(pass, name, x, width, stride);
        NDArray shortcut = x;
        if (changes(x, width, stride)) {
          shortcut = pass.convolution(name + ".shortcut.0", x, width, 1, stride, 0);
          shortcut = pass.batchNorm(name + ".shortcut.1", shortcut);
        }
        return Ops.relu(y.add(shortcut));
      }
    },
    /**
     * Normalised after each convolution; where the shape changes, every second pixel and zeros for
     * the further channels, half of them before the others (He et al. 2016, option A).
     */
    PADDED {
      @Override
      NDArray apply(Pass pass, String name, NDArray x, int width, int stride) {
        NDArray y = convolutions(pass, name, x, width, stride);
        boolean changes = changes(x, width, stride);
        return Ops.relu(y.add(changes ? Ops.thinned(x, stride, width) : x));
      }
    },
    /** Normalised and rectified before each convolution, the stem's output too. */
    PREACTIVATED {
      @Override
      NDArray apply(Pass pass, String name, NDArray x, int width, int stride) {
        NDArray first = Ops.relu(pass.batchNorm(name + ".bn1", x));
        NDArray y = pass.convolution(name + ".conv1", first, width, 3, stride, 1);
        y = Ops.relu(pass.batchNorm(name + ".bn2", y));
        y = pass.convolution(name + ".conv2", y, width, 3, 1, 1);
        return y.add(
            changes(x, width, stride)
                ? pass.convolution(name + ".shortcut.0", first, width, 1, stride, 0)
                : x);
      }
    };

    abstract NDArray apply(Pass pass, String name, NDArray x, int width, int stride);

    private static NDArray convolutions(Pass pass, String name, NDArray x, int width, int stride) {
      NDArray y = pass.convolution(name + ".conv1", x, width, 3, stride, 1);
      y = Ops.relu(pass.batchNorm(name + ".bn1", y));
      y = pass.convolution(name + ".conv2", y, width, 3, 1, 1);
      return pass.batchNorm(name + ".bn2", y);
    }

    private static boolean changes(NDArray x, int width, int stride) {
      return stride != 1 || x.getShape().get(1) != width;
    }
  }

  Forward forward(ResNetSmall.Parameters parameters, int classes) {
    var normalisation = new Normalisation(parameters.mean(), parameters.std());
    return (pass, images) -> {
      NDArray x = normalisation.apply(images);
      x = pass.convolution("conv1", x, widths.getFirst(), 3, stride, 1);
      if (block != Block.PREACTIVATED) {
        x = Ops.relu(pass.batchNorm("bn1", x));
      }
      SequencedMap<String, NDArray> maps = new LinkedHashMap<>();
      for (int stage = 0; stage < widths.size(); stage++) {
        String name = "layer" + (stage + 1);
        for (int i = 0; i < blocks; i++) {
          int step = stage > 0 && i == 0 ? 2 : 1;
          x = block.apply(pass, name + "." + i, x, widths.get(stage), step);
        }
        maps.put(name, x);
      }
      NDArray embedding = Ops.meanOverSpace(x);
      return new Out(pass.linear("linear", embedding, classes), embedding, maps);
    };
  }
}
