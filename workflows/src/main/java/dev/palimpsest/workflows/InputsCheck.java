package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Whether every field within the inputs means something to the definition: it is among the
 * defaults, or some expression reads it. A misspelt one would change nothing, unnoticed.
 */
final class InputsCheck {
  private final Definition definition;

  /** The paths within the inputs that expressions read. */
  private final Set<String> read = new LinkedHashSet<>();

  private InputsCheck(Definition definition) {
    this.definition = definition;
    for (Definition.Task task : definition.tasks()) {
      collect(task.json().path("inputParameters"));
    }
    collect(definition.json().path("outputParameters"));
  }

  /** Throws {@link Mistake} naming the first field that is neither a default nor read. */
  static void check(Definition definition, ObjectNode inputs) {
    var check = new InputsCheck(definition);
    inputs
        .properties()
        .forEach(e ->
            check.within(
                e.getKey(),
                e.getValue(),
                definition.defaultOf(e.getKey()).orElse(MissingNode.getInstance())));
  }

  private void collect(JsonNode tree) {
    for (String path : Expressions.paths(tree)) {
      if (path.startsWith("workflow.input.")) {
        read.add(path.substring("workflow.input.".length()));
      }
    }
  }

  private void within(String place, JsonNode value, JsonNode defaults) {
    // What is read whole is checked by who reads it; a data set may have parts that nobody reads.
    if (read.contains(place) || value.has("artifact")) {
      return;
    }
    var known = new LinkedHashSet<String>();
    defaults.fieldNames().forEachRemaining(known::add);
    for (String path : read) {
      if (path.startsWith(place + ".")) {
        known.add(path.substring(place.length() + 1).split("\\.", 2)[0]);
      }
    }
    value
        .properties()
        .forEach(e -> {
          if (!known.contains(e.getKey()) && !e.getValue().has("artifact")) {
            throw new Mistake(
                definition.owner()
                    + ", input '"
                    + place
                    + "': "
                    + (known.isEmpty()
                        ? "unknown field '" + e.getKey() + "'; the workflow reads none here."
                        : Names.unknown("field", e.getKey(), known)));
          }
          within(place + "." + e.getKey(), e.getValue(), defaults.path(e.getKey()));
        });
  }
}
