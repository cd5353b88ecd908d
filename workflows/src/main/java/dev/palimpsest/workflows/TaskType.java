package dev.palimpsest.workflows;

import dev.palimpsest.base.Names;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The types that tasks may have, each with the fields of its own. */
enum TaskType {
  SIMPLE,
  FORK_JOIN("forkTasks"),
  FORK_JOIN_DYNAMIC("dynamicForkTasksParam", "dynamicForkTasksInputParamName"),
  JOIN("joinOn"),
  DO_WHILE("loopCondition", "loopOver"),
  SWITCH("evaluatorType", "expression", "decisionCases", "defaultCase"),
  SUB_WORKFLOW("subWorkflowParam"),
  SET_VARIABLE,
  JSON_JQ_TRANSFORM;

  private static final List<String> COMMON =
      List.of("name", "taskReferenceName", "description", "type", "inputParameters");

  private static final String OWN_CODE = "it runs code of the definition's own in the server";
  private static final String OUTSIDE = "it reaches other addresses from within the server";
  private static final String WAITS = "no worker answers it, so the run might never end";

  /** Why Conductor's other types are refused. */
  private static final Map<String, String> REFUSED =
      Map.ofEntries(
          Map.entry("HTTP", OUTSIDE),
          Map.entry("HTTP_POLL", OUTSIDE),
          Map.entry("KAFKA_PUBLISH", OUTSIDE),
          Map.entry("EVENT", OUTSIDE),
          Map.entry("WEBHOOK", OUTSIDE),
          Map.entry("INLINE", OWN_CODE),
          Map.entry("LAMBDA", OWN_CODE),
          Map.entry("HUMAN", WAITS),
          Map.entry("WAIT", WAITS),
          Map.entry("WAIT_FOR_WEBHOOK", WAITS),
          Map.entry("TERMINATE", "it ends a run before its outputs are there"),
          Map.entry("START_WORKFLOW", "it starts runs that nothing follows; use SUB_WORKFLOW"),
          Map.entry("DYNAMIC", "which stage it runs cannot be checked; use SWITCH"),
          Map.entry("DECISION", "Conductor replaced it by SWITCH"),
          Map.entry("EXCLUSIVE_JOIN", "what it waits for is not certain; use SWITCH"),
          Map.entry("NOOP", "it does nothing"));

  private final List<String> fields;

  TaskType(String... fields) {
    this.fields = List.of(fields);
  }

  static Optional<TaskType> of(String name) {
    return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
  }

  /** Why a type is refused, for the end of a sentence. */
  static String refusal(String name) {
    String reason = REFUSED.get(name);
    List<String> allowed = Arrays.stream(values()).map(Enum::name).sorted().toList();
    return reason != null
        ? reason
        : Names.nearest(name, allowed)
            .map(near -> "did you mean '" + near + "'?")
            .orElse("expected " + String.join(", ", allowed));
  }

  boolean takes(String field) {
    return fields().contains(field);
  }

  /** The fields that it takes. */
  Set<String> fields() {
    var all = new LinkedHashSet<>(COMMON);
    all.addAll(fields);
    return all;
  }

  /** The fields of every type. */
  static Set<String> allFields() {
    var all = new LinkedHashSet<>(COMMON);
    Arrays.stream(values()).forEach(type -> all.addAll(type.fields));
    return all;
  }

  /** The types that take this field. */
  static String takers(String field) {
    return String.join(
        " or ",
        Arrays.stream(values()).filter(t -> t.fields.contains(field)).map(Enum::name).toList());
  }
}
