package dev.palimpsest.workflows;

import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.StageContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A run at one moment.
 *
 * @param error why it failed, in one sentence
 * @param stages in the order of the definition
 */
public record RunView(
    String run, String study, State state, Optional<String> error, List<StageView> stages) {
  /** The states of a run. */
  public enum State {
    RUNNING,
    COMPLETED,
    FAILED,
    CANCELLED;

    public boolean ended() {
      return this != RUNNING;
    }
  }

  /** The states of a stage within a run. */
  public enum StageState {
    /** What it depends on has not ended. */
    WAITING,
    /** It could run, but no worker computes it yet. */
    QUEUED,
    RUNNING,
    /** An earlier computation was taken. */
    CACHED,
    DONE,
    FAILED,
    CANCELLED
  }

  /**
   * A stage of the run.
   *
   * @param task its reference name in the definition
   * @param id Conductor's id of the newest attempt; empty while waiting
   * @param attempt 1 for the first; 0 while waiting
   * @param progress how far it is, while it runs and once it told
   * @param seconds since its start, or what it took; 0 unless it ran
   * @param worker who computes it or answered it
   * @param error why it failed
   * @param outputs what it made, by name
   */
  public record StageView(
      String task,
      String stage,
      Lane lane,
      StageState state,
      String id,
      int attempt,
      Optional<StageContext.Progress> progress,
      double seconds,
      Optional<String> worker,
      Optional<String> error,
      Map<String, Reference> outputs) {
    /** The same stage, as far as its worker tells. */
    public StageView at(RunJournal.Live live) {
      return new StageView(
          task,
          stage,
          lane,
          state,
          id,
          attempt,
          Optional.of(live.progress()).filter(told -> told.done() > 0),
          live.seconds(),
          Optional.of(live.worker()),
          error,
          outputs);
    }

    /** The same stage in another state. */
    public StageView in(StageState other) {
      return new StageView(
          task, stage, lane, other, id, attempt, progress, seconds, worker, error, outputs);
    }
  }

  /** The stage of this task, if the definition has it. */
  public Optional<StageView> stage(String task) {
    return stages.stream().filter(stage -> stage.task().equals(task)).findFirst();
  }
}
