package dev.palimpsest.cli;

import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.RunView.StageState;
import dev.palimpsest.workflows.RunView.StageView;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Hand-made states of runs. */
final class Views {
  private Views() {}

  static RunView run(RunView.State state, StageView... stages) {
    return new RunView("run-1", "sbl", state, Optional.empty(), List.of(stages));
  }

  static RunView running(StageView... stages) {
    return run(RunView.State.RUNNING, stages);
  }

  static StageView stage(String task, StageState state, double seconds) {
    return stage(task, state, 1, seconds, Optional.empty(), Map.of());
  }

  static StageView training(
      String task, int attempt, long done, String label, double seconds, double loss) {
    var progress =
        new StageContext.Progress(
            done, 200, label, Map.of("loss", loss, "accuracy", 0.8125, "asr", 0.99));
    return stage(task, StageState.RUNNING, attempt, seconds, Optional.of(progress), Map.of());
  }

  static StageView failed(String task, String error) {
    return new StageView(
        task,
        "train",
        Lane.GPU,
        StageState.FAILED,
        task + "#1",
        1,
        Optional.empty(),
        1,
        Optional.empty(),
        Optional.of(error),
        Map.of());
  }

  static StageView stage(
      String task,
      StageState state,
      int attempt,
      double seconds,
      Optional<StageContext.Progress> progress,
      Map<String, Reference> outputs) {
    return new StageView(
        task,
        "train",
        Lane.GPU,
        state,
        state == StageState.WAITING ? "" : task + "#" + attempt,
        state == StageState.WAITING ? 0 : attempt,
        progress,
        seconds,
        Optional.of("worker-1"),
        Optional.empty(),
        outputs);
  }
}
