package dev.palimpsest.console.workers;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.console.Services;
import dev.palimpsest.storage.SideBySide;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.RunView;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The runs that go on, found without reading those again that ended. */
final class Going {
  /** An older run that goes on is not found. */
  private static final int NEWEST = 200;

  private static final int MOST = 20;

  private final Services services;
  private final Set<String> ended = ConcurrentHashMap.newKeySet();

  Going(Services services) {
    this.services = services;
  }

  /** A run that goes on, and how it is. */
  record Run(RunJournal.Run record, RunView view) {}

  /**
   * At most 20, newest first.
   *
   * @throws Failure if Conductor or the store is out of reach
   */
  List<Run> now() {
    RunJournal journal = services.journal();
    List<String> open =
        journal.runs().stream().limit(NEWEST).filter(run -> !ended.contains(run)).toList();
    return SideBySide.map(open, run -> run(journal, run)).stream()
        .flatMap(Optional::stream)
        .limit(MOST)
        .toList();
  }

  private Optional<Run> run(RunJournal journal, String run) {
    if (journal.end(run).isPresent()) {
      ended.add(run);
      return Optional.empty();
    }
    try {
      RunView view = services.runs().view(run);
      if (view.state().ended()) {
        ended.add(run);
        return Optional.empty();
      }
      return journal.run(run).map(record -> new Run(record, view));
    } catch (Mistake e) {
      // Conductor forgot it, or it is removed just now.
      ended.add(run);
      return Optional.empty();
    }
  }
}
