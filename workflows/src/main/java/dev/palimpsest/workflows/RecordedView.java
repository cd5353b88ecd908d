package dev.palimpsest.workflows;

import dev.palimpsest.base.Json;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.client.Conductor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A run put together from its journal, where Conductor is not asked or knows it no more. */
final class RecordedView {
  private RecordedView() {}

  static RunView of(
      RunJournal.Run run,
      List<RunJournal.StageEntry> entries,
      Optional<RunJournal.End> end,
      Catalogue catalogue) {
    RunView.State state =
        end.map(each -> RunView.State.valueOf(each.outcome().name())).orElse(RunView.State.RUNNING);
    var answered = new LinkedHashMap<String, RunJournal.StageEntry>();
    var ended = new LinkedHashMap<String, Conductor.Scheduled>();
    for (RunJournal.StageEntry entry : entries) {
      answered.put(entry.task(), entry);
      // The tasks that called it have begun.
      for (int dot = entry.task().indexOf('.'); dot > 0; dot = entry.task().indexOf('.', dot + 1)) {
        String caller = entry.task().substring(0, dot);
        ended.putIfAbsent(caller, scheduled(caller, ""));
      }
      ended.put(entry.task(), scheduled(entry.task(), entry.stage()));
    }
    var stages = new ArrayList<RunView.StageView>();
    for (Execution.Placed placed : new Execution(List.of(), ended).stages(Definition.of(run))) {
      RunJournal.StageEntry entry = answered.get(placed.path());
      if (entry != null) {
        stages.add(stage(entry, catalogue));
      } else if (state != RunView.State.COMPLETED) {
        // What a run that ended well did not answer, it did not take.
        stages.add(waiting(placed, catalogue));
      }
    }
    return new RunView(run.run(), run.study(), state, Optional.empty(), stages);
  }

  private static Conductor.Scheduled scheduled(String task, String stage) {
    return new Conductor.Scheduled(
        "",
        task,
        stage,
        "COMPLETED",
        1,
        true,
        "",
        0,
        0,
        Optional.empty(),
        Optional.empty(),
        Json.object());
  }

  private static RunView.StageView stage(RunJournal.StageEntry entry, Catalogue catalogue) {
    return new RunView.StageView(
        entry.task(),
        entry.stage(),
        lane(entry.stage(), catalogue),
        entry.cached() ? RunView.StageState.CACHED : RunView.StageState.DONE,
        "",
        entry.attempts(),
        Optional.empty(),
        entry.seconds(),
        Optional.of(entry.worker()),
        Optional.empty(),
        entry.outputs());
  }

  private static RunView.StageView waiting(Execution.Placed placed, Catalogue catalogue) {
    return new RunView.StageView(
        placed.path(),
        placed.stage(),
        lane(placed.stage(), catalogue),
        RunView.StageState.WAITING,
        "",
        0,
        Optional.empty(),
        0,
        Optional.empty(),
        Optional.empty(),
        Map.of());
  }

  /** That of a stage which this build does not have is not known. */
  private static Lane lane(String stage, Catalogue catalogue) {
    return catalogue.stages().stream()
        .filter(each -> each.name().equals(stage))
        .map(Catalogue.StageEntry::lane)
        .findFirst()
        .orElse(Lane.CPU);
  }
}
