package dev.palimpsest.cli;

import dev.palimpsest.base.Failure;
import dev.palimpsest.workflows.RunView;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;

/** Looks at a run until it ends, and shows it. */
final class Follow {
  private static final Duration QUICK = Duration.ofMillis(200);
  private static final Duration STEADY = Duration.ofMillis(500);
  private static final Duration QUICK_FOR = Duration.ofSeconds(10);

  /** A look at many sub-workflows takes the server long; it has more to do than to answer. */
  private static final int PAUSES_A_LOOK = 4;

  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final Supplier<RunView> look;
  private final StallWatch watch;
  private final String remedy;
  private final Screen screen;
  private final Clock clock;
  private volatile boolean stopped;

  /**
   * @param remedy what else can be done where the servers are out of reach, or nothing
   */
  Follow(Supplier<RunView> look, StallWatch watch, String remedy, Screen screen, Clock clock) {
    this.look = look;
    this.remedy = remedy;
    this.watch = watch;
    this.screen = screen;
    this.clock = clock;
  }

  /** Shows nothing more, and never returns: for a process that is about to end. */
  void stop() {
    stopped = true;
  }

  /**
   * Returns the run as it ended.
   *
   * @throws Failure when the servers were out of reach for five minutes
   */
  RunView untilEnded() {
    long began = clock.millis();
    long outOfReach = -1;
    while (true) {
      long now = clock.millis();
      try {
        RunView view = look.get();
        parkIfStopped();
        if (outOfReach >= 0) {
          screen.say("The servers answer again.");
          outOfReach = -1;
        }
        screen.show(view);
        if (view.state().ended()) {
          return view;
        }
        watch.look(view, now).forEach(screen::say);
      } catch (Failure e) {
        parkIfStopped();
        if (!e.isPassing() || (outOfReach >= 0 && now - outOfReach > PATIENCE.toMillis())) {
          throw e;
        }
        if (outOfReach < 0) {
          outOfReach = now;
          screen.say(
              e.getMessage() + " Trying again for " + PATIENCE.toMinutes() + " minutes." + remedy);
        }
      }
      Duration rest = Duration.ofMillis(clock.millis() - now).multipliedBy(PAUSES_A_LOOK);
      Duration steady = rest.compareTo(STEADY) > 0 ? rest : STEADY;
      sleep(now - began < QUICK_FOR.toMillis() ? QUICK : steady);
    }
  }

  private void parkIfStopped() {
    if (stopped) {
      sleep(Duration.ofDays(1));
    }
  }

  private static void sleep(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("Interrupted while the run went on.", e);
    }
  }
}
