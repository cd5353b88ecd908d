package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Names;
import dev.palimpsest.workflows.Marks.Found;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What an expression can read at one point of a workflow. */
final class Scope {
  private final Definition definition;
  private final Findings findings;

  /** The inputs, by name; all of them are known here, if only as unknown. */
  private final Map<String, Found> inputs;

  /** The outputs of the tasks that have certainly ended, by reference. */
  private final Map<String, JsonNode> ended;

  /** The variables that have certainly been set. */
  private final Map<String, JsonNode> variables;

  private Scope(
      Definition definition,
      Findings findings,
      Map<String, Found> inputs,
      Map<String, JsonNode> ended,
      Map<String, JsonNode> variables) {
    this.definition = definition;
    this.findings = findings;
    this.inputs = inputs;
    this.ended = ended;
    this.variables = variables;
  }

  /** Where a workflow begins. */
  static Scope of(Definition definition, Findings findings, Map<String, Found> inputs) {
    return new Scope(definition, findings, inputs, new LinkedHashMap<>(), new LinkedHashMap<>());
  }

  /** A scope that goes on from here by itself. */
  Scope branch() {
    return new Scope(
        definition, findings, inputs, new LinkedHashMap<>(ended), new LinkedHashMap<>(variables));
  }

  Map<String, JsonNode> ended() {
    return ended;
  }

  Map<String, JsonNode> variables() {
    return variables;
  }

  /** A value that may be an expression. */
  Found resolve(String owner, JsonNode raw, Place place) {
    if (Expressions.broken(raw)) {
      // Its form is found fault with already.
      return new Found(Marks.UNKNOWN, place);
    }
    Optional<String> path = Expressions.path(raw);
    return path.isPresent() ? follow(owner, path.get(), place) : new Found(raw, place);
  }

  /** A value with every expression within it resolved. */
  Found whole(String owner, JsonNode raw, Place place) {
    Found found = resolve(owner, raw, place);
    return new Found(
        Expressions.replace(found.value(), path -> follow(owner, path, found.place()).value()),
        found.place());
  }

  private Found follow(String owner, String path, Place place) {
    List<String> steps = List.of(path.split("\\.", -1));
    if (path.startsWith("workflow.input.")) {
      return input(owner, path, steps.subList(2, steps.size()), place);
    }
    if (path.startsWith("workflow.variables.")) {
      JsonNode value = variables.get(steps.get(2));
      if (value == null) {
        findings.add(
            FindingCode.UNKNOWN_VARIABLE,
            place,
            owner + " uses '${" + path + "}', which is not certainly set there",
            "expected a SET_VARIABLE before, in every case of a SWITCH");
        return new Found(Marks.UNKNOWN, place);
      }
      return new Found(within(owner, path, value, steps.subList(3, steps.size()), place), place);
    }
    if (steps.size() < 2 || !steps.get(1).equals("output") || steps.getFirst().equals("workflow")) {
      findings.add(
          FindingCode.FOREIGN_EXPRESSION,
          place,
          owner + " is '${" + path + "}'",
          "expected ${task.output.port}, ${workflow.input.name} or ${workflow.variables.name}");
      return new Found(Marks.UNKNOWN, place);
    }
    return new Found(output(owner, path, steps, place), place);
  }

  private JsonNode output(String owner, String path, List<String> steps, Place place) {
    String task = steps.getFirst();
    JsonNode value = ended.get(task);
    if (value != null) {
      return within(owner, path, value, steps.subList(2, steps.size()), place);
    }
    List<String> declared =
        definition.tasks().stream().map(Definition.Task::reference).distinct().toList();
    if (!declared.contains(task)) {
      findings.add(
          FindingCode.UNKNOWN_TASK, place, owner + ": " + Names.unknown("task", task, declared));
    } else {
      findings.add(
          FindingCode.NOT_ENDED,
          place,
          owner + " refers to task '" + task + "', which has not certainly ended there",
          "expected an earlier task of the same branch or one that a join waited for");
    }
    return Marks.UNKNOWN;
  }

  private JsonNode within(
      String owner, String path, JsonNode from, List<String> steps, Place place) {
    JsonNode value = from;
    for (String step : steps) {
      Optional<JsonNode> element = Marks.element(value);
      if (Marks.unknown(value)) {
        return value;
      }
      if (Marks.body(value).isPresent()) {
        value = step.equals("iteration") ? Marks.iteration(value) : Json.object();
      } else if (element.isPresent()) {
        value = element.get();
      } else if (value.has(step)) {
        value = value.get(step);
      } else {
        findings.add(
            FindingCode.UNKNOWN_OUTPUT,
            place,
            owner
                + " uses '${"
                + path
                + "}': "
                + (value.isObject() && !value.isEmpty()
                    ? Names.unknown("output", step, names(value))
                    : "there is no output '" + step + "'."));
        return Marks.UNKNOWN;
      }
    }
    return value;
  }

  private Found input(String owner, String path, List<String> steps, Place place) {
    Found found = inputs.get(steps.getFirst());
    if (found == null) {
      findings.add(
          FindingCode.UNKNOWN_INPUT,
          place,
          owner
              + " uses '${"
              + path
              + "}': "
              + (inputs.isEmpty()
                  ? "the workflow declares no inputs."
                  : Names.unknown("input", steps.getFirst(), inputs.keySet())));
      return new Found(Marks.UNKNOWN, place);
    }
    JsonNode value = found.value();
    Place at = found.place();
    for (String step : steps.subList(1, steps.size())) {
      if (Marks.unknown(value)) {
        return new Found(value, place);
      }
      if (!value.has(step)) {
        findings.add(
            FindingCode.UNKNOWN_INPUT,
            place,
            owner
                + " uses '${"
                + path
                + "}': "
                + (value.isEmpty()
                    ? "there is no input '" + step + "'."
                    : Names.unknown("input", step, names(value))));
        return new Found(Marks.UNKNOWN, place);
      }
      value = value.get(step);
      at = at.child(step);
    }
    return new Found(value, Marks.sure(value) ? at : place);
  }

  private static List<String> names(JsonNode object) {
    var names = new ArrayList<String>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
