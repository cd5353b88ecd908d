package dev.palimpsest.methods.networks;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import java.util.List;

/**
 * ResNet-20 as its paper has it for CIFAR: three blocks a stage, widths 16, 32, 64, shortcuts
 * without parameters: 269,722 parameters for three channels and ten classes. First weights are
 * torch's default ones, where the paper draws them normally distributed.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class ResNet20 implements Network<ResNetSmall.Parameters> {
  private static final List<Integer> WIDTHS = List.of(16, 32, 64);

  @Override
  public String name() {
    return "resnet-20";
  }

  @Override
  public String summary() {
    return "ResNet-20 for small images: widths 16-32-64, three blocks a stage.";
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
    return new ResNet(ResNet.Block.PADDED, 1, 3, WIDTHS).forward(parameters, classes);
  }
}
