package dev.palimpsest.console.compare;

import dev.palimpsest.base.Digest;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.RunJournal.StageEntry;
import dev.palimpsest.workflows.RunList;
import dev.palimpsest.workflows.RunView.StageState;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A run that is compared.
 *
 * @param label how tables and curves name it
 * @param stages that were answered, in the order in which they finished
 * @param others how the other stages stand, by task, as far as that is known
 */
record Compared(
    String label,
    RunJournal.Run run,
    RunList.State standing,
    List<StageEntry> stages,
    Map<String, StageState> others) {
  private static final int SHORTEST = 8;

  static String label(String run) {
    return run.substring(0, Math.min(SHORTEST, run.length()));
  }

  String title() {
    return run.title().orElse(run.study());
  }

  String seed() {
    return run.inputs().path("seed").asText();
  }

  String state() {
    return standing.name().toLowerCase(Locale.ROOT);
  }

  /** How a task stands that was not answered, in a word or two. */
  String unanswered(String task) {
    StageState state = others.getOrDefault(task, StageState.WAITING);
    return switch (state) {
      case WAITING, QUEUED ->
          switch (standing) {
            case RUNNING -> others.containsKey(task) ? "waiting" : "not run";
            case UNKNOWN, LOST -> state();
            case COMPLETED, FAILED, CANCELLED -> "not run";
          };
      case RUNNING, CACHED, DONE, FAILED, CANCELLED -> state.name().toLowerCase(Locale.ROOT);
    };
  }

  Instant submitted() {
    return Instant.parse(run.submitted());
  }

  Optional<StageEntry> stage(String task) {
    return stages.stream().filter(stage -> stage.task().equals(task)).findFirst();
  }

  Optional<Reference> output(String task, String output) {
    return stage(task).flatMap(stage -> Optional.ofNullable(stage.outputs().get(output)));
  }

  /** The digests of what a task made, by name. */
  static Map<String, Digest> digests(StageEntry stage) {
    return stage.outputs().entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, output -> output.getValue().sha256()));
  }

  /** The outputs of a type that any of the runs has, as {@code task/output}; the newest last. */
  static LinkedHashSet<String> outputs(List<Compared> runs, String type) {
    var found = new LinkedHashSet<String>();
    for (Compared run : runs) {
      for (StageEntry stage : run.stages()) {
        stage.outputs().entrySet().stream()
            .filter(output -> output.getValue().artifact().equals(type))
            .map(output -> stage.task() + "/" + output.getKey())
            .sorted()
            .forEach(found::add);
      }
    }
    return found;
  }
}
