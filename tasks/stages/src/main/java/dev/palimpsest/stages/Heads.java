package dev.palimpsest.stages;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.methods.learners.Learner;
import dev.palimpsest.methods.learners.Task;
import dev.palimpsest.tensors.Tensors;
import java.util.Locale;

/** How many classes the classifier of a network has while the tasks of a stream come. */
public enum Heads {
  /** All from the start; those of future tasks are learned as negatives. */
  FIXED,
  /** Those of the tasks so far. */
  GROWING;

  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** How many classes the network that a stream begins with has. */
  int atFirst(DataSet data) {
    return this == FIXED ? data.classes().size() : data.tasks().getFirst();
  }

  /** How many classes a network that was {@code checkpoint} has when it learned the task. */
  int classes(Tensors checkpoint, Task task) {
    int classes = Checkpoint.classes(checkpoint);
    return this == FIXED ? classes : Math.max(classes, task.end());
  }

  /** Throws {@link Mistake} if a learner cannot have such heads. */
  void check(Learner<?> learner) {
    if (this == GROWING && !learner.headsMayGrow()) {
      throw new Mistake(
          "heads is growing, and learner '"
              + learner.name()
              + "' needs all classes from the start; expected fixed.");
    }
  }

  /**
   * The network of a checkpoint, ready to learn a task.
   *
   * @throws Mistake if images or classes do not fit
   */
  Net open(
      Learner<?> learner,
      Tensors checkpoint,
      DataSet data,
      Task task,
      Compute compute,
      Randomness randomness) {
    Checkpoint.takes(checkpoint, data);
    int classes = Checkpoint.classes(checkpoint);
    check(learner);
    if (classes(checkpoint, task) < task.end() || classes > data.classes().size()) {
      throw new Mistake(
          "heads is "
              + label()
              + " and the checkpoint has "
              + classes
              + " classes; task "
              + task.number()
              + " needs "
              + task.end()
              + " of the data set's "
              + data.classes().size()
              + ".");
    }
    return classes(checkpoint, task) == classes
        ? Checkpoint.load(checkpoint, compute)
        : grown(checkpoint, task.end(), data, compute, randomness);
  }

  /** The same network with further classes, whose rows are drawn. */
  private static Net grown(
      Tensors checkpoint, int classes, DataSet data, Compute compute, Randomness randomness) {
    Net net = Checkpoint.drawn(Checkpoint.network(checkpoint), classes, data, compute, randomness);
    Tensors fresh = net.state();
    var state = new Tensors.Builder();
    checkpoint
        .tensors()
        .forEach((name, tensor) ->
            state.put(
                name,
                Checkpoint.head(checkpoint).contains(name)
                    ? tensor.continuedBy(fresh.get(name))
                    : tensor));
    net.load(state.build());
    return net;
  }
}
