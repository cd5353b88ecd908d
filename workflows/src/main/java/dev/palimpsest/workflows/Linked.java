package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A definition as Conductor is given it. Its sub-workflows are registered under names that hold
 * their digests, so that runs of different versions do not meet; the queries of templates are
 * filled in.
 *
 * @param called the sub-workflows, each behind those that it calls
 */
record Linked(ObjectNode definition, List<ObjectNode> called) {
  /** No definition of a user's has it in its name. */
  private static final String MARK = "@";

  static Linked of(Definition definition) {
    var linking = new Linking();
    ObjectNode linked = linking.link(definition);
    return new Linked(linked, linking.called);
  }

  private static final class Linking {
    private final List<ObjectNode> called = new ArrayList<>();
    private final Map<String, String> names = new HashMap<>();

    ObjectNode link(Definition definition) {
      ObjectNode copy = definition.json().deepCopy();
      copy.remove("subWorkflows");
      if (!copy.has("ownerEmail")) {
        // Conductor refuses a definition without.
        copy.put("ownerEmail", "palimpsest@localhost.localdomain");
      }
      for (Definition.Task task : Definition.within(copy.path("tasks"))) {
        ObjectNode json = (ObjectNode) task.json();
        task.calls()
            .ifPresent(name -> {
              String registered = registered(definition, name);
              if (task.type().equals("SUB_WORKFLOW")) {
                json.putObject("subWorkflowParam").put("name", registered).put("version", 1);
              } else {
                json.withObjectProperty("inputParameters").put("workflow", registered);
              }
            });
        Template.of(task)
            .ifPresent(template ->
                json.withObjectProperty("inputParameters")
                    .put("queryExpression", template.query()));
      }
      return copy;
    }

    private String registered(Definition caller, String name) {
      String known = names.get(name);
      if (known == null) {
        ObjectNode linked = link(caller.subWorkflow(name).orElseThrow());
        known = name + MARK + Digest.of(Json.canonical(linked)).brief();
        linked.put("name", known).put("version", 1);
        called.add(linked);
        names.put(name, known);
      }
      return known;
    }
  }
}
