package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Port;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether a definition can run with these inputs: every stage, method, parameter and reference is
 * known and of the right type before anything is registered or started.
 *
 * <p>References may point only to tasks that have certainly ended: earlier ones of the same branch,
 * or those that an earlier join waits for.
 */
public final class DefinitionCheck {
  private static final Set<String> TYPES = Set.of("SIMPLE", "FORK_JOIN", "JOIN");
  private static final List<String> WORKFLOW_FIELDS =
      List.of(
          "name",
          "description",
          "version",
          "schemaVersion",
          "ownerEmail",
          "tasks",
          "inputParameters",
          "inputTemplate",
          "outputParameters",
          "timeoutPolicy",
          "timeoutSeconds",
          "restartable");
  private static final List<String> TASK_FIELDS =
      List.of(
          "name",
          "taskReferenceName",
          "description",
          "type",
          "inputParameters",
          "forkTasks",
          "joinOn");
  private static final List<String> CALL_FIELDS =
      List.of("parameters", "inputs", "seed", "numerics");

  private final Catalogue catalogue;
  private final Parameters parameters;

  public DefinitionCheck(Catalogue catalogue) {
    this.catalogue = catalogue;
    this.parameters = new Parameters(catalogue);
  }

  /**
   * Checks a definition with the inputs of a run.
   *
   * @throws Mistake for the first thing that is wrong
   */
  public void check(Definition definition, ObjectNode inputs) {
    new Pass(definition, inputs).run();
  }

  /** The inputs of a run with the definition's defaults filled in; unknown ones are refused. */
  public static ObjectNode inputs(Definition definition, ObjectNode given) {
    ObjectNode filled = Json.object();
    for (String name : definition.inputs()) {
      JsonNode value = given.get(name);
      if (value == null) {
        value = definition.defaultOf(name).orElse(null);
      }
      if (value == null) {
        throw new Mistake(
            "Workflow '"
                + definition.name()
                + "' needs the input '"
                + name
                + "'; it was not given and has no default.");
      }
      filled.set(name, value);
    }
    given
        .fieldNames()
        .forEachRemaining(name -> {
          if (!filled.has(name)) {
            throw new Mistake(
                "Workflow '"
                    + definition.name()
                    + "': "
                    + Names.unknown("input", name, definition.inputs()));
          }
        });
    return filled;
  }

  private final class Pass {
    private final Definition definition;
    private final ObjectNode inputs;
    private final String owner;
    private final Set<String> references = new HashSet<>();
    private final Map<String, Catalogue.StageEntry> stages = new LinkedHashMap<>();

    Pass(Definition definition, ObjectNode inputs) {
      this.definition = definition;
      this.inputs = inputs;
      this.owner = "Workflow '" + definition.name() + "'";
    }

    void run() {
      known(owner, definition.json(), WORKFLOW_FIELDS);
      if (definition.json().path("tasks").isEmpty()) {
        throw new Mistake(owner + " has no tasks; expected at least one.");
      }
      for (Definition.Task task : definition.tasks()) {
        declared(task);
      }
      Set<String> ended = sequence(definition.json().path("tasks"), Set.of());
      definition
          .json()
          .path("outputParameters")
          .properties()
          .forEach(e -> expression(owner + ", output '" + e.getKey() + "'", e.getValue(), ended));
    }

    private void declared(Definition.Task task) {
      if (task.reference().isEmpty()) {
        throw new Mistake(owner + ": a task named '" + task.name() + "' has no taskReferenceName.");
      }
      if (!references.add(task.reference())) {
        throw new Mistake(
            owner
                + ": two tasks are referred to as '"
                + task.reference()
                + "'; expected each name once.");
      }
      String place = place(task);
      known(place, task.json(), TASK_FIELDS);
      if (!TYPES.contains(task.type())) {
        throw new Mistake(
            place
                + " is of type "
                + task.type()
                + "; expected "
                + String.join(", ", TYPES.stream().sorted().toList())
                + ".");
      }
      if (task.isStage()) {
        try {
          stages.put(task.reference(), catalogue.stage(task.name()));
        } catch (Mistake e) {
          throw new Mistake(place + ": " + e.getMessage(), e);
        }
      }
    }

    /** Checks tasks that run one after the other; returns what has ended after them. */
    private Set<String> sequence(JsonNode tasks, Set<String> before) {
      Set<String> ended = new LinkedHashSet<>(before);
      Set<String> forked = new LinkedHashSet<>();
      for (int i = 0; i < tasks.size(); i++) {
        Definition.Task task = Definition.task(tasks.get(i));
        switch (task.type()) {
          case "FORK_JOIN" -> {
            if (i + 1 == tasks.size() || !tasks.get(i + 1).path("type").asText().equals("JOIN")) {
              throw new Mistake(place(task) + " forks without a JOIN after it.");
            }
            if (task.json().path("forkTasks").isEmpty()) {
              throw new Mistake(place(task) + " has no forkTasks.");
            }
            forked.clear();
            for (JsonNode branch : task.json().path("forkTasks")) {
              forked.addAll(sequence(branch, ended));
            }
          }
          case "JOIN" -> {
            join(task, forked);
            ended.addAll(forked);
            forked.clear();
          }
          default -> stage(task, ended);
        }
        if (task.isStage()) {
          ended.add(task.reference());
        }
      }
      return ended;
    }

