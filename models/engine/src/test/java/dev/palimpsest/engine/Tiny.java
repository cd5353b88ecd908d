package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.tensors.Tensor;

/** A network and images small enough to check by hand. */
final class Tiny {
  static final int CLASSES = 3;
  static final int SIDE = 6;
  static final int IMAGES = 22;

  /** Convolution, batch normalisation, mean, linear layer. */
  static final Forward FORWARD =
      (pass, images) -> {
        NDArray x = pass.convolution("conv", images, 4, 3, 1, 1);
        x = Ops.relu(pass.batchNorm("bn", x));
        NDArray embedding = Ops.meanOverSpace(x);
        return Out.of(pass.linear("linear", embedding, CLASSES), embedding);
      };

  private Tiny() {}

  static Net net(Compute compute, Precision precision) {
    return Net.drawn(compute, precision, FORWARD, Randomness.of(7), 2, SIDE, SIDE);
  }

  /** Images whose class shows in their brightness. */
  static Images images(Compute compute) {
    RandomStream stream = Randomness.of(3).stream("images");
    byte[] bytes = new byte[IMAGES * 2 * SIDE * SIDE];
    long[] labels = new long[IMAGES];
    int size = 2 * SIDE * SIDE;
    for (int i = 0; i < IMAGES; i++) {
      labels[i] = stream.below(CLASSES);
      for (int j = 0; j < size; j++) {
        bytes[i * size + j] = (byte) (80 * labels[i] + stream.below(60));
      }
    }
    return Images.of(
        compute, Tensor.of(bytes, IMAGES, 2, SIDE, SIDE), Tensor.of(labels, IMAGES), CLASSES);
  }
}
