package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The queries that a {@code JSON_JQ_TRANSFORM} may run, by the task's name. What a query gives is
 * the task's output {@code result}; {@code docs/definitions.md} shows each in use.
 */
enum Template {
  /** Makes the branches of a dynamic fork: one run of a sub-workflow for each set of inputs. */
  SWEEP_WORKFLOW(
      List.of("workflow", "as"),
      List.of("over", "common"),
      """
      . as $in
      | [.over | to_entries[] | {key: "\\($in.as)_\\(.key + 1)", value: .value}] as $cells
      | {tasks: [$cells[] | {name: $in.workflow, taskReferenceName: .key, type: "SUB_WORKFLOW",
          subWorkflowParam: {name: $in.workflow, version: 1}}],
         inputs: ($cells | map({key: .key, value: (($in.common // {}) * .value)}) | from_entries),
         cells: ($cells | map({cell: .key} + .value))}\
      """),

  /** Makes the branches of a dynamic fork: one call of a stage for each set of its settings. */
  SWEEP_STAGE(
      List.of("stage", "as"),
      List.of("over", "common"),
      """
      . as $in
      | [.over | to_entries[] | {key: "\\($in.as)_\\(.key + 1)", value: .value}] as $cells
      | {tasks: [$cells[] | {name: $in.stage, taskReferenceName: .key, type: "SIMPLE"}],
         inputs: ($cells
           | map({key: .key, value: (($in.common // {}) * .value
               + (if $in.again then {again: $in.again} else {} end))})
           | from_entries),
         cells: ($cells | map({cell: .key} + .value))}\
      """),

  /** Every combination of the values of each name: an object of lists becomes a list of objects. */
  GRID(
      List.of(),
      List.of("of"),
      """
      reduce (.of | to_entries)[] as $axis ([{}];
        [.[] as $point | $axis.value[] as $value | $point + {($axis.key): $value}])\
      """),

  /** Every object of one list with every object of another, laid over it at every depth. */
  CROSS(
      List.of(),
      List.of("of", "with"),
      """
      [.of[] as $of | .with[] as $with | $of * $with]\
      """),

  /** One output of every branch that a join waited for, by the branch's name. */
  COLLECT(
      List.of("output"),
      List.of("from"),
      """
      .output as $output | .from | map_values(.[$output])\
      """),

  /** One output of one task of every iteration of a loop, by the iteration's number. */
  COLLECT_LOOP(
      List.of("task", "output"),
      List.of("from"),
      """
      .task as $task | .output as $output | .from
      | with_entries(select(.key | test("^[0-9]+$"))) | map_values(.[$task][$output])\
      """),

  /** The length of a list. */
  COUNT(
      List.of(),
      List.of("of"),
      """
      .of | length\
      """),

  /** The element of a list at a number from 1, such as a loop's iteration. */
  PICK(
      List.of(),
      List.of("from", "number"),
      """
      .from[.number - 1]\
      """),

  /** The sum of two numbers. */
  ADD(
      List.of(),
      List.of("a", "b"),
      """
      .a + .b\
      """);

  private final List<String> literals;
  private final List<String> values;
  private final String query;

  Template(List<String> literals, List<String> values, String query) {
    this.literals = literals;
    this.values = values;
    this.query = query;
  }

  /** The template that a task of this kind is named after. */
  static Optional<Template> of(Definition.Task task) {
    return task.type().equals("JSON_JQ_TRANSFORM")
        ? Arrays.stream(values()).filter(t -> t.label().equals(task.name())).findFirst()
        : Optional.empty();
  }

  static List<String> labels() {
    return Arrays.stream(values()).map(Template::label).toList();
  }

  String label() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  /** Inputs that are plain texts. */
  List<String> literals() {
    return literals;
  }

  /** Inputs that may hold expressions; {@code common} may be left out. */
  List<String> computed() {
    return values;
  }

  String query() {
    return query;
  }

  boolean sweeps() {
    return this == SWEEP_WORKFLOW || this == SWEEP_STAGE;
  }

  /** Whether this is the template's query, but for blanks. */
  boolean isQuery(JsonNode given) {
    return given.isTextual() && blanks(given.textValue()).equals(blanks(query));
  }

  private static String blanks(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }
}
