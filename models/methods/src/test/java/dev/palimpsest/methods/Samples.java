package dev.palimpsest.methods;

import dev.palimpsest.base.Json;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.methods.networks.ResNetSmall;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensor;

/** Small images, networks and default parameters for tests. */
public final class Samples {
  public static final int CLASSES = 4;
  public static final int SIDE = 8;
  public static final int CHANNELS = 3;
  public static final int IMAGES = 20;

  private Samples() {}

  /** {@value #IMAGES} images of drawn bytes, 3x8x8, four classes. */
  public static Images images(Compute compute) {
    return images(compute, IMAGES);
  }

  /** Any number of such images. */
  public static Images images(Compute compute, int images) {
    return Images.of(compute, bytes(images), Tensor.of(labels(images), images), CLASSES);
  }

  public static Tensor bytes() {
    return bytes(IMAGES);
  }

  private static Tensor bytes(int images) {
    RandomStream stream = Randomness.of(1).stream("images");
    byte[] bytes = new byte[images * CHANNELS * SIDE * SIDE];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) stream.below(256);
    }
    return Tensor.of(bytes, images, CHANNELS, SIDE, SIDE);
  }

  /** Images of drawn bytes, 3x32x32, of ten classes; for measurements. */
  public static Images drawn(Compute compute, int images) {
    RandomStream stream = Randomness.of(1).stream("images");
    byte[] bytes = new byte[images * 3 * 32 * 32];
    long[] labels = new long[images];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) stream.nextLong();
    }
    for (int i = 0; i < images; i++) {
      labels[i] = stream.below(10);
    }
    return Images.of(compute, Tensor.of(bytes, images, 3, 32, 32), Tensor.of(labels, images), 10);
  }

  public static long[] labels() {
    return labels(IMAGES);
  }

  private static long[] labels(int images) {
    long[] labels = new long[images];
    for (int i = 0; i < images; i++) {
      labels[i] = i % CLASSES;
    }
    return labels;
  }

  /** The small residual network for these images. */
  public static Net net(Compute compute) {
    return net(compute, resnet(), Randomness.of(5));
  }

  public static Forward resnet() {
    return new ResNetSmall().forward(ResNetSmall.Parameters.plain(), CLASSES);
  }

  public static Net net(Compute compute, Forward forward, Randomness randomness) {
    return Net.drawn(compute, Precision.F32, forward, randomness, CHANNELS, SIDE, SIDE);
  }

  /** A method's default parameters. */
  public static <P extends Record> P defaults(Method<P> method) {
    return Methods.load().bind(method, new Choice(method.name(), Json.object()));
  }
}
