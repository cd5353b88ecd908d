package dev.palimpsest.methods.learners.rfe;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.methods.learners.Buffer;
import dev.palimpsest.methods.learners.BufferSettings;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.TaskContext;
import java.util.Optional;
import java.util.Set;

/**
 * What distinguishes the learners of this family.
 *
 * @param lambda weight of the pull towards former features (regularize_weight)
 * @param drift whether the former network's running statistics drift while the next task is learned
 * @param buffer of samples with their features; none: no samples are kept
 * @param lastTaskOnly whether those are of the newest task alone
 */
record RfeSettings(
    double lambda,
    boolean drift,
    ModuleSettings modules,
    Optional<BufferSettings> buffer,
    boolean lastTaskOnly) {
  static final String LAMBDA = "weight of the pull towards the former features (regularize_weight)";

  /**
   * Throws {@link Mistake} when the rectifier would be trained with the task's loss and weigh
   * nothing in it.
   */
  static void check(double lambda, ModuleSettings modules) {
    if (modules.endToEnd() && lambda == 0) {
      throw new Mistake(
          "modules.endToEnd is true and lambda is 0, so that the rectifier would not be trained;"
              + " expected a lambda above 0, or endToEnd false.");
    }
  }

  static final String DRIFT =
      "as in the published code, let the former network's running statistics drift to the new task";

  /** The samples of former tasks, if there are some. */
  Optional<Buffer> held(TaskContext context) {
    return buffer
        .filter(settings -> context.memory().has(Buffer.PART))
        .map(settings -> Buffer.of(settings, context));
  }

  /** The memory with samples of a task that was learned, and what the network says of them. */
  Memory filled(Memory memory, TaskContext context) {
    if (buffer.isEmpty()) {
      return memory;
    }
    Buffer kept =
        held(context)
            .filter(former -> !lastTaskOnly)
            .orElseGet(() ->
                Buffer.empty(
                    buffer.get().size(), buffer.get().policy(), context.data().imageShape()));
    kept.fill(
        context.data(),
        context.net(),
        context.task().number(),
        Set.of(Buffer.Extra.FEATURES),
        context.randomness().stream("buffer"));
    return memory.with(Buffer.PART, kept.state());
  }
}
