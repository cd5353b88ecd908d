package dev.palimpsest.cli;

import dev.palimpsest.base.Failure;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.Runs;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Runs of other commands on the services that this command started: they keep them up. */
final class OtherRuns {
  private static final int NEWEST = 20;
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Backend backend;
  private final Runs runs;
  private final Instant since;

  /**
   * @param since when the services were started: what was submitted before has nobody waiting
   */
  OtherRuns(Backend backend, Runs runs, Instant since) {
    this.backend = backend;
    this.runs = runs;
    this.since = since;
  }

  /** Returns when no other run needs the services. */
  void await(String own, Screen screen) {
    if (backend.own().isEmpty()) {
      return;
    }
    Predicate<String> going = run -> !runs.view(run).state().ended();
    for (Optional<String> other = first(own, going); other.isPresent(); other = first(own, going)) {
      screen.say(
          "Run " + other.get() + " uses the local services, too: they stay up until it ends.");
      while (going.test(other.get())) {
        sleep();
      }
    }
  }

  private Optional<String> first(String own, Predicate<String> going) {
    RunJournal journal = backend.journal();
    List<String> newest = backend.connected().newest(NEWEST);
    return newest.stream()
        .filter(run -> !run.equals(own))
        .filter(run ->
            journal
                .run(run)
                .filter(record -> !Instant.parse(record.submitted()).isBefore(since))
                .isPresent())
        .filter(going)
        .findFirst();
  }

  private static void sleep() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("Interrupted while another run went on.", e);
    }
  }
}
