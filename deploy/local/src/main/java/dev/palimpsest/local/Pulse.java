package dev.palimpsest.local;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Ends a server that lives and does not answer any more, so that its keeper starts it again.
 *
 * <p>Silence counts from the first answer on: a start may take as long as it does.
 */
final class Pulse implements AutoCloseable {
  /** Longer than a busy machine keeps a healthy server from answering. */
  static final int PATIENCE = 12;

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final LongSupplier process;
  private final BooleanSupplier answers;
  private final Runnable end;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("pulse").factory());
  private long seen = -1;
  private boolean answered;
  private int silent;

  /**
   * @param process the server's process id, which changes when it is started again
   * @param answers whether it answers now
   * @param end ends the process
   */
  Pulse(LongSupplier process, BooleanSupplier answers, Runnable end) {
    this.process = process;
    this.answers = answers;
    this.end = end;
  }

  /** Looks from time to time until closed. */
  void begin() {
    var unused =
        timer.scheduleWithFixedDelay(
            this::look, PERIOD.toSeconds(), PERIOD.toSeconds(), TimeUnit.SECONDS);
  }

  void look() {
    if (process.getAsLong() != seen) {
      seen = process.getAsLong();
      answered = false;
      silent = 0;
    }
    if (answers.getAsBoolean()) {
      answered = true;
      silent = 0;
    } else if (answered && ++silent == PATIENCE) {
      end.run();
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
