package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.tensors.Tensors;
import java.util.function.UnaryOperator;

/**
 * What one task's training is beyond plain descent: the loss of each step, what becomes of its
 * gradient, how far the weights move along it, and what happens when they have moved.
 *
 * <p>Made for one training and one network. Its state is saved and restored with the training's.
 */
public interface Lesson extends AutoCloseable {
  /** Cross-entropy on the batch at hand. */
  Lesson PLAIN = of(Penalty.NONE);

  /** Cross-entropy on the batch at hand with a penalty, which is closed with the lesson. */
  static Lesson of(Penalty penalty) {
    return new Lesson() {
      @Override
      public Net.Loss loss(Step step) {
        Batch batch = step.batch();
        return Net.Loss.of(
            batch.images(),
            (out, weights) ->
                penalty.added(Ops.crossEntropy(out.logits(), batch.labels()), batch, out, weights));
      }

      @Override
      public void close() {
        penalty.close();
      }
    };
  }

  /**
   * What a step sees; its arrays belong to the open {@link Scope}.
   *
   * @param raw the batch before augmentation
   * @param batch the batch to learn
   * @param augment augments further images [n, channels, height, width], each by itself
   * @param mode of the step's first gradient, for passes that are not part of the loss
   * @param random numbers of this step
   */
  record Step(
      Batch raw, Batch batch, UnaryOperator<NDArray> augment, Mode mode, RandomStream random) {}

  /**
   * The loss of a step. Its first pass is over the batch at hand, or begins with it; it may be
   * asked several times for the same step, and draws nothing itself.
   */
  Net.Loss loss(Step step);

  /** The gradient to step with, made from the loss's; in place or new. */
  default NDArray adjusted(NDArray gradient) {
    return gradient;
  }

  /**
   * The learning rate of a step.
   *
   * @param scheduled what the recipe's schedule gives in this epoch
   * @param epoch 0 for the first
   * @param step 0 for the training's first
   */
  default double rate(double scheduled, int epoch, int step) {
    return scheduled;
  }

  /** Called when the weights have moved. */
  default void moved() {}

  /** The first column of the logits among which training accuracy is counted. */
  default int firstColumn() {
    return 0;
  }

  /** Whether running statistics stay as they are. */
  default boolean frozenStatistics() {
    return false;
  }

  /** All that the remaining steps depend on, beyond the network. */
  default Tensors state() {
    return new Tensors.Builder().build();
  }

  /** Carries on from a state. */
  default void restore(Tensors state) {}

  @Override
  default void close() {}
}
