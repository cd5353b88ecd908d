package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.Port;
import java.util.ArrayList;
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
   * @return the numerics that its stages ask for, each once
   * @throws Mistake for the first thing that is wrong
   */
  public Set<Numerics> check(Definition definition, ObjectNode inputs) {
    var pass = new Pass(definition, inputs);
    pass.run();
    return pass.asked;
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
    private final Map<String, Catalogue.StageEntry> stages = new LinkedHashMap<>();
    private final Set<Numerics> asked = new LinkedHashSet<>();

    Pass(Definition definition, ObjectNode inputs) {
      this.definition = definition;
      this.inputs = inputs;
      this.owner = definition.owner();
    }

    void run() {
      ShapeCheck.check(definition);
      InputsCheck.check(definition, inputs);
      for (Definition.Task task : definition.stages()) {
        try {
          stages.put(task.reference(), catalogue.stage(task.name()));
        } catch (Mistake e) {
          throw new Mistake(definition.place(task) + ": " + e.getMessage(), e);
        }
      }
      Set<String> ended = sequence(definition.json().path("tasks"), Set.of());
      definition
          .json()
          .path("outputParameters")
          .properties()
          .forEach(e -> expression(owner + ", output '" + e.getKey() + "'", e.getValue(), ended));
    }

    /** Checks tasks that run one after the other; returns what has ended after them. */
    private Set<String> sequence(JsonNode tasks, Set<String> before) {
      Set<String> ended = new LinkedHashSet<>(before);
      Set<String> forked = new LinkedHashSet<>();
      for (JsonNode each : tasks) {
        Definition.Task task = Definition.task(each);
        switch (task.type()) {
          case "FORK_JOIN" -> {
            for (JsonNode branch : each.path("forkTasks")) {
              forked.addAll(sequence(branch, ended));
            }
          }
          case "JOIN" -> {
            // The join directly behind its fork, of all its branches.
            ended.addAll(forked);
            forked.clear();
          }
          default -> {
            stage(task, ended);
            ended.add(task.reference());
          }
        }
      }
      return ended;
    }

    private void stage(Definition.Task task, Set<String> ended) {
      Catalogue.StageEntry stage = catalogue.stage(task.name());
      String place = definition.place(task);
      JsonNode call = task.json().path("inputParameters");
      ShapeCheck.known(place + ", inputParameters", call, CALL_FIELDS);
      JsonNode given = call.has("parameters") ? call.get("parameters") : Json.object();
      JsonNode resolved = Expressions.replace(given, path -> input(place, path));
      parameters.fill(place, stage.parameters(), resolved);
      JsonNode seed = Expressions.replace(call.path("seed"), path -> input(place, path));
      if (!seed.isIntegralNumber()) {
        throw new Mistake(
            place
                + ": seed is "
                + (seed.isMissingNode() ? "missing" : seed)
                + "; expected an integer, such as ${workflow.input.seed}.");
      }
      numerics(place, call);
      List<String> names = stage.inputs().stream().map(Port::name).toList();
      ShapeCheck.known(place + ", inputs", call.path("inputs"), names);
      for (Port port : stage.inputs()) {
        JsonNode value = call.path("inputs").path(port.name());
        String at = place + ", input '" + port.name() + "'";
        if (value.isMissingNode()) {
          if (!port.optional()) {
            throw new Mistake(at + " is missing; expected a " + port.type().label() + ".");
          }
        } else if (port.many()) {
          if (!value.isObject()) {
            throw new Mistake(
                at + " is " + value + "; expected an object of " + port.type().label() + "s.");
          }
          value
              .properties()
              .forEach(
                  e -> artifact(at + ", '" + e.getKey() + "'", e.getValue(), port.type(), ended));
        } else {
          artifact(at, value, port.type(), ended);
        }
      }
    }

    private void numerics(String place, JsonNode call) {
      if (!call.has("numerics")) {
        return;
      }
      JsonNode given = Expressions.replace(call.get("numerics"), path -> input(place, path));
      if (!given.isObject()) {
        throw new Mistake(
            place
                + ": numerics is "
                + given
                + "; expected an object of device, threads, instructions and engine.");
      }
      asked.add(Json.read(place + ", numerics", given, Numerics.class));
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
          .ifPresent(path -> {
            if (path.startsWith("workflow.input.")) {
              input(at, path);
            } else if (!path.startsWith("workflow.")) {
              output(at, path, ended);
            }
          });
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

    private static List<String> fieldNames(JsonNode object) {
      var names = new ArrayList<String>();
      object.fieldNames().forEachRemaining(names::add);
      return names;
    }
  }
}
