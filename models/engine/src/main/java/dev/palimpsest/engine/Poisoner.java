package dev.palimpsest.engine;

/** Puts a backdoor into training batches. */
public interface Poisoner extends AutoCloseable {
  /** Leaves every batch as it is. */
  Poisoner NONE = new Poisoner() {};

  /**
   * Called before augmentation.
   *
   * @param indices the samples' places in the training data
   */
  default Batch beforeAugmentation(Batch batch, int[] indices) {
    return batch;
  }

  /**
   * Called after augmentation.
   *
   * @param indices the samples' places in the training data
   * @param stream random numbers of this batch
   */
  default Batch afterAugmentation(Batch batch, int[] indices, RandomStream stream) {
    return batch;
  }

  @Override
  default void close() {}
}
