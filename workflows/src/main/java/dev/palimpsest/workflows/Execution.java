package dev.palimpsest.workflows;

import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.client.Conductor.Scheduled;
import dev.palimpsest.workflows.client.Conductor.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Conductor has scheduled of a run, that of its sub-workflows included.
 *
 * @param attempts every attempt at every task
 * @param newest the newest attempt at each task, by its path
 */
record Execution(List<Attempt> attempts, Map<String, Scheduled> newest) {
  private static final Pattern ITERATION = Pattern.compile("__(\\d+)$");

  /** An attempt at the task of this path. */
  record Attempt(String path, Scheduled task) {}

  /** A stage of the run: where it stands, which it is, and its newest attempt. */
  record Placed(String path, String stage, Optional<Scheduled> scheduled) {}

  /**
   * @param ask tells how a sub-workflow is
   */
  static Execution of(Snapshot run, Function<String, Snapshot> ask) {
    var attempts = new ArrayList<Attempt>();
    collect("", run, ask, attempts);
    var newest = new LinkedHashMap<String, Scheduled>();
    attempts.forEach(attempt -> newest.put(attempt.path(), attempt.task()));
    return new Execution(attempts, newest);
  }

  private static void collect(
      String caller, Snapshot workflow, Function<String, Snapshot> ask, List<Attempt> into) {
    for (Scheduled task : workflow.tasks()) {
      String path = RunJournal.within(caller, task.reference());
      into.add(new Attempt(path, task));
      task.called().ifPresent(id -> collect(path, ask.apply(id), ask, into));
    }
  }

  /** The stages in the order of the definition, as far as the run has unfolded it. */
  List<Placed> stages(Definition definition) {
    var stages = new ArrayList<Placed>();
    sequence(definition, Definition.direct(definition.json().path("tasks")), "", "", stages);
    return stages;
  }

  /**
   * @param caller the path of the task that runs this workflow
   * @param iteration {@code __2} within the second iteration of a loop
   */
  private void sequence(
      Definition definition,
      List<Definition.Task> tasks,
      String caller,
      String iteration,
      List<Placed> into) {
    for (Definition.Task task : tasks) {
      String path = RunJournal.within(caller, task.reference() + iteration);
      switch (TaskType.of(task.type()).orElse(TaskType.JOIN)) {
        case SIMPLE -> into.add(placed(path, task.name()));
        case FORK_JOIN ->
            task.json()
                .path("forkTasks")
                .forEach(branch ->
                    sequence(definition, Definition.direct(branch), caller, iteration, into));
        case FORK_JOIN_DYNAMIC -> sweep(definition, task, caller, into);
        case DO_WHILE -> {
          List<Definition.Task> body = Definition.direct(task.json().path("loopOver"));
          for (int i = 1; i <= Math.max(1, iterations(body, caller)); i++) {
            sequence(definition, body, caller, "__" + i, into);
          }
        }
        case SWITCH ->
            cases(task, path)
                .forEach(taken -> sequence(definition, taken, caller, iteration, into));
        case SUB_WORKFLOW ->
            task.calls()
                .flatMap(definition::subWorkflow)
                .ifPresent(called -> within(called, path, into));
        case JOIN, SET_VARIABLE, JSON_JQ_TRANSFORM -> {}
      }
    }
  }

  private Placed placed(String path, String stage) {
    return new Placed(path, stage, Optional.ofNullable(newest.get(path)));
  }

  private void within(Definition called, String path, List<Placed> into) {
    sequence(called, Definition.direct(called.json().path("tasks")), path, "", into);
  }

  /** The branches of a sweep are there once it has forked. */
  private void sweep(
      Definition definition, Definition.Task fork, String caller, List<Placed> into) {
    String tasks = fork.json().path("inputParameters").path("tasks").asText();
    for (Definition.Task sweep : definition.tasks()) {
      if (!tasks.startsWith("${" + sweep.reference() + ".output.")) {
        continue;
      }
      String as = sweep.json().path("inputParameters").path("as").asText();
      for (int i = 1; newest.containsKey(RunJournal.within(caller, as + "_" + i)); i++) {
        String path = RunJournal.within(caller, as + "_" + i);
        Optional<Definition> called = sweep.calls().flatMap(definition::subWorkflow);
        if (called.isPresent()) {
          within(called.get(), path, into);
        } else {
          into.add(placed(path, sweep.json().path("inputParameters").path("stage").asText()));
        }
      }
    }
  }

  /** How many iterations of these tasks have begun. */
  private int iterations(List<Definition.Task> body, String caller) {
    int most = 0;
    for (String path : newest.keySet()) {
      Matcher matcher = ITERATION.matcher(path);
      if (matcher.find()) {
        String begun = path.substring(0, matcher.start());
        boolean ours =
            body.stream()
                .anyMatch(task -> begun.equals(RunJournal.within(caller, task.reference())));
        most = ours ? Math.max(most, Integer.parseInt(matcher.group(1))) : most;
      }
    }
    return most;
  }

  /** The cases that may still be taken: the one that was, once it is known. */
  private List<List<Definition.Task>> cases(Definition.Task task, String path) {
    var cases = new LinkedHashMap<String, List<Definition.Task>>();
    task.json()
        .path("decisionCases")
        .properties()
        .forEach(e -> cases.put(e.getKey(), Definition.direct(e.getValue())));
    List<Definition.Task> otherwise = Definition.direct(task.json().path("defaultCase"));
    Optional<String> value =
        Optional.ofNullable(newest.get(path))
            .map(decided -> decided.outputs().path("evaluationResult").path(0).asText(""));
    if (value.isPresent()) {
      return List.of(cases.getOrDefault(value.get(), otherwise));
    }
    var all = new ArrayList<>(cases.values());
    all.add(otherwise);
    return all;
  }
}
