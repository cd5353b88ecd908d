package dev.palimpsest.methods.networks;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.List;

/**
 * A residual network of one block a stage, widths 16, 32, 64, after a 3x3 stem of stride 2: 77,754
 * parameters for one channel and ten classes, 78,042 for three.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class ResNetSmall implements Network<ResNetSmall.Parameters> {
  private static final List<Integer> WIDTHS = List.of(16, 32, 64);

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
    return new ResNet(ResNet.Block.PROJECTED, 2, 1, WIDTHS).forward(parameters, classes);
  }
}
