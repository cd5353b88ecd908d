package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Names;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Whether a definition is put together rightly, whatever its stages are: its fields, its names, a
 * join of all branches behind every fork, a bound for every loop.
 */
final class ShapeCheck {
  private static final int MOST_TASKS = 1000;
  private static final int DEEPEST = 16;
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
          "restartable",
          "subWorkflows");
  private static final Set<String> TIMEOUT_POLICIES = Set.of("TIME_OUT_WF", "ALERT_ONLY");
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]*");
  private static final Pattern REFERENCE = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,63}");

  private final Definition definition;
  private final String owner;
  private final Findings findings;
  private final Set<String> references = new HashSet<>();

  private ShapeCheck(Definition definition, Findings findings) {
    this.definition = definition;
    this.owner = definition.owner();
    this.findings = findings;
  }

  static void check(Definition definition, Findings findings) {
    new ShapeCheck(definition, findings).run();
  }

  private void run() {
    JsonNode json = definition.json();
    Place place = definition.place();
    for (var field : json.properties()) {
      if (!WORKFLOW_FIELDS.contains(field.getKey())) {
        findings.add(
            FindingCode.UNKNOWN_FIELD,
            place.child(field.getKey()).asName(),
            owner + ": " + Names.unknown("field", field.getKey(), WORKFLOW_FIELDS));
      }
    }
    fields();
    whole(
        owner, "outputParameters", place.child("outputParameters"), json.path("outputParameters"));
    if (!json.path("tasks").isArray() || json.path("tasks").isEmpty()) {
      findings.add(FindingCode.NO_TASKS, place, owner + " has no tasks; expected at least one.");
      return;
    }
    int tasks = definition.tasks().size();
    if (tasks > MOST_TASKS) {
      findings.add(
          FindingCode.TOO_LARGE,
          place.child("tasks"),
          owner + " has " + tasks + " tasks; expected at most " + MOST_TASKS + ".");
    }
    sequence(json.path("tasks"), place.child("tasks"), 1, false);
  }

  private void fields() {
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
    field("description", JsonNode::isTextual, "a text");
    field("ownerEmail", JsonNode::isTextual, "a text");
    field("inputTemplate", JsonNode::isObject, "an object");
    field("outputParameters", JsonNode::isObject, "an object");
    field("subWorkflows", JsonNode::isObject, "an object of definitions by name");
    field("inputParameters", ShapeCheck::names, "a list of names, each once");
  }

  private void field(String name, Predicate<JsonNode> right, String expected) {
    JsonNode value = definition.json().get(name);
    if (value != null && !right.test(value)) {
      findings.add(
          FindingCode.WRONG_FIELD,
          definition.place().child(name),
          owner + ": " + name + " is " + value,
          "expected " + expected);
    }
  }

  private static boolean names(JsonNode list) {
    var names = new HashSet<String>();
    for (JsonNode each : list) {
      if (!each.isTextual() || !names.add(each.textValue())) {
        return false;
      }
    }
    return list.isArray();
  }

  private static boolean whole(JsonNode value, long least) {
    return value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= least;
  }

  /** Finds texts, however deep within the value, that hold half an expression. */
  private void whole(String owner, String field, Place place, JsonNode value) {
    if (Expressions.broken(value)) {
      findings.add(
          FindingCode.BROKEN_EXPRESSION,
          place,
          owner + ", field '" + field + "' is " + value,
          "expected one whole ${...} expression");
    }
    value
        .properties()
        .forEach(
            e -> whole(owner, field + "." + e.getKey(), place.child(e.getKey()), e.getValue()));
    for (int i = 0; value.isArray() && i < value.size(); i++) {
      whole(owner, field + "[" + i + "]", place.child(i), value.get(i));
    }
  }

  /** Checks tasks that run one after the other. */
  private void sequence(JsonNode tasks, Place place, int depth, boolean looped) {
    if (depth > DEEPEST) {
      findings.add(
          FindingCode.TOO_LARGE,
          place,
          owner + ": tasks are nested more than " + DEEPEST + " levels deep",
          "expected fewer, or sub-workflows");
      return;
    }
    Optional<List<String>> joinable = Optional.empty();
    for (int i = 0; i < tasks.size(); i++) {
      Definition.Task task = Definition.task(tasks.get(i));
      Place at = place.child(i);
      task(task, at);
      if (task.type().equals("JOIN")) {
        JoinCheck.check(definition, task, at, joinable, findings);
      }
      joinable = Optional.empty();
      switch (task.type()) {
        case "FORK_JOIN" -> joinable = Optional.of(fork(task, at, depth, looped));
        case "FORK_JOIN_DYNAMIC" -> {
          joinable = Optional.of(List.of());
          notLooped(task, at, looped);
        }
        case "DO_WHILE" -> {
          notLooped(task, at, looped);
          LoopCheck.check(definition.place(task), task, at, findings);
          sequence(task.json().path("loopOver"), at.child("loopOver"), depth + 1, true);
        }
        case "SWITCH" -> decide(task, at, depth, looped);
        default -> {}
      }
      if (joinable.isPresent() && !Definition.task(tasks.path(i + 1)).type().equals("JOIN")) {
        findings.add(
            FindingCode.FORK_WITHOUT_JOIN,
            at,
            definition.place(task) + " forks without a JOIN after it.");
      }
    }
  }

  private void task(Definition.Task task, Place at) {
    JsonNode reference = task.json().path("taskReferenceName");
    if (task.json().path("taskReferenceName").isMissingNode() || task.reference().isEmpty()) {
      findings.add(
          FindingCode.BAD_REFERENCE_NAME,
          at,
          owner + ": a task named '" + task.name() + "' has no taskReferenceName.");
    } else if (!reference.isTextual()
        || !REFERENCE.matcher(task.reference()).matches()
        || task.reference().contains("__")
        || task.reference().contains("-") && task.type().equals("DO_WHILE")
        || task.reference().equals("workflow")) {
      findings.add(
          FindingCode.BAD_REFERENCE_NAME,
          at.child("taskReferenceName"),
          owner + ": the taskReferenceName " + reference + " cannot be referred to",
          "expected a letter, then at most 63 letters, digits, '_' or, but for a loop, '-', without"
              + " '__', other than 'workflow'");
    } else if (!references.add(task.reference())) {
      findings.add(
          FindingCode.REPEATED_REFERENCE_NAME,
          at.child("taskReferenceName"),
          owner + ": two tasks are referred to as '" + task.reference() + "'",
          "expected each name once");
    }
    String place = definition.place(task);
    if (!task.json().path("name").isTextual()) {
      findings.add(
          FindingCode.WRONG_FIELD,
          at,
          place + " has no name; expected that of a stage or template.");
    }
    type(task, at, place);
    JsonNode call = task.json().path("inputParameters");
    if (!call.isMissingNode() && !call.isObject()) {
      findings.add(
          FindingCode.WRONG_FIELD,
          at.child("inputParameters"),
          place + ": inputParameters is " + call,
          "expected an object");
    }
    whole(place, "inputParameters", at.child("inputParameters"), call);
  }

  private void type(Definition.Task task, Place at, String place) {
    JsonNode given = task.json().path("type");
    Optional<TaskType> type = TaskType.of(task.type());
    if (!given.isMissingNode() && !given.isTextual()) {
      findings.add(
          FindingCode.WRONG_FIELD,
          at.child("type"),
          place + ": type is " + given,
          "expected a text");
    } else if (type.isEmpty()) {
      findings.add(
          FindingCode.TASK_TYPE,
          at.child("type"),
          place + " is of type " + task.type(),
          "it is refused: " + TaskType.refusal(task.type()));
    }
    for (var field : task.json().properties()) {
      String name = field.getKey();
      if (!TaskType.allFields().contains(name)) {
        findings.add(
            FindingCode.UNKNOWN_FIELD,
            at.child(name).asName(),
            place
                + ": "
                + Names.unknown(
                    "field", name, type.map(TaskType::fields).orElse(TaskType.allFields())));
      } else if (type.isPresent() && !type.get().takes(name)) {
        findings.add(
            FindingCode.FIELD_OF_ANOTHER_TYPE,
            at.child(name).asName(),
            place + " is of type " + task.type() + " and has " + name,
            "expected it of a " + TaskType.takers(name) + " only");
      } else if (!name.equals("inputParameters") && Expressions.broken(field.getValue())) {
        whole(place, name, at.child(name), field.getValue());
      }
    }
  }

  private void notLooped(Definition.Task task, Place at, boolean looped) {
    if (looped) {
      findings.add(
          FindingCode.NESTED_LOOP,
          at,
          definition.place(task) + " is a " + task.type() + " within a DO_WHILE",
          "expected it in a sub-workflow, which the loop calls");
    }
  }

  /** Checks the branches of a fork; returns the reference of the last task of each. */
  private List<String> fork(Definition.Task task, Place at, int depth, boolean looped) {
    JsonNode branches = task.json().path("forkTasks");
    if (!branches.isArray() || branches.isEmpty()) {
      findings.add(FindingCode.EMPTY_FORK, at, definition.place(task) + " has no forkTasks.");
      return List.of();
    }
    var lasts = new ArrayList<String>();
    for (int i = 0; i < branches.size(); i++) {
      JsonNode branch = branches.get(i);
      Place place = at.child("forkTasks").child(i);
      if (!branch.isArray() || branch.isEmpty()) {
        findings.add(
            FindingCode.EMPTY_FORK,
            place,
            definition.place(task) + ": branch " + (i + 1) + " has no tasks",
            "expected at least one in each branch");
        continue;
      }
      sequence(branch, place, depth + 1, looped);
      Definition.Task last = Definition.task(branch.get(branch.size() - 1));
      lasts.add(last.reference());
      if (last.type().equals("SWITCH")) {
        findings.add(
            FindingCode.JOIN_ON,
            place.child(branch.size() - 1),
            definition.place(last) + " ends a branch, and no join waits for what it starts",
            "expected a SET_VARIABLE or a stage after it");
      }
    }
    return lasts;
  }

  private void decide(Definition.Task task, Place at, int depth, boolean looped) {
    String place = definition.place(task);
    JsonNode json = task.json();
    JsonNode cases = json.path("decisionCases");
    if (!cases.isObject() || cases.isEmpty()) {
      findings.add(
          FindingCode.BAD_SWITCH,
          at,
          place + " has no decisionCases",
          "expected at least one case");
    }
    if (!json.path("evaluatorType").asText("").equals("value-param")) {
      findings.add(
          FindingCode.BAD_SWITCH,
          json.has("evaluatorType") ? at.child("evaluatorType") : at,
          place
              + (json.has("evaluatorType")
                  ? ": evaluatorType is " + json.path("evaluatorType")
                  : " has no evaluatorType"),
          "expected \"value-param\"");
    } else if (!json.path("inputParameters").has(json.path("expression").asText())) {
      findings.add(
          FindingCode.BAD_SWITCH,
          at,
          place + " decides by '" + json.path("expression").asText() + "'",
          "expected as expression the name of one of its inputParameters");
    }
    for (var each : cases.properties()) {
      branch(place, at.child("decisionCases").child(each.getKey()), each.getValue(), depth, looped);
    }
    if (json.has("defaultCase")) {
      branch(place, at.child("defaultCase"), json.path("defaultCase"), depth, looped);
    }
  }

  private void branch(String owner, Place at, JsonNode tasks, int depth, boolean looped) {
    if (!tasks.isArray()) {
      findings.add(
          FindingCode.BAD_SWITCH, at, owner + ": a case is " + tasks, "expected a list of tasks");
    }
    sequence(tasks, at, depth + 1, looped);
  }
}
