package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tensors.Tensor;
import java.util.Arrays;

/** Labelled images, put on the device once as bytes. */
public final class Images implements AutoCloseable {
  private final Compute compute;
  private final NDArray bytes;
  private final long[] labels;
  private final int classes;

  private Images(Compute compute, NDArray bytes, long[] labels, int classes) {
    this.compute = compute;
    this.bytes = bytes;
    this.labels = labels;
    this.classes = classes;
  }

  /**
   * Copies a data set to the device.
   *
   * @param images U8 [n, channels, height, width]; a byte stands for byte/255
   * @param labels I64 [n], from 0 to classes-1
   * @throws Mistake where shapes, types or labels do not fit
   */
  public static Images of(Compute compute, Tensor images, Tensor labels, int classes) {
    long[] shape = images.shape();
    if (images.type() != Tensor.Type.U8 || shape.length != 4 || shape[0] == 0) {
      throw new Mistake(
          "the images are "
              + images.type()
              + Arrays.toString(shape)
              + "; expected U8 [n, channels, height, width] with at least one image.");
    }
    if (labels.type() != Tensor.Type.I64 || !Arrays.equals(labels.shape(), new long[] {shape[0]})) {
      throw new Mistake(
          "the labels are "
              + labels.type()
              + Arrays.toString(labels.shape())
              + "; expected I64 ["
              + shape[0]
              + "].");
    }
    long[] values = labels.longs();
    for (int i = 0; i < values.length; i++) {
      if (values[i] < 0 || values[i] >= classes) {
        throw new Mistake(
            "label " + i + " is " + values[i] + "; expected 0 to " + (classes - 1) + ".");
      }
    }
    return new Images(compute, compute.array(images), values, classes);
  }

  public int size() {
    return labels.length;
  }

  public int classes() {
    return classes;
  }

  /** One image's shape, [channels, height, width]. */
  public long[] imageShape() {
    return Arrays.copyOfRange(bytes.getShape().getShape(), 1, 4);
  }

  public long[] labels() {
    return labels.clone();
  }

  /** The chosen samples as a clean batch in the open {@link Scope}. */
  public Batch batch(Precision precision, int... indices) {
    long[] places = new long[indices.length];
    long[] chosen = new long[indices.length];
    for (int i = 0; i < indices.length; i++) {
      places[i] = indices[i];
      chosen[i] = labels[indices[i]];
    }
    NDArray picked = bytes.get(new NDIndex("{}", compute.array(places)));
    NDArray floats = picked.toType(precision.type(), false).divi(255);
    return new Batch(
        floats, compute.array(chosen), compute.manager().create(new boolean[indices.length]));
  }

  @Override
  public void close() {
    bytes.close();
  }
}
