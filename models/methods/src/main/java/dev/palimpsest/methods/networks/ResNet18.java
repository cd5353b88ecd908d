package dev.palimpsest.methods.networks;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import java.util.List;

/**
 * ResNet-18 as it is used for CIFAR: two blocks a stage, widths 64, 128, 256, 512, after a 3x3 stem
 * of stride 1 without pooling: 11,173,962 parameters for three channels and ten classes.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class ResNet18 implements Network<ResNetSmall.Parameters> {
  private static final List<Integer> WIDTHS = List.of(64, 128, 256, 512);

  @Override
  public String name() {
    return "resnet-18";
  }

  @Override
  public String summary() {
    return "ResNet-18 for small images: widths 64-128-256-512, two blocks a stage.";
  }

  @Override
  public Citation citation() {
    return new ResNetSmall().citation();
  }

  @Override
  public Class<ResNetSmall.Parameters> parameters() {
    return ResNetSmall.Parameters.class;
  }

  @Override
  public Forward forward(ResNetSmall.Parameters parameters, int classes) {
    return new ResNet(ResNet.Block.PROJECTED, 1, 2, WIDTHS).forward(parameters, classes);
  }
}
