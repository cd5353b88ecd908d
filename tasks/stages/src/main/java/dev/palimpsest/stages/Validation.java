package dev.palimpsest.stages;

import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Predictions;
import dev.palimpsest.methods.learners.Task;
import dev.palimpsest.tasks.StageContext;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/**
 * A task's held-out images on the device.
 *
 * @param images none where the split held none out
 * @param jointly whether they are those of all tasks so far
 */
record Validation(Optional<Images> images, boolean jointly) implements AutoCloseable {
  private static final int BATCH = 256;

  /** Those of the input {@code validation}, if it was given. */
  static Validation of(StageContext context, int task, boolean jointly, Compute compute) {
    if (!context.has("validation")) {
      return new Validation(Optional.empty(), jointly);
    }
    var all = new DataSet(context.tensors("validation"));
    DataSet own = task == StreamTask.WHOLE ? all : jointly ? all.upTo(task) : all.task(task);
    return new Validation(
        own.size() == 0 ? Optional.empty() : Optional.of(own.on(compute)), jointly);
  }

  /**
   * The loss that training watches: cross-entropy of the held-out images among the task's own
   * classes, or among those of all tasks so far.
   */
  Optional<DoubleSupplier> loss(Net net, Task task) {
    int first = jointly ? 0 : task.first();
    return images.map(held -> () -> loss(net, first, task.end(), held));
  }

  private static double loss(Net net, int first, int end, Images held) {
    double[][] logits = Predictions.of(net, held, BATCH).logits();
    long[] labels = held.labels();
    double sum = 0;
    for (int i = 0; i < labels.length; i++) {
      double highest = Arrays.stream(logits[i], first, end).max().orElseThrow();
      double total = 0;
      for (int c = first; c < end; c++) {
        total += StrictMath.exp(logits[i][c] - highest);
      }
      sum += StrictMath.log(total) + highest - logits[i][(int) labels[i]];
    }
    return sum / labels.length;
  }

  @Override
  public void close() {
    images.ifPresent(Images::close);
  }
}
