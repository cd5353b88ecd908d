package dev.palimpsest.methods.learners;

import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Method;
import java.util.Optional;

/**
 * Learns tasks one after the other without forgetting the former ones.
 *
 * <p>A task is learned in two stages: the training, shaped by a {@link TaskLesson}, and the {@link
 * Consolidation} after it. Between stages a learner keeps its {@link Memory} and nothing else.
 *
 * @param <P> its parameters
 */
public interface Learner<P extends Record> extends Method<P> {
  @Override
  default Kind kind() {
    return Kind.LEARNER;
  }

  /** Whether it trains on the images of all tasks so far instead of the task's own. */
  default boolean learnsJointly() {
    return false;
  }

  /**
   * Whether the classifier may grow with the tasks; otherwise it has all classes from the start.
   */
  default boolean headsMayGrow() {
    return true;
  }

  /** Whether it learns a further task only with what it kept of the former ones. */
  default boolean needsMemory() {
    return false;
  }

  /**
   * Whether it measures what it keeps while it trains a task, and so can keep nothing of a task
   * that was trained without it.
   */
  default boolean measuresInTraining() {
    return false;
  }

  /** How many samples it keeps at most; 0: none. */
  default int samplesKept(P parameters) {
    return 0;
  }

  /**
   * Begins to learn a task.
   *
   * @throws dev.palimpsest.base.Mistake if the memory does not fit the network
   */
  TaskLesson lesson(P parameters, TaskContext context);

  /** What is done after a task; by default nothing, and the memory is kept as it is. */
  default Consolidation consolidation(P parameters, TaskContext context) {
    return Consolidation.of(context.memory());
  }

  /**
   * How the network is asked after {@code last}.
   *
   * @param last the newest task that was learned
   */
  default Recall recall(P parameters, Net net, Memory memory, Task last) {
    return Recall.of(net);
  }

  /** A sentence for the log if the parameters are likely to make training diverge. */
  default Optional<String> warning(P parameters, Memory memory, Sgd.Settings sgd) {
    return Optional.empty();
  }
}
