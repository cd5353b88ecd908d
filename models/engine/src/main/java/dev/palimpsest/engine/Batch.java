package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;

/**
 * What one training step sees; its arrays belong to the open {@link Scope}.
 *
 * @param images [batch, channels, height, width], values in [0,1]
 * @param labels I64 [batch]: what each image is trained to be
 * @param poisoned BOOL [batch]: which images carry a trigger
 */
public record Batch(NDArray images, NDArray labels, NDArray poisoned) {
  public Batch withImages(NDArray newImages) {
    return new Batch(newImages, labels, poisoned);
  }

  /** Samples {@code from} to {@code to}, without the latter; views of these. */
  public Batch rows(long from, long to) {
    return new Batch(
        Ops.rows(images, from, to), Ops.rows(labels, from, to), Ops.rows(poisoned, from, to));
  }

  /** These samples, and others behind them. */
  public Batch and(Batch others) {
    return new Batch(
        images.concat(others.images),
        labels.concat(others.labels),
        poisoned.concat(others.poisoned));
  }
}
