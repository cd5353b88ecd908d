package dev.palimpsest.workflows;

import dev.palimpsest.base.Digest;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a run would do, as far as that is known before it runs.
 *
 * @param tasks in the order of the definition
 */
public record Plan(List<Planned> tasks) {
  /** What becomes of a task. */
  public enum State {
    /** An earlier computation is taken. */
    CACHED,
    /** It is computed. */
    RUNS,
    /** A task before it in this plan has the same key: one of them is computed. */
    SHARED,
    /** What it gets is known only when others have run. */
    UNKNOWN
  }

  /**
   * A stage of the run.
   *
   * @param task its reference name in the definition
   * @param awaits the tasks that must run before it is known, or the task that shares its key
   * @param key its identity; empty while unknown
   * @param settings the parameters that are not the defaults: {@code training.lr=0.02}
   * @param seconds what the nearest earlier computation of this stage took: the one with the fewest
   *     other parameters, of this task rather than of another, and the newest of those
   */
  public record Planned(
      String task,
      String stage,
      State state,
      List<String> awaits,
      Optional<Digest> key,
      List<String> settings,
      OptionalDouble seconds) {}

  /** How many tasks are in this state. */
  public long count(State state) {
    return tasks.stream().filter(task -> task.state() == state).count();
  }

  /** The seconds that the tasks in this state took last time, as far as that is known. */
  public double seconds(State state) {
    return tasks.stream()
        .filter(task -> task.state() == state)
        .mapToDouble(task -> task.seconds().orElse(0))
        .sum();
  }
}
