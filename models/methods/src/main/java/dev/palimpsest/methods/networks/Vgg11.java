package dev.palimpsest.methods.networks;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import java.util.List;

/**
 * VGG-11 (configuration A) with batch normalisation and a single affine classifier, as it is used
 * for CIFAR: 9,231,114 parameters for three channels and ten classes.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Vgg11 implements Network<ResNetSmall.Parameters> {
  private static final List<List<Integer>> STAGES =
      List.of(List.of(64), List.of(128), List.of(256, 256), List.of(512, 512), List.of(512, 512));

  @Override
  public String name() {
    return "vgg-11-bn";
  }

  @Override
  public String summary() {
    return "VGG-11 for small images, with batch normalisation and one affine classifier.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "simonyan2015vgg",
        "Karen Simonyan and Andrew Zisserman",
        "Very Deep Convolutional Networks for Large-Scale Image Recognition",
        "International Conference on Learning Representations (ICLR)",
        2015);
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
