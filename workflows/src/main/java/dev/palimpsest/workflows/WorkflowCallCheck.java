package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Names;
import dev.palimpsest.workflows.Marks.Found;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether the sub-workflows that a workflow calls are there and take what they are given. */
final class WorkflowCallCheck {
  private final FlowCheck flow;
  private final Definition definition;
  private final List<String> callers;
  private final Findings findings;

  /**
   * @param flow goes through what is called
   * @param definition the workflow that calls
   * @param callers the workflows that it was called through, itself the last
   */
  WorkflowCallCheck(
      FlowCheck flow, Definition definition, List<String> callers, Findings findings) {
    this.flow = flow;
    this.definition = definition;
    this.callers = callers;
    this.findings = findings;
  }

  /** Goes through the sub-workflow of a task; its outputs. */
  JsonNode task(Definition.Task task, Place at, Scope scope) {
    String owner = definition.place(task);
    JsonNode given = task.json().path("subWorkflowParam");
    Place place = at.child("subWorkflowParam");
    for (var field : given.properties()) {
      if (!List.of("name", "version").contains(field.getKey())) {
        findings.add(
            FindingCode.UNKNOWN_FIELD,
            place.child(field.getKey()).asName(),
            owner
                + ", subWorkflowParam: "
                + Names.unknown("field", field.getKey(), List.of("name", "version")));
      }
    }
    JsonNode name = given.path("name");
    if (!name.isTextual()) {
      findings.add(
          FindingCode.WRONG_FIELD,
          given.isMissingNode() ? at : place,
          owner + " names no sub-workflow",
          "expected subWorkflowParam with a name");
      return Marks.UNKNOWN;
    }
    var inputs = new LinkedHashMap<String, Found>();
    for (var each : task.json().path("inputParameters").properties()) {
      Place value = at.child("inputParameters").child(each.getKey());
      inputs.put(each.getKey(), scope.whole(owner, each.getValue(), value));
    }
    Optional<Definition> called = called(owner, name.textValue(), place.child("name"));
    JsonNode version = given.path("version");
    if (called.isPresent()
        && !version.isMissingNode()
        && !(version.isInt() && version.asInt() == called.get().version())) {
      findings.add(
          FindingCode.WORKFLOW_VERSION,
          place.child("version"),
          owner + " asks for version " + version + " of '" + name.textValue() + "'",
          "expected " + called.get().version() + ", or none");
    }
    return called.map(c -> call(owner, c, inputs, at, true)).orElse(Marks.UNKNOWN);
  }

  /** The workflow of this name, unless it is unknown, unreadable or calls itself. */
  Optional<Definition> called(String owner, String name, Place place) {
    if (callers.contains(name)) {
      findings.add(
          FindingCode.RECURSIVE_WORKFLOW,
          place,
          owner + " calls '" + name + "' from within: " + String.join(" > ", callers),
          "expected a loop, or a workflow that does not come back");
      return Optional.empty();
    }
    Optional<Definition> called = definition.subWorkflow(name);
    if (called.isEmpty()) {
      findings.add(
          FindingCode.UNKNOWN_WORKFLOW,
          place,
          owner + ": no workflow is named '" + name + "'",
          "expected " + name + ".json beside the definition, or one that comes with Palimpsest");
    }
    return called.filter(c -> c.unreadable().isEmpty());
  }

  /**
   * Goes through a sub-workflow.
   *
   * @param all whether no input can be given that is not known here
   */
  JsonNode call(String owner, Definition called, Map<String, Found> given, Place at, boolean all) {
    var inputs = new LinkedHashMap<String, Found>();
    given.forEach((name, found) -> {
      if (!called.inputs().contains(name)) {
        findings.add(
            FindingCode.INPUT_NOT_TAKEN,
            found.place().source().equals(at.source()) ? at : found.place(),
            owner
                + ": "
                + (called.inputs().isEmpty()
                    ? "workflow '" + called.name() + "' takes no input '" + name + "'."
                    : Names.unknown("input", name, called.inputs())));
      }
    });
    for (String name : called.inputs()) {
      Found found = given.get(name);
      Optional<JsonNode> fallback = called.defaultOf(name);
      if (found == null && fallback.isPresent()) {
        found = new Found(fallback.get(), called.place().child("inputTemplate").child(name));
      } else if (found == null) {
        found = new Found(Marks.UNKNOWN, at);
        if (all) {
          findings.add(
              FindingCode.INPUT_MISSING,
              at,
              owner + " gives no input '" + name + "' to workflow '" + called.name() + "'",
              "expected one: it has no default");
        }
      }
      inputs.put(name, found);
    }
    var through = new ArrayList<>(callers);
    through.add(called.name());
    return flow.check(called, inputs, through);
  }
}
