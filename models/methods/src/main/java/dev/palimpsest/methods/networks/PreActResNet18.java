package dev.palimpsest.methods.networks;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import java.util.List;

/**
 * ResNet-18 with normalisation and rectifier before each convolution: two blocks a stage, widths
 * 64, 128, 256, 512: 11,171,146 parameters for three channels and ten classes. As in the common
 * implementation for CIFAR, nothing normalises the last block's output.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class PreActResNet18 implements Network<ResNetSmall.Parameters> {
  private static final List<Integer> WIDTHS = List.of(64, 128, 256, 512);

  @Override
  public String name() {
    return "preact-resnet-18";
  }

  @Override
  public String summary() {
    return "ResNet-18 for small images that normalises before each convolution.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "he2016identity",
        "Kaiming He and Xiangyu Zhang and Shaoqing Ren and Jian Sun",
        "Identity Mappings in Deep Residual Networks",
        "European Conference on Computer Vision (ECCV)",
        2016);
  }

  @Override
  public Class<ResNetSmall.Parameters> parameters() {
    return ResNetSmall.Parameters.class;
  }

  @Override
  public Forward forward(ResNetSmall.Parameters parameters, int classes) {
    return new ResNet(ResNet.Block.PREACTIVATED, 1, 2, WIDTHS).forward(parameters, classes);
  }
}
