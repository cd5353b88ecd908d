package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.storage.Ledger;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.StageCall;
import dev.palimpsest.tasks.StageKey;
import dev.palimpsest.workflows.Plan.Planned;
import dev.palimpsest.workflows.Plan.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;

/**
 * Foretells a run: a task whose inputs are all known has a key, and where the ledger holds that key
 * its outputs are known, too. Nothing is written.
 */
public final class Planner {
  private final Catalogue catalogue;
  private final Parameters parameters;
  private final Function<StageCall, StageKey> keys;
  private final Ledger ledger;
  private final PastTimes times;

  /**
   * @param keys makes the key of a call
   */
  public Planner(
      Catalogue catalogue, Function<StageCall, StageKey> keys, Ledger ledger, PastTimes times) {
    this.catalogue = catalogue;
    this.keys = keys;
    this.parameters = new Parameters(catalogue);
    this.ledger = ledger;
    this.times = times;
  }

  /**
   * The plan of a run.
   *
   * @param definition checked with these inputs
   * @param inputs as {@link DefinitionCheck#inputs} filled them in
   */
  public Plan of(Definition definition, ObjectNode inputs) {
    var planned = new ArrayList<Planned>();
    new Pass(definition, inputs, "", new HashMap<>(), planned).sequence(definition.json());
    return new Plan(planned);
  }

  /** One workflow: that of the run, or a sub-workflow of it. */
  private final class Pass {
    private final Definition definition;
    private final ObjectNode inputs;
    private final String caller;
    private final Map<Digest, String> computing;
    private final List<Planned> planned;

    /** The outputs of tasks that are known, by the task's reference. */
    private final Map<String, JsonNode> outputs = new HashMap<>();

    /**
     * @param caller the path of the task that runs this workflow; empty for the run's own
     * @param computing the task that computes a key first
     */
    Pass(
        Definition definition,
        ObjectNode inputs,
        String caller,
        Map<Digest, String> computing,
        List<Planned> planned) {
      this.definition = definition;
      this.inputs = inputs;
      this.caller = caller;
      this.computing = computing;
      this.planned = planned;
    }

    void sequence(JsonNode workflow) {
      Definition.direct(workflow.path("tasks")).forEach(this::plan);
    }

    private void plan(Definition.Task task) {
      switch (TaskType.of(task.type()).orElse(TaskType.JOIN)) {
        case SIMPLE -> stage(task);
        case FORK_JOIN ->
            task.json()
                .path("forkTasks")
                .forEach(branch -> Definition.direct(branch).forEach(this::plan));
        case SWITCH -> choose(task);
        case SUB_WORKFLOW ->
            task.calls()
                .flatMap(definition::subWorkflow)
                .ifPresent(called -> call(task.reference(), called, task.json()));
        // How often a loop goes round, and what a sweep sweeps over, is known when it is there.
        case DO_WHILE ->
            unknown(definition, task.json().path("loopOver"), "", List.of(task.reference()));
        case FORK_JOIN_DYNAMIC -> sweep(task);
        case JOIN, SET_VARIABLE, JSON_JQ_TRANSFORM -> {}
      }
    }

    private void stage(Definition.Task task) {
      Catalogue.StageEntry stage = catalogue.stage(task.name());
      var awaits = new LinkedHashSet<String>();
      JsonNode given = resolved(task.json().path("inputParameters"), awaits);
      if (!awaits.isEmpty()) {
        add(
            task.reference(),
            stage,
            State.UNKNOWN,
            List.copyOf(awaits),
            Optional.empty(),
            filled(stage, task));
        return;
      }
      StageCall call =
          StageCall.of(stage.name(), stage.parameters(), stage.inputs(), parameters, given);
      Digest key = keys.apply(call).key();
      Optional<StageRecord> hit = ledger.hit(key);
      String first = computing.get(key);
      State state = hit.isPresent() ? State.CACHED : first == null ? State.RUNS : State.SHARED;
      hit.ifPresent(record -> outputs.put(task.reference(), Json.tree(record.outputs())));
      computing.putIfAbsent(key, RunJournal.within(caller, task.reference()));
      List<String> shared = state == State.SHARED ? List.of(String.valueOf(first)) : List.of();
      add(task.reference(), stage, state, shared, Optional.of(key), Optional.of(call.parameters()));
    }

    /** The parameters with defaults filled in, where they are known. */
    private Optional<ObjectNode> filled(Catalogue.StageEntry stage, Definition.Task task) {
      var awaits = new LinkedHashSet<String>();
      JsonNode given = task.json().path("inputParameters").path("parameters");
      JsonNode own = given.isMissingNode() ? Json.object() : resolved(given, awaits);
      return awaits.isEmpty()
          ? Optional.of(parameters.fill("stage '" + stage.name() + "'", stage.parameters(), own))
          : Optional.empty();
    }

