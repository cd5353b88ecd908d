package dev.palimpsest.worker;

import java.time.Duration;

/**
 * When mid-stage state is saved: after the first step, which shows that the stage gets on; then
 * every five seconds, or less often where saving would cost more than 2 % of the time.
 */
final class Pace {
  private static final long LEAST = Duration.ofSeconds(5).toNanos();
  private static final long SHARE = 50;

  private long last = System.nanoTime();
  private long interval;

  boolean due() {
    return System.nanoTime() - last >= interval;
  }

  void timed(Runnable save) {
    long start = System.nanoTime();
    save.run();
    last = System.nanoTime();
    interval = Math.max(LEAST, SHARE * (last - start));
  }
}
