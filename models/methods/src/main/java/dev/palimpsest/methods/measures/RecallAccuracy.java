package dev.palimpsest.methods.measures;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.palimpsest.base.Failure;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.learners.Recall;
import dev.palimpsest.methods.learners.Task;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How many images of a task are recognised, as fractions.
 *
 * @param classIncremental among all classes learned so far
 * @param taskIncremental among the task's own classes
 * @param bare the same without rectifiers, where there are some
 */
public record RecallAccuracy(
    double classIncremental, double taskIncremental, Optional<Double> bare) {
  private static final int BATCH = 256;

  /**
   * Asks for all images of a task.
   *
   * @param seen how many classes were learned so far
   * @param step called after each batch
   */
  public static RecallAccuracy of(
      Recall recall, Precision precision, Images images, Task task, int seen, Runnable step) {
    int[] right = new int[3];
    boolean rectified = false;
    for (int from = 0; from < images.size(); from += BATCH) {
      int to = Math.min(images.size(), from + BATCH);
      try (Scope scope = Scope.open()) {
        Batch batch = images.batch(precision, IntStream.range(from, to).toArray());
        Recall.Scores scores = recall.scores(batch.images(), task);
        right[0] += right(scores.classIncremental(), batch.labels(), 0, Math.max(seen, task.end()));
        right[1] += right(scores.taskIncremental(), batch.labels(), task.first(), task.end());
        if (scores.bare().isPresent()) {
          rectified = true;
          right[2] += right(scores.bare().get(), batch.labels(), task.first(), task.end());
        }
      }
      step.run();
    }
    double size = images.size();
    return new RecallAccuracy(
        right[0] / size,
        right[1] / size,
        rectified ? Optional.of(right[2] / size) : Optional.empty());
  }

  /** How often the highest score among the columns [from, to) is the label's. */
  private static int right(NDArray scores, NDArray labels, int from, int to) {
    NDArray own = scores.get(":, " + from + ":" + to);
    if (own.isNaN().any().getBoolean()) {
      throw new Failure(
          "the network's scores are not numbers: it diverged in training; lower the learning rate.");
    }
    return (int) own.argMax(1).add(from).eq(labels).toType(DataType.INT64, false).sum().getLong();
  }
}
