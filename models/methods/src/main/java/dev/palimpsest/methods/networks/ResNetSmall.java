package dev.palimpsest.methods.networks;

import ai.djl.ndarray.NDArray;
import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Pass;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * A residual network of one block a stage, widths 16, 32, 64, after a 3x3 stem of stride 2: 77,754
 * parameters for one channel and ten classes, 78,042 for three.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class ResNetSmall implements Network<ResNetSmall.Parameters> {
  private static final int[] WIDTHS = {16, 32, 64};

  /** What is done to the images first. */
  public record Parameters(
      @Param(help = "mean of each channel, for images in [0,1]; empty: none", value = "[]")
          List<Double> mean,
      @Param(help = "standard deviation of each channel; empty: none", value = "[]")
          List<Double> std) {
    public Parameters {
      mean = List.copyOf(mean);
      std = List.copyOf(std);
    }

    /** Images as they are. */
    public static Parameters plain() {
      return new Parameters(List.of(), List.of());
    }
  }

  @Override
  public String name() {
    return "resnet-small";
  }

  @Override
  public String summary() {
    return "Residual network, widths 16-32-64, one block a stage, stem of stride 2.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "he2016resnet",
        "Kaiming He and Xiangyu Zhang and Shaoqing Ren and Jian Sun",
        "Deep Residual Learning for Image Recognition",
        "IEEE Conference on Computer Vision and Pattern Recognition (CVPR)",
        2016);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public Forward forward(Parameters parameters, int classes) {
    var normalisation = new Normalisation(parameters.mean(), parameters.std());
    return (pass, images) -> {
      NDArray x = pass.convolution("conv1", normalisation.apply(images), WIDTHS[0], 3, 2, 1);
      x = Ops.relu(pass.batchNorm("bn1", x));
      SequencedMap<String, NDArray> maps = new LinkedHashMap<>();
      for (int stage = 0; stage < WIDTHS.length; stage++) {
        String name = "layer" + (stage + 1);
        x = block(pass, name + ".0", x, WIDTHS[stage], stage == 0 ? 1 : 2);
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
