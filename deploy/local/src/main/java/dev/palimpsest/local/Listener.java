package dev.palimpsest.local;

import java.time.Duration;

/** Hears what the supervisor does. Called from several threads. */
public interface Listener {
  /** A listener that says nothing. */
  Listener SILENT = new Listener() {};

  /** A step of starting begins, in one sentence for people. */
  default void step(String sentence) {}

  /** {@code what} is still awaited after {@code elapsed}; called a few times a second. */
  default void waiting(String what, Duration elapsed) {}

  /**
   * A child died without being told to.
   *
   * @param exitCode its exit status; above 128, 128 + the signal that ended it
   * @param lastWords the telling line at the end of its log, empty when there is none
   * @param pause how long until it is started again
   */
  default void died(String child, int exitCode, String lastWords, Duration pause) {}

  /** A child that had died was started again, for the {@code restarts}-th time. */
  default void restarted(String child, int restarts) {}
}
