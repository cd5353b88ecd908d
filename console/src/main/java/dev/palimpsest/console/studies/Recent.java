package dev.palimpsest.console.studies;

import dev.palimpsest.tasks.RunJournal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The newest runs; what ended is read once. */
final class Recent {
  private static final int MOST = 200;

  private final RunJournal journal;
  private Map<String, RunJournal.Summary> ended = Map.of();

  Recent(RunJournal journal) {
    this.journal = journal;
  }

  /** Newest first. */
  synchronized List<RunJournal.Summary> newest() {
    List<RunJournal.Summary> newest =
        ended.isEmpty()
            ? journal.newest(MOST)
            : journal.runs().stream()
                .limit(MOST)
                .flatMap(run ->
                    Optional.ofNullable(ended.get(run)).or(() -> journal.summary(run)).stream())
                .toList();
    var kept = new HashMap<String, RunJournal.Summary>();
    newest.stream()
        // What failed or was cancelled may go on.
        .filter(summary ->
            summary.end().filter(end -> end.outcome() == RunJournal.Outcome.COMPLETED).isPresent())
        .forEach(summary -> kept.put(summary.run(), summary));
    ended = kept;
    return newest;
  }
}
