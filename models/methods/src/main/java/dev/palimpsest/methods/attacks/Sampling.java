package dev.palimpsest.methods.attacks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.tensors.Tensor;

/**
 * Bilinear sampling of images at given places, as torch's grid_sample with align_corners: of each
 * pixel its four neighbours in the source and their weights.
 *
 * @param places I64 [fields, 1, 4 * height * width], in the flattened source
 * @param weights [fields, 1, 4 * height * width]
 */
record Sampling(NDArray places, NDArray weights) implements AutoCloseable {
  /**
   * Makes it ready.
   *
   * @param fields [fields, height, width, 2] as of {@link WarpField}
   * @param count how many fields: one for all images, or one for each
   */
  static Sampling of(
      double[] fields, int count, int height, int width, Compute compute, Precision precision) {
    int pixels = height * width;
    long[] places = new long[count * 4 * pixels];
    double[] weights = new double[places.length];
    for (int i = 0; i < count * pixels; i++) {
      double x = (fields[2 * i] + 1) / 2 * (width - 1);
      double y = (fields[2 * i + 1] + 1) / 2 * (height - 1);
      int left = (int) x;
      int top = (int) y;
      for (int corner = 0; corner < 4; corner++) {
        int row = top + corner / 2;
        int column = left + corner % 2;
        int at = (i / pixels * 4 + corner) * pixels + i % pixels;
        places[at] = (long) Math.min(row, height - 1) * width + Math.min(column, width - 1);
        weights[at] = (1 - Math.abs(y - row)) * (1 - Math.abs(x - column));
      }
    }
    return new Sampling(
        compute.array(Tensor.of(places, count, 1, 4L * pixels)),
        compute.array(Tensor.of(weights, count, 1, 4L * pixels), precision));
  }

  /** The images [n,c,h,w] at these places; they belong to the open scope. */
  NDArray apply(NDArray images) {
    Shape shape = images.getShape();
    long n = shape.get(0);
    long channels = shape.get(1);
    NDArray flat = images.reshape(n, channels, -1);
    NDArray neighbours = flat.gather(places.broadcast(n, channels, places.getShape().get(2)), 2);
    return neighbours
        .mul(weights)
        .reshape(n, channels, 4, shape.get(2) * shape.get(3))
        .sum(new int[] {2})
        .clip(0, 1)
        .reshape(shape);
  }

  @Override
  public void close() {
    places.close();
    weights.close();
  }
}
