package dev.palimpsest.methods.networks;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import java.util.List;

/**
 * VGG-16 (configuration D) with batch normalisation and a single affine classifier, as it is used
 * for CIFAR: 14,728,266 parameters for three channels and ten classes.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Vgg16 implements Network<ResNetSmall.Parameters> {
  private static final List<List<Integer>> STAGES =
      List.of(
          List.of(64, 64),
          List.of(128, 128),
          List.of(256, 256, 256),
          List.of(512, 512, 512),
          List.of(512, 512, 512));

  @Override
  public String name() {
    return "vgg-16-bn";
  }

  @Override
  public String summary() {
    return "VGG-16 for small images, with batch normalisation and one affine classifier.";
  }

  @Override
  public Citation citation() {
    return new Vgg11().citation();
  }

  @Override
  public Class<ResNetSmall.Parameters> parameters() {
    return ResNetSmall.Parameters.class;
  }

  @Override
  public Forward forward(ResNetSmall.Parameters parameters, int classes) {
    return new Vgg(STAGES).forward(parameters, classes);
  }

  @Override
  public String head() {
    return Vgg.CLASSIFIER;
  }
}