    private void join(Definition.Task task, Set<String> forked) {
      JsonNode on = task.json().path("joinOn");
      if (on.isEmpty()) {
        throw new Mistake(place(task) + " has no joinOn; expected the last task of each branch.");
      }
      for (JsonNode each : on) {
        if (!references.contains(each.asText())) {
          throw new Mistake(place(task) + ": " + Names.unknown("task", each.asText(), forked));
        }
      }
    }

    private void stage(Definition.Task task, Set<String> ended) {
      Catalogue.StageEntry stage = catalogue.stage(task.name());
      String place = place(task);
      JsonNode call = task.json().path("inputParameters");
      known(place + ", inputParameters", call, CALL_FIELDS);
      JsonNode given = call.has("parameters") ? call.get("parameters") : Json.object();
      JsonNode resolved = Expressions.replace(given, path -> input(place, path));
      parameters.fill(place, stage.parameters(), resolved);
      JsonNode seed = Expressions.replace(call.path("seed"), path -> input(place, path));
      if (!seed.isIntegralNumber()) {
        throw new Mistake(
            place + ": seed is " + seed + "; expected an integer, such as ${workflow.input.seed}.");
      }
      List<String> names = stage.inputs().stream().map(Port::name).toList();
      known(place + ", inputs", call.path("inputs"), names);
      for (Port port : stage.inputs()) {
        JsonNode value = call.path("inputs").path(port.name());
        String at = place + ", input '" + port.name() + "'";
        if (value.isMissingNode()) {
          if (!port.optional()) {
            throw new Mistake(at + " is missing; expected a " + port.type().label() + ".");
          }
        } else if (port.many()) {
          value
              .properties()
              .forEach(
                  e -> artifact(at + ", '" + e.getKey() + "'", e.getValue(), port.type(), ended));
        } else {
          artifact(at, value, port.type(), ended);
        }
      }
    }

    private void artifact(String at, JsonNode value, ArtifactType wanted, Set<String> ended) {
      String path =
          Expressions.path(value)
              .orElseThrow(() ->
                  new Mistake(
                      at
                          + " is "
                          + value
                          + "; expected an expression such as ${prepare.output.clean}."));
      if (path.startsWith("workflow.input.")) {
        String artifact = input(at, path).path("artifact").asText();
        if (!artifact.equals(wanted.label())) {
          throw new Mistake(
              at
                  + " is '${"
                  + path
                  + "}', which is no "
                  + wanted.label()
                  + "; expected a reference to one.");
        }
        return;
      }
      ArtifactType found = output(at, path, ended).type();
      if (found != wanted) {
        throw new Mistake(
            at
                + " is '${"
                + path
                + "}', a "
                + found.label()
                + "; expected a "
                + wanted.label()
                + ".");
      }
    }

    private void expression(String at, JsonNode value, Set<String> ended) {
      Expressions.path(value)
          .filter(path -> !path.startsWith("workflow."))
          .ifPresent(path -> output(at, path, ended));
    }

    private Port output(String at, String path, Set<String> ended) {
      String[] parts = path.split("\\.", 3);
      if (parts.length < 3 || !parts[1].equals("output")) {
        throw new Mistake(
            at + " is '${" + path + "}'; expected ${task.output.port} or ${workflow.input.name}.");
      }
      Catalogue.StageEntry stage = stages.get(parts[0]);
      if (stage == null) {
        throw new Mistake(at + ": " + Names.unknown("task", parts[0], stages.keySet()));
      }
      if (!ended.contains(parts[0])) {
        throw new Mistake(
            at
                + " refers to task '"
                + parts[0]
                + "', which has not ended there; expected an earlier task of the same branch or one that a join waited for.");
      }
      try {
        return stage.output(parts[2]);
      } catch (Mistake e) {
        throw new Mistake(at + ": " + e.getMessage(), e);
      }
    }

    private JsonNode input(String at, String path) {
      if (!path.startsWith("workflow.input.")) {
        throw new Mistake(at + " uses '${" + path + "}'; expected ${workflow.input.name} here.");
      }
      JsonNode value = inputs;
      for (String step : path.substring("workflow.input.".length()).split("\\.")) {
        if (!value.has(step)) {
          throw new Mistake(
              at + " uses '${" + path + "}': " + Names.unknown("input", step, fieldNames(value)));
        }
        value = value.get(step);
      }
      return value;
    }

    private String place(Definition.Task task) {
      return owner + ", task '" + task.reference() + "'";
    }

    private void known(String place, JsonNode object, List<String> fields) {
      for (String name : fieldNames(object)) {
        if (!fields.contains(name)) {
          throw new Mistake(place + ": " + Names.unknown("field", name, fields));
        }
        if (Expressions.broken(object.get(name))) {
          throw new Mistake(
              place
                  + ", field '"
                  + name
                  + "' is "
                  + object.get(name)
                  + "; expected one whole ${...} expression.");
        }
      }
    }

    private static List<String> fieldNames(JsonNode object) {
      var names = new ArrayList<String>();
      object.fieldNames().forEachRemaining(names::add);
      return names;
    }
  }
}
