package dev.palimpsest.methods.attacks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Pass;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The encoder and decoder of the input-aware attack: convolutions of width 32, 64, 128 with batch
 * normalisation and ReLU, halved by a maximum over 2x2 after each two, then doubled again
 * bilinearly. Its output, tanh to [0,1], stands where a classifier has its logits. Parameters have
 * the published names.
 *
 * <p>It halves as long as the sides are even and stay 4 pixels or more, at most three times: thrice
 * for 32x32, as published, twice for 28x28. For one channel the published widths are 16 and 32.
 * Batch normalisation has torch's momentum 0.1, published 0.05.
 *
 * @param channels that it makes
 */
record TriggerGenerator(int channels) implements Forward {
  private static final int MOST_STEPS = 3;
  private static final int LEAST_SIDE = 4;

  @Override
  public Out apply(Pass pass, NDArray images) {
    Shape shape = images.getShape();
    int steps = steps(shape.get(2), shape.get(3));
    int width = shape.get(1) == 1 ? 16 : 32;
    Deque<Shape> sizes = new ArrayDeque<>();
    NDArray x = images;
    for (int step = 0; step < steps; step++) {
      x = block(pass, "convblock_down_" + 2 * step, x, width << step);
      x = block(pass, "convblock_down_" + (2 * step + 1), x, width << step);
      sizes.push(x.getShape());
      x = Ops.maxPool(x, 2);
    }
    int deepest = width << Math.max(0, steps - 1);
    x = block(pass, "convblock_middle", x, deepest);
    for (int step = 0; step < steps; step++) {
      Shape size = sizes.pop();
      x = resized(x, (int) size.get(2), (int) size.get(3));
      int next = deepest >> step;
      x = block(pass, "convblock_up_" + 2 * step, x, next);
      boolean last = step == steps - 1;
      x = normalised(pass, "convblock_up_" + (2 * step + 1), x, last ? channels : next / 2);
      x = last ? x : Ops.relu(x);
    }
    if (steps == 0) {
      x = normalised(pass, "convblock_up_0", x, channels);
    }
    NDArray out = Ops.scaled(x.tanh(), 1 / (2 + 1e-7)).add(0.5);
    return Out.of(out, out);
  }

  private static int steps(long height, long width) {
    int steps = 0;
    while (steps < MOST_STEPS && halves(height >> steps) && halves(width >> steps)) {
      steps++;
    }
    return steps;
  }

  private static boolean halves(long side) {
    return side % 2 == 0 && side / 2 >= LEAST_SIDE;
  }

  private static NDArray block(Pass pass, String name, NDArray x, int out) {
    return Ops.relu(normalised(pass, name, x, out));
  }

  private static NDArray normalised(Pass pass, String name, NDArray x, int out) {
    return pass.batchNorm(
        name + ".batch_norm", pass.convolutionWithBias(name + ".conv2d", x, out, 3, 1, 1));
  }

  /** Bilinear, by two products with constant matrices. */
  private static NDArray resized(NDArray x, int height, int width) {
    NDArray rows = matrix(x, (int) x.getShape().get(2), height);
    NDArray columns = matrix(x, (int) x.getShape().get(3), width);
    return rows.matMul(x).matMul(columns.transpose());
  }

  private static NDArray matrix(NDArray x, int from, int to) {
    double[] flat = new double[to * from];
    double[][] weights = Resize.weights(from, to);
    for (int i = 0; i < to; i++) {
      System.arraycopy(weights[i], 0, flat, i * from, from);
    }
    return x.getManager().create(flat, new Shape(to, from)).toType(x.getDataType(), false);
  }
}
