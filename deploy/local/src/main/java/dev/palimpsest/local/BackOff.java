package dev.palimpsest.local;

import java.time.Duration;

/**
 * How long to wait before a dead child is started again.
 *
 * @param first the pause after the first death
 * @param longest the pause that doubling stops at
 * @param healthy a child that lived this long starts from {@code first} again
 */
record BackOff(Duration first, Duration longest, Duration healthy) {
  static final BackOff STANDARD =
      new BackOff(Duration.ofMillis(200), Duration.ofSeconds(10), Duration.ofSeconds(60));

  /**
   * The pause after a death.
   *
   * @param previous the pause before this life, zero when it was the first
   * @param life how long the child lived
   */
  Duration next(Duration previous, Duration life) {
    if (previous.isZero() || life.compareTo(healthy) >= 0) {
      return first;
    }
    Duration doubled = previous.multipliedBy(2);
    return doubled.compareTo(longest) < 0 ? doubled : longest;
  }
}