    private void choose(Definition.Task task) {
      var awaits = new LinkedHashSet<String>();
      String by = task.json().path("expression").asText();
      JsonNode value = resolved(task.json().path("inputParameters").path(by), awaits);
      JsonNode cases = task.json().path("decisionCases");
      JsonNode otherwise = task.json().path("defaultCase");
      if (awaits.isEmpty()) {
        JsonNode taken = cases.path(value.asText());
        Definition.direct(taken.isMissingNode() ? otherwise : taken).forEach(this::plan);
      } else {
        cases.forEach(each -> unknown(definition, each, "", List.copyOf(awaits)));
        unknown(definition, otherwise, "", List.copyOf(awaits));
      }
    }

    private void call(String reference, Definition called, JsonNode task) {
      var awaits = new LinkedHashSet<String>();
      JsonNode given = resolved(task.path("inputParameters"), awaits);
      if (!awaits.isEmpty() || !(given instanceof ObjectNode object)) {
        unknown(called, called.json().path("tasks"), reference, List.copyOf(awaits));
        return;
      }
      var pass =
          new Pass(
              called,
              DefinitionCheck.inputs(called, object),
              RunJournal.within(caller, reference),
              computing,
              planned);
      pass.sequence(called.json());
      var inner = new LinkedHashSet<String>();
      JsonNode made = pass.resolved(called.json().path("outputParameters"), inner);
      if (inner.isEmpty()) {
        outputs.put(reference, made);
      }
    }

    /** The branches of a sweep, told as one. */
    private void sweep(Definition.Task fork) {
      String tasks = fork.json().path("inputParameters").path("tasks").asText();
      for (Definition.Task sweep : definition.tasks()) {
        if (tasks.startsWith("${" + sweep.reference() + ".output.")) {
          JsonNode given = sweep.json().path("inputParameters");
          String branch = given.path("as").asText() + "_*";
          List<String> awaits = List.of(sweep.reference());
          Optional<Definition> called = sweep.calls().flatMap(definition::subWorkflow);
          if (called.isPresent()) {
            unknown(called.get(), called.get().json().path("tasks"), branch, awaits);
          } else {
            Catalogue.StageEntry stage = catalogue.stage(given.path("stage").asText());
            add(branch, stage, State.UNKNOWN, awaits, Optional.empty(), Optional.empty());
          }
        }
      }
    }

    /** Every stage of these tasks, of which nothing is known before {@code awaits}. */
    private void unknown(Definition of, JsonNode tasks, String within, List<String> awaits) {
      for (Definition.Task task : Definition.within(tasks)) {
        String reference = within.isEmpty() ? task.reference() : within + "." + task.reference();
        if (task.isStage()) {
          Catalogue.StageEntry stage = catalogue.stage(task.name());
          add(reference, stage, State.UNKNOWN, awaits, Optional.empty(), Optional.empty());
        } else {
          task.calls()
              .flatMap(of::subWorkflow)
              .ifPresent(called -> unknown(called, called.json().path("tasks"), reference, awaits));
        }
      }
    }

    private void add(
        String reference,
        Catalogue.StageEntry stage,
        State state,
        List<String> awaits,
        Optional<Digest> key,
        Optional<ObjectNode> filled) {
      String task = RunJournal.within(caller, reference);
      OptionalDouble seconds = times.nearest(stage.name(), task, filled.orElseGet(Json::object));
      List<String> settings =
          filled.map(all -> Settings.of(catalogue, stage.parameters(), all)).orElse(List.of());
      planned.add(new Planned(task, stage.name(), state, awaits, key, settings, seconds));
    }

    private JsonNode resolved(JsonNode value, Set<String> awaits) {
      return Expressions.replace(value, path -> resolved(path, awaits));
    }

    /** What an expression stands for; null, with the task that is awaited, where unknown. */
    private JsonNode resolved(String path, Set<String> awaits) {
      boolean given = path.startsWith("workflow.input.");
      String[] parts = path.split("\\.");
      JsonNode value = given ? inputs : outputs.getOrDefault(parts[0], MissingNode.getInstance());
      for (int i = 2; i < parts.length; i++) {
        value = value.path(parts[i]);
      }
      if (!value.isMissingNode()) {
        return value;
      }
      // A variable holds what a task gave that stands before.
      awaits.add(
          parts[0].equals("workflow") ? "what sets '" + parts[parts.length - 1] + "'" : parts[0]);
      return NullNode.getInstance();
    }
  }
}
