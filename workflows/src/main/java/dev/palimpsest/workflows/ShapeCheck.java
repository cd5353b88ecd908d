package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Whether a definition is put together rightly, whatever its stages are: its fields, its names, and
 * a join of all branches behind every fork.
 */
final class ShapeCheck {
  private static final Set<String> TYPES = Set.of("SIMPLE", "FORK_JOIN", "JOIN");
  private static final List<String> WORKFLOW_FIELDS =
      List.of(
          "name",
          "description",
          "version",
          "schemaVersion",
          "ownerEmail",
          "tasks",
          "metadata",
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
  private static final Set<String> TIMEOUT_POLICIES = Set.of("TIME_OUT_WF", "ALERT_ONLY");
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]*");
  private static final Pattern REFERENCE = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,63}");

  private final Definition definition;
  private final String owner;
  private final Set<String> references = new HashSet<>();

  private ShapeCheck(Definition definition) {
    this.definition = definition;
    this.owner = definition.owner();
  }

  /** Throws {@link Mistake} for the first thing that is wrong. */
  static void check(Definition definition) {
    new ShapeCheck(definition).run();
  }

  /** Refuses fields that are not among these, and texts with half an expression. */
  static void known(String place, JsonNode object, List<String> fields) {
    object
        .properties()
        .forEach(field -> {
          if (!fields.contains(field.getKey())) {
            throw new Mistake(place + ": " + Names.unknown("field", field.getKey(), fields));
          }
          if (field.getValue().isTextual()) {
            Expressions.whole(place, field.getKey(), field.getValue());
          }
        });
  }

  private void run() {
    JsonNode json = definition.json();
    known(owner, json, WORKFLOW_FIELDS);
    field(
        "name",
        value -> NAME.matcher(value.asText()).matches(),
        "a letter, then letters, digits, '_', '.' or '-'");
    field(
        "version", value -> value.canConvertToInt() && whole(value, 1), "an integer of at least 1");
    field("schemaVersion", value -> whole(value, 2) && value.asInt() == 2, "2");
    field("timeoutSeconds", value -> whole(value, 0), "an integer of at least 0");
    field(
        "timeoutPolicy",
        value -> value.isTextual() && TIMEOUT_POLICIES.contains(value.textValue()),
        "ALERT_ONLY or TIME_OUT_WF");
    field("restartable", JsonNode::isBoolean, "true or false");
    field("inputTemplate", JsonNode::isObject, "an object");
    field("outputParameters", JsonNode::isObject, "an object");
    Expressions.whole(owner, "outputParameters", json.path("outputParameters"));
    if (!json.path("tasks").isArray() || json.path("tasks").isEmpty()) {
      throw new Mistake(owner + " has no tasks; expected at least one.");
    }
    sequence(json.path("tasks"));
  }

  private void field(String name, Predicate<JsonNode> right, String expected) {
    JsonNode value = definition.json().get(name);
    if (value != null && !right.test(value)) {
      throw new Mistake(owner + ": " + name + " is " + value + "; expected " + expected + ".");
    }
  }

  private static boolean whole(JsonNode value, long least) {
    return value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= least;
  }

  /** Checks tasks that run one after the other. */
  private void sequence(JsonNode tasks) {
    List<String> lasts = List.of();
    for (int i = 0; i < tasks.size(); i++) {
      Definition.Task task = Definition.task(tasks.get(i));
      task(task);
      if (task.type().equals("JOIN")) {
        join(task, lasts);
      }
      lasts = List.of();
      if (task.type().equals("FORK_JOIN")) {
        if (!Definition.task(tasks.path(i + 1)).type().equals("JOIN")) {
          throw new Mistake(place(task) + " forks without a JOIN after it.");
        }
        lasts = fork(task);
      }
    }
  }

  private void task(Definition.Task task) {
    if (task.reference().isEmpty()) {
      throw new Mistake(owner + ": a task named '" + task.name() + "' has no taskReferenceName.");
    }
    JsonNode reference = task.json().path("taskReferenceName");
    if (!reference.isTextual()
        || !REFERENCE.matcher(task.reference()).matches()
        || task.reference().equals("workflow")) {
      throw new Mistake(
          owner
              + ": the taskReferenceName "
              + reference
              + " cannot be referred to; expected a letter, then at most 63 letters, digits, '_' or"
              + " '-', other than 'workflow'.");
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
    only(task, "forkTasks", "FORK_JOIN");
    only(task, "joinOn", "JOIN");
    JsonNode call = task.json().path("inputParameters");
    if (!call.isMissingNode() && !call.isObject()) {
      throw new Mistake(place + ": inputParameters is " + call + "; expected an object.");
    }
    Expressions.whole(place, "inputParameters", call);
  }

  private void only(Definition.Task task, String field, String type) {
    if (task.json().has(field) && !task.type().equals(type)) {
      throw new Mistake(
          place(task)
              + " is of type "
              + task.type()
              + " and has "
              + field
              + "; expected it of a "
              + type
              + " only.");
    }
  }

  /** Checks the branches of a fork; returns the reference of the last task of each. */
  private List<String> fork(Definition.Task task) {
    JsonNode branches = task.json().path("forkTasks");
    if (!branches.isArray() || branches.isEmpty()) {
      throw new Mistake(place(task) + " has no forkTasks.");
    }
    var lasts = new ArrayList<String>();
    for (JsonNode branch : branches) {
      if (!branch.isArray() || branch.isEmpty()) {
        throw new Mistake(
            place(task)
                + ": branch "
                + (lasts.size() + 1)
                + " has no tasks; expected at least one in each branch.");
      }
      sequence(branch);
      lasts.add(Definition.task(branch.get(branch.size() - 1)).reference());
    }
    return lasts;
  }

  /**
   * Checks that a join waits for the end of every branch: of fewer, what others compute may not be
   * there when it is read; of tasks elsewhere, some never end.
   */
  private void join(Definition.Task task, List<String> lasts) {
    if (lasts.isEmpty()) {
      throw new Mistake(
          place(task) + " has no fork to join; expected a JOIN directly after a FORK_JOIN.");
    }
    JsonNode on = task.json().path("joinOn");
    String expected = "; expected the last task of each branch: " + String.join(", ", lasts) + ".";
    if (on.isMissingNode() || on.isArray() && on.isEmpty()) {
      throw new Mistake(place(task) + " has no joinOn" + expected);
    }
    List<String> declared = definition.tasks().stream().map(Definition.Task::reference).toList();
    var waited = new LinkedHashSet<String>();
    for (JsonNode each : on) {
      if (each.isTextual() && !declared.contains(each.textValue())) {
        throw new Mistake(place(task) + ": " + Names.unknown("task", each.textValue(), lasts));
      }
      waited.add(each.isTextual() ? each.textValue() : "");
    }
    if (!on.isArray() || !waited.equals(new HashSet<>(lasts))) {
      throw new Mistake(place(task) + ": joinOn is " + on + expected);
    }
  }

  private String place(Definition.Task task) {
    return definition.place(task);
  }
}
