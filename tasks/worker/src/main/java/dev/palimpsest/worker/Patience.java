package dev.palimpsest.worker;

import com.netflix.conductor.client.exception.ConductorClientException;
import dev.palimpsest.base.Failure;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tries again what a server's restart interrupts, with growing pauses. */
final class Patience {
  private static final Logger LOG = LoggerFactory.getLogger(Patience.class);
  private static final Duration FIRST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private final Duration limit;

  private Patience(Duration limit) {
    this.limit = limit;
  }

  static Patience of(Duration limit) {
    return new Patience(limit);
  }

  void run(Runnable attempt) {
    get(() -> {
      attempt.run();
      return true;
    });
  }

  /** The attempt's value; its last failure once the limit is over. */
  <T> T get(Supplier<T> attempt) {
    long end = System.nanoTime() + limit.toNanos();
    Duration pause = FIRST;
    while (true) {
      try {
        return attempt.get();
      } catch (RuntimeException e) {
        if (!passing(e) || System.nanoTime() > end) {
          throw e;
        }
        LOG.info("Trying again in {} ms: {}", pause.toMillis(), e.getMessage());
        sleep(pause);
        pause = pause.multipliedBy(2).compareTo(LONGEST) > 0 ? LONGEST : pause.multipliedBy(2);
      }
    }
  }

  private static boolean passing(RuntimeException e) {
    if (e instanceof Failure failure) {
      return failure.isPassing();
    }
    return e instanceof ConductorClientException answer && passing(answer.getStatus());
  }

  /** No answer at all, too many requests, or a fault of the server's own. */
  private static boolean passing(int status) {
    return status < 400 || status == 408 || status == 429 || status >= 500;
  }

  static void sleep(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting", e);
    }
  }
}
