package dev.palimpsest.methods.learners;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import java.util.Optional;

/** How a network that learned tasks one after the other is asked for classes. */
public interface Recall extends AutoCloseable {
  /**
   * Scores [n, classes], the higher the likelier; which columns may win is the asker's to say. They
   * belong to the open {@link dev.palimpsest.engine.Scope}.
   *
   * @param classIncremental without knowing the task
   * @param taskIncremental told the task
   * @param bare told the task, read from the representation as it is now, without rectifiers; only
   *     where there are some
   */
  record Scores(NDArray classIncremental, NDArray taskIncremental, Optional<NDArray> bare) {
    /** The same scores whether the task is told or not. */
    public static Scores of(NDArray scores) {
      return new Scores(scores, scores, Optional.empty());
    }
  }

  /**
   * Asks.
   *
   * @param images [n, channels, height, width] in [0,1], all of {@code task}
   */
  Scores scores(NDArray images, Task task);

  /** The network's own logits. */
  static Recall of(Net net) {
    return (images, task) -> Scores.of(net.forward(Mode.EVAL, images).logits());
  }

  @Override
  default void close() {}
}
