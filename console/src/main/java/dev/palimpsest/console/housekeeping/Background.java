package dev.palimpsest.console.housekeeping;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work that takes longer than a page may, in a thread of its own; one at a time. */
final class Background<T> {
  private static final Logger LOG = LoggerFactory.getLogger(Background.class);

  private final String name;
  private final InstantSource clock;
  private volatile Shown<T> now = new Shown<>(Optional.empty(), Optional.empty(), Optional.empty());

  Background(String name, InstantSource clock) {
    this.name = name;
    this.clock = clock;
  }

  /** What was made, when it was ready, and how long it took. */
  record Made<T>(T it, Instant at, double seconds) {}

  /**
   * How the work is.
   *
   * @param since when it began, while it goes on
   * @param made what it made the last time
   * @param failed why it made nothing the last time
   */
  record Shown<T>(Optional<Instant> since, Optional<Made<T>> made, Optional<String> failed) {
    boolean working() {
      return since.isPresent();
    }

    /** Whether it was never begun. */
    boolean fresh() {
      return since.isEmpty() && made.isEmpty() && failed.isEmpty();
    }
  }

  Shown<T> now() {
    return now;
  }

  /** Begins, unless it goes on already; what was made before is shown until then. */
  synchronized void begin(Supplier<T> work) {
    Shown<T> before = now;
    if (!before.working()) {
      Instant begun = clock.instant();
      now = new Shown<>(Optional.of(begun), before.made(), Optional.empty());
      Thread.ofPlatform().daemon().name(name).start(() -> now = done(work, begun, before));
    }
  }

  private Shown<T> done(Supplier<T> work, Instant begun, Shown<T> before) {
    try {
      T it = work.get();
      Instant at = clock.instant();
      double seconds = Duration.between(begun, at).toMillis() / 1e3;
      return new Shown<>(
          Optional.empty(), Optional.of(new Made<>(it, at, seconds)), Optional.empty());
    } catch (Mistake | Failure e) {
      return failed(before, String.valueOf(e.getMessage()));
    } catch (RuntimeException | Error e) {
      LOG.error("{} failed", name, e);
      return failed(before, "It failed; the console's log has the trace.");
    }
  }

  private static <T> Shown<T> failed(Shown<T> before, String sentence) {
    return new Shown<>(Optional.empty(), before.made(), Optional.of(sentence));
  }
}
