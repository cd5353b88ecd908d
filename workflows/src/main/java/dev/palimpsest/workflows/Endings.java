package dev.palimpsest.workflows;

import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.client.Conductor;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Writes down how runs ended: Conductor may forget them, or be gone. */
final class Endings {
  private Endings() {}

  /** The end of a run, if it has ended; written down by whoever sees it first. */
  static Optional<RunJournal.End> note(Conductor.Snapshot snapshot, RunJournal journal) {
    RunView.State state = Runs.state(snapshot);
    if (!state.ended()) {
      // It goes on again, and whoever made it do so could not write that down.
      journal
          .end(snapshot.run())
          .filter(end -> end.outcome() != RunJournal.Outcome.COMPLETED)
          .ifPresent(end -> journal.reopen(snapshot.run()));
      return Optional.empty();
    }
    Instant ended = Instant.ofEpochMilli(snapshot.ended());
    // One that was retried ends again, later.
    Optional<RunJournal.End> known =
        journal.end(snapshot.run()).filter(end -> !Instant.parse(end.ended()).isBefore(ended));
    if (known.isPresent()) {
      return known;
    }
    List<RunJournal.StageEntry> stages = journal.stages(snapshot.run());
    var end =
        new RunJournal.End(
            RunJournal.Outcome.valueOf(state.name()),
            ended.toString(),
            stages.size(),
            (int) stages.stream().filter(RunJournal.StageEntry::cached).count());
    journal.write(snapshot.run(), end);
    return Optional.of(end);
  }
}
