package dev.palimpsest.console.runs;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.RecentlyUsed;
import dev.palimpsest.console.Services;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.RunView.StageState;
import dev.palimpsest.workflows.RunView.StageView;
import dev.palimpsest.workflows.TimeLeft;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at runs: through Conductor where it must be, and from the journal where that will do. */
final class Looks {
  private static final int MOST_KEPT = 100;

  private final Services services;
  private final Panels panels;
  private final Results results;

  /** How fast stages get on is seen by looking more than once. */
  private final Map<String, TimeLeft> times = RecentlyUsed.map(MOST_KEPT);

  private final Map<String, RunJournal.Run> records = RecentlyUsed.map(MOST_KEPT);

  Looks(Services services) {
    this.services = services;
    this.panels = new Panels(services);
    this.results = new Results(services.artifacts());
  }

  /**
   * The page of a run at this moment.
   *
   * @param task whose panel is shown; empty for the one that matters most
   */
  Look at(String run, Optional<String> task) {
    RunJournal.Run record =
        records.computeIfAbsent(
            run,
            each ->
                services
                    .journal()
                    .run(each)
                    .orElseThrow(() -> new Mistake("Run '" + run + "' is not in this store.")));
    Optional<RunJournal.End> written = services.journal().end(run);
    Seen seen = seen(run, written);
    Optional<RunJournal.End> end =
        seen.view().state().ended() ? written.or(() -> services.journal().end(run)) : written;
    TimeLeft times = this.times.computeIfAbsent(run, each -> new TimeLeft());
    Optional<StageView> chosen = chosen(run, seen.view(), task);
    Definition definition = Definition.of(record);
    return new Look(
        record,
        definition,
        services.notes().of(run),
        end,
        seen.view(),
        seen.outOfReach(),
        seen.known(),
        services.clock().instant(),
        seen.view().state() == RunView.State.COMPLETED
            ? results.of(definition, seen.view())
            : List.of(),
        task,
        chosen.map(stage -> panels.of(record, seen.view(), stage, times, seen.known())));
  }

  /** A look, brought up to date with what its running stages tell of their progress. */
  Look progressed(Look last) {
    String run = last.run();
    List<StageView> stages =
        last.view().stages().stream()
            .map(stage ->
                stage.state() == StageState.RUNNING
                    ? services.journal().live(run, stage.task()).map(stage::at).orElse(stage)
                    : stage)
            .toList();
    var view =
        new RunView(run, last.view().study(), last.view().state(), last.view().error(), stages);
    TimeLeft times = this.times.computeIfAbsent(run, each -> new TimeLeft());
    return last.with(
        view,
        services.clock().instant(),
        last.panel()
            .map(panel ->
                view.stage(panel.stage().task())
                    .filter(stage -> stage.state() == StageState.RUNNING)
                    .map(stage -> Panels.progressed(panel, stage, times))
                    .orElse(panel)));
  }

  /**
   * A run as far as it can be known.
   *
   * @param known whether Conductor knows it
   */
  private record Seen(RunView view, boolean known, Optional<String> outOfReach) {}

  private Seen seen(String run, Optional<RunJournal.End> end) {
    if (end.filter(each -> each.outcome() == RunJournal.Outcome.COMPLETED).isPresent()) {
      return new Seen(services.runs().recorded(run), true, Optional.empty());
    }
    try {
      return new Seen(services.runs().view(run), true, Optional.empty());
    } catch (Mistake e) {
      return new Seen(services.runs().recorded(run), false, Optional.ofNullable(e.getMessage()));
    } catch (Failure e) {
      return new Seen(services.runs().recorded(run), false, Optional.ofNullable(e.getMessage()));
    }
  }

  private static Optional<StageView> chosen(String run, RunView view, Optional<String> task) {
    if (task.isPresent()) {
      return Optional.of(
          view.stage(task.get())
              .orElseThrow(
                  () -> new Mistake("Run '" + run + "' has no task '" + task.get() + "'.")));
    }
    return first(view, StageState.FAILED)
        .or(() -> first(view, StageState.RUNNING))
        .or(() -> first(view, StageState.QUEUED).filter(each -> !view.state().ended()))
        .or(() -> first(view, StageState.CANCELLED));
  }

  private static Optional<StageView> first(RunView view, StageState state) {
    return view.stages().stream().filter(stage -> stage.state() == state).findFirst();
  }
}
