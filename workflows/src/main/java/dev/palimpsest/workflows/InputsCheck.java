package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.palimpsest.base.Names;
import dev.palimpsest.workflows.Marks.Found;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Whether every field within the inputs means something to the definition: it is among the
 * defaults, or some expression reads it. A misspelt one would change nothing, unnoticed.
 */
final class InputsCheck {
  private final Definition definition;
  private final Findings findings;

  /** The paths within the inputs that expressions read. */
  private final Set<String> read = new LinkedHashSet<>();

  private InputsCheck(Definition definition, Findings findings) {
    this.definition = definition;
    this.findings = findings;
    for (Definition.Task task : definition.tasks()) {
      collect(task.json().path("inputParameters"));
    }
    collect(definition.json().path("outputParameters"));
  }

  static void check(Definition definition, Map<String, Found> inputs, Findings findings) {
    var check = new InputsCheck(definition, findings);
    inputs.forEach((name, found) ->
        check.within(
            name,
            found.value(),
            found.place(),
            definition.defaultOf(name).orElse(MissingNode.getInstance())));
  }

  private void collect(JsonNode tree) {
    for (String path : Expressions.paths(tree)) {
      if (path.startsWith("workflow.input.")) {
        read.add(path.substring("workflow.input.".length()));
      }
    }
  }

  private void within(String path, JsonNode value, Place place, JsonNode defaults) {
    // What is read whole is checked by who reads it; a data set may have parts that nobody reads.
    if (read.contains(path) || Marks.type(value).isPresent()) {
      return;
    }
    var known = new LinkedHashSet<String>();
    defaults.fieldNames().forEachRemaining(known::add);
    for (String each : read) {
      if (each.startsWith(path + ".")) {
        known.add(each.substring(path.length() + 1).split("\\.", 2)[0]);
      }
    }
    for (var field : value.properties()) {
      String name = field.getKey();
      boolean told = Marks.type(field.getValue()).isEmpty() && !Marks.unknown(field.getValue());
      if (!known.contains(name) && told) {
        findings.add(
            FindingCode.INPUT_NOT_READ,
            place.child(name).asName(),
            definition.owner()
                + ", input '"
                + path
                + "': "
                + (known.isEmpty()
                    ? "unknown field '" + name + "'; the workflow reads none here."
                    : Names.unknown("field", name, known)));
      } else {
        within(path + "." + name, field.getValue(), place.child(name), defaults.path(name));
      }
    }
  }
}
