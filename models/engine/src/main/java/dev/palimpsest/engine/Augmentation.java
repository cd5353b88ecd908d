package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * Random crop after zero padding, and random horizontal flip, per image.
 *
 * @param padding pixels added on each side before a crop of the original size; 0: no crop
 * @param flip whether each image is mirrored with probability 1/2
 */
public record Augmentation(int padding, boolean flip) {
  public static final Augmentation NONE = new Augmentation(0, false);

  /** The augmented images; they belong to the open {@link Scope}. */
  public NDArray apply(NDArray images, RandomStream stream) {
    if (padding == 0 && !flip) {
      return images;
    }
    int n = (int) images.getShape().get(0);
    int channels = (int) images.getShape().get(1);
    int height = (int) images.getShape().get(2);
    int width = (int) images.getShape().get(3);
    int stride = width + 2 * padding;
    long[] columns = new long[n * width];
    for (int b = 0; b < n; b++) {
      int down = padding == 0 ? 0 : stream.below(2 * padding + 1);
      int right = padding == 0 ? 0 : stream.below(2 * padding + 1);
      boolean mirrored = flip && stream.coin();
      for (int j = 0; j < width; j++) {
        columns[b * width + j] = (long) down * stride + right + (mirrored ? width - 1 - j : j);
      }
    }
    long[] rows = new long[height];
    for (int i = 0; i < height; i++) {
      rows[i] = (long) i * stride;
    }
    NDManager manager = images.getManager();
    NDArray places =
        manager
            .create(columns, new Shape(n, 1, width))
            .add(manager.create(rows, new Shape(1, height, 1)))
            .reshape(n, 1, (long) height * width)
            .broadcast(n, channels, (long) height * width);
    NDArray padded = Ops.zeroPadded(images, padding);
    return padded
        .reshape(n, channels, (long) stride * (height + 2L * padding))
        .gather(places, 2)
        .reshape(n, channels, height, width);
  }
}
