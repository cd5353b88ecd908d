package dev.palimpsest.cli;

import dev.palimpsest.base.Failure;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.Runs;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

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
    for (List<String> others = using(own); !others.isEmpty(); others = using(own)) {
      String other = others.getFirst();
      screen.say("Run " + other + " uses the local services, too: they stay up until it ends.");
      while (!runs.ended(other)) {
        sleep();
      }
    }
  }

  /** Those that use the services now, newest first. */
  List<String> using(String own) {
    RunJournal journal = backend.journal();
    return journal.newest(NEWEST).stream()
        .filter(run -> run.end().isEmpty())
        .filter(run -> !Instant.parse(run.submitted()).isBefore(since))
        .map(RunJournal.Summary::run)
        .filter(run -> !run.equals(own))
        .filter(run -> !runs.ended(run))
        .toList();
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
