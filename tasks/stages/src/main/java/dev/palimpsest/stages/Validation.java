package dev.palimpsest.stages;

import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.tasks.StageContext;
import java.util.Optional;

/**
 * A task's held-out images on the device.
 *
 * @param images none where the split held none out
 */
record Validation(Optional<Images> images) implements AutoCloseable {
  /** Those of the input {@code validation}, if it was given. */
  static Validation of(StageContext context, int task, Compute compute) {
    if (!context.has("validation")) {
      return new Validation(Optional.empty());
    }
    var all = new DataSet(context.tensors("validation"));
    DataSet own = task == StreamTask.WHOLE ? all : all.task(task);
    return new Validation(own.size() == 0 ? Optional.empty() : Optional.of(own.on(compute)));
  }

  @Override
  public void close() {
    images.ifPresent(Images::close);
  }
}
