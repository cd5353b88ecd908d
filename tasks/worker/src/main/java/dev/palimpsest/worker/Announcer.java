package dev.palimpsest.worker;

import dev.palimpsest.tasks.Workers;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Announces a worker while it serves, in a thread of its own: a store that hangs holds up no lease.
 */
final class Announcer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);

  /** Longer than a store that is there takes; one that is not there must not hold up the end. */
  private static final Duration FAREWELL = Duration.ofSeconds(1);

  private final Workers workers;
  private final Workers.Announcement worker;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("announce").factory());

  Announcer(Workers workers, Workers.Announcement worker) {
    this.workers = workers;
    this.worker = worker;
  }

  /** Announces now and from here on, and sweeps once what others left. */
  void begin() {
    begin(Workers.BEAT);
  }

  void begin(Duration every) {
    thread.execute(() -> attempt(workers::sweep));
    var unused =
        thread.scheduleWithFixedDelay(
            () -> attempt(() -> workers.announce(worker)),
            0,
            every.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private static void attempt(Runnable duty) {
    try {
      duty.run();
    } catch (RuntimeException e) {
      LOG.info("This worker could not be announced: {}", e.getMessage());
    }
  }

  /** Takes the announcement back, if the store answers soon; otherwise it grows old. */
  @Override
  public synchronized void close() {
    if (thread.isShutdown()) {
      return;
    }
    var farewell = thread.submit(() -> attempt(() -> workers.remove(worker.id())));
    thread.shutdown();
    try {
      farewell.get(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.info("This worker's announcement stays behind: {}", e.toString());
    }
  }
}
