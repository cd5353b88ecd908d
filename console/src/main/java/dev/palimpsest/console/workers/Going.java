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

/** The runs that go on. */
final class Going {
  /** An older run that goes on is not found. */
  private static final int NEWEST = 200;

  private static final int MOST = 20;

  private final Services services;

  /** What Conductor does not know any more, though nobody saw it end. */
  private final Set<String> lost = ConcurrentHashMap.newKeySet();

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
    List<String> open =
        services.journal().newest(NEWEST).stream()
            .filter(summary -> summary.end().isEmpty())
            .map(RunJournal.Summary::run)
            .filter(run -> !lost.contains(run))
            .limit(MOST)
            .toList();
    return SideBySide.map(open, this::run).stream().flatMap(Optional::stream).toList();
  }

  private Optional<Run> run(String run) {
    try {
      RunView view = services.runs().view(run);
      return services.journal().run(run).map(record -> new Run(record, view));
    } catch (Mistake e) {
      // Or it is removed just now.
      lost.add(run);
      return Optional.empty();
    }
  }
}
