package dev.palimpsest.workflows;

import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.workflows.RunView.StageView;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Estimates the seconds that a stage still takes, from the steps since it was first seen: an
 * attempt that goes on from saved state is not taken for a fast one.
 */
public final class TimeLeft {
  private static final double LEAST_SECONDS = 2;

  private final Map<String, Seen> first = new HashMap<>();

  private record Seen(int attempt, long done, double seconds) {}

  /** Empty while nothing can be told. */
  public OptionalDouble of(StageView stage) {
    if (stage.progress().isEmpty()) {
      return OptionalDouble.empty();
    }
    StageContext.Progress now = stage.progress().get();
    Seen fresh = new Seen(stage.attempt(), now.done(), stage.seconds());
    Seen seen = first.getOrDefault(stage.task(), fresh);
    if (seen.attempt() != stage.attempt()
        || seen.done() > now.done()
        || seen.seconds() > stage.seconds()) {
      seen = fresh;
    }
    first.put(stage.task(), seen);
    long steps = now.done() - seen.done();
    double seconds = stage.seconds() - seen.seconds();
    if (steps <= 0 || seconds < LEAST_SECONDS || now.total() < now.done()) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of((now.total() - now.done()) * seconds / steps);
  }
}
