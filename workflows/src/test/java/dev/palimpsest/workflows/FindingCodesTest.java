package dev.palimpsest.workflows;

import static dev.palimpsest.workflows.Sample.MODELS;
import static dev.palimpsest.workflows.Sample.RIGHT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Json;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.workflows.Marks.Found;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every code can be provoked, points at a line, and is explained. */
final class FindingCodesTest {
  private static final Path DOCS = Path.of("../docs");
  private static final String CELL =
      """
      "subWorkflows": {"cell": {"name": "cell", "version": 1, "inputParameters": ["seed"],
        "tasks": [{"name": "keep", "taskReferenceName": "keep", "type": "SET_VARIABLE",
        "inputParameters": {"seed": "${workflow.input.seed}"}}]}},
      """;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(FindingCode.class)
  void everyCodeCanBeProvokedAndPointsAtALine(FindingCode code) throws IOException {
    assertThat(provoke(code))
        .filteredOn(finding -> finding.code() == code)
        .isNotEmpty()
        .allSatisfy(finding -> {
          assertThat(finding.line()).isPositive();
          assertThat(finding.column()).isPositive();
          assertThat(finding.sentence()).matches("(?s)['A-Za-z].*[.?]");
          assertThat(finding.severity() == Finding.Severity.WARNING).isEqualTo(code.warning());
        });
  }

  /** A text with a mistake of this kind, checked. The compiler asks for each code. */
  private List<Finding> provoke(FindingCode code) throws IOException {
    return switch (code) {
      case NOT_JSON -> file("{\n \"name\": study}");
      case NO_DEFINITION -> file("[1]");
      case OWN_NAME ->
          new FileCheck(Sample.catalogue(), Optional::empty)
              .check("mine", with(RIGHT, "\"name\": \"study\"", "\"name\": \"sbl\""))
              .findings();
      case UNKNOWN_FIELD -> right("\"version\": 1", "\"version\": 1, \"tsks\": []");
      case WRONG_FIELD -> right("\"version\": 1", "\"version\": null");
      case NO_TASKS -> file("{\"name\": \"study\", \"tasks\": []}");
      case TOO_LARGE ->
          first(
              IntStream.range(0, 1000)
                  .mapToObj(FindingCodesTest::set)
                  .collect(Collectors.joining(",")));
      case BAD_REFERENCE_NAME ->
          right("\"taskReferenceName\": \"compare\"", "\"taskReferenceName\": \"compare__2\"");
      case REPEATED_REFERENCE_NAME ->
          right("\"taskReferenceName\": \"second\"", "\"taskReferenceName\": \"first\"");
      case TASK_TYPE -> first("{'name': 'x', 'taskReferenceName': 'x', 'type': 'HUMAN'}");
      case FIELD_OF_ANOTHER_TYPE -> right("\"joinOn\"", "\"forkTasks\": [], \"joinOn\"");
      case EMPTY_FORK -> right("\"forkTasks\": [[", "\"forkTasks\": [[], [");
      case FORK_WITHOUT_JOIN -> right("\"type\": \"JOIN\"", "\"type\": \"SET_VARIABLE\"");
      case JOIN_WITHOUT_FORK -> first("{'name': 'x', 'taskReferenceName': 'x', 'type': 'JOIN'}");
      case JOIN_ON -> right("[\"first\", \"second\"]", "[\"first\"]");
      case UNBOUNDED_LOOP -> first(loop("true", set(1)));
      case LOOP_BOUND -> first(loop("$.l['iteration'] < 5000".replace('\'', '|'), set(1)));
      case NESTED_LOOP -> first(loop("true", loop("true", set(1)).replace("'l'", "'m'")));
      case BAD_SWITCH -> first("{'name': 'x', 'taskReferenceName': 'x', 'type': 'SWITCH'}");
      case UNKNOWN_TEMPLATE -> first(template("mine", ""));
      case TEMPLATE_QUERY -> first(template("count", "'of': [1], 'queryExpression': '.'"));
      case TEMPLATE_INPUT -> first(template("count", ""));
      case DYNAMIC_FORK ->
          first(
              "{'name': 'x', 'taskReferenceName': 'x', 'type': 'FORK_JOIN_DYNAMIC'},"
                  + "{'name': 'y', 'taskReferenceName': 'y', 'type': 'JOIN'}");
      case UNKNOWN_WORKFLOW -> first(call("nothing", "1"));
      case RECURSIVE_WORKFLOW -> first(call("study", "1"));
      case NO_CASE ->
          first(
              "{'name': 'x', 'taskReferenceName': 'x', 'type': 'SWITCH', 'evaluatorType':"
                  + " 'value-param', 'expression': 'e', 'inputParameters': {'e': 'b'},"
                  + " 'decisionCases': {'a': []}}");
      case WORKFLOW_VERSION ->
          file(with(first(call("cell", "2"), RIGHT), "\"tasks\": [", CELL + "\"tasks\": ["));
      case BROKEN_EXPRESSION -> right("${compare.output.result}", "the ${compare.output.result}");
      case UNKNOWN_TASK -> right("${first.output.checkpoint}", "${frist.output.checkpoint}");
      case NOT_ENDED -> right("\"${workflow.input.data}\"", "\"${compare.output.result}\"");
      case UNKNOWN_OUTPUT -> right("${compare.output.result}", "${compare.output.reslut}");
      case WRONG_ARTIFACT -> right("${first.output.checkpoint}", "${first.output.metrics}");
      case UNKNOWN_INPUT -> right("workflow.input.epochs", "workflow.input.epoch");
      case UNKNOWN_VARIABLE -> right("workflow.input.epochs", "workflow.variables.epochs");
      case CHANGED_VARIABLE ->
          last(
              set(1).replace("'1'", "'${first.output.checkpoint}'")
                  + ","
                  + set(1).replace("'1'", "'${first.output.metrics}'").replace("set_1", "set_2"));
      case FOREIGN_EXPRESSION -> right("${compare.output.result}", "${workflow.workflowId}");
      case UNKNOWN_STAGE -> right("\"name\": \"compare\"", "\"name\": \"comapre\"");
      case UNKNOWN_CALL_FIELD -> right(MODELS, MODELS + ", \"again\": 1");
      case UNKNOWN_PARAMETER -> right("{\"epochs\": 2,", "{\"epohcs\": 2,");
      case MISSING_PARAMETER -> right(", \"attack\": \"badnets\"", "");
      case WRONG_PARAMETER -> right("{\"epochs\": 2,", "{\"epochs\": 0,");
      case UNKNOWN_METHOD -> right("\"badnets\"", "\"badnet\"");
      case PARAMETERS_TOGETHER -> right("{\"epochs\": 2,", "{\"epochs\": 13,");
      case SEED -> right("\"${workflow.input.seed}\"", "1.5");
      case NUMERICS ->
          right(
              MODELS,
              MODELS
                  + ", \"numerics\": {\"device\": \"cpu\", \"threads\": -1, \"instructions\":"
                  + " \"avx2\", \"engine\": \"e\"}");
      case UNKNOWN_PORT -> right("\"models\"", "\"model\"");
      case MISSING_ARTIFACT -> right(MODELS, "\"inputs\": {}");
      case PARAMETERS_AND_INPUTS ->
          check(
              definition(RIGHT),
              Map.of(
                  "data",
                  new Found(
                      Marks.artifact(
                          ArtifactType.DATASET, new Facts(Map.of(), Map.of("images", List.of(2L)))),
                      Place.root(Source.NONE))),
              false);
      case INPUT_MISSING -> check(definition(RIGHT), Map.of(), true);
      case INPUT_NOT_TAKEN -> check(definition(RIGHT), given("sead", "1"), false);
      case INPUT_NOT_READ ->
          check(
              definition(with(RIGHT, "workflow.input.epochs", "workflow.input.epochs.first")),
              given("epochs", "{\"first\": 1, \"fisrt\": 1}"),
              false);
      case BAD_STUDY -> {
        Path study = folder.resolve(Study.FILE);
        Files.writeString(study, "{\"study\": \"s\"}");
        yield new FileCheck(Sample.catalogue(), Optional::empty).check(folder, folder);
      }
      case UNREGISTERED -> served(Set.of("train"), Set.of(Lane.CPU, Lane.GPU));
      case UNSERVED_LANE -> served(Set.of("train", "compare"), Set.of(Lane.CPU));
    };
  }

  @Test
  void whatServersServeIsNotWarnedOf() throws IOException {
    assertThat(served(Set.of("train", "compare"), Set.of(Lane.CPU, Lane.GPU))).isEmpty();
  }

  @Test
  void everyCodeIsExplainedWhereTheReferenceIsMadeFromThem() throws IOException {
    assertThat(Files.readString(DOCS.resolve("check.md"))).isEqualTo(reference());
    var labels = new HashSet<String>();
    for (FindingCode code : FindingCode.values()) {
      assertThat(labels.add(code.label())).as(code.label()).isTrue();
    }
  }

  /** The text of {@code docs/check.md}. */
  private static String reference() throws IOException {
    var text = new StringBuilder();
    text.append("# What `palimpsest check` finds\n\n");
    text.append("Every finding has a code that keeps its meaning. Codes from PAL901 on are");
    text.append(" warnings: the definition runs, perhaps later.\n\n");
    text.append("| Code | What is wrong | What to do |\n|---|---|---|\n");
    for (FindingCode code : FindingCode.values()) {
      text.append("| ").append(code.label());
      text.append(" | ").append(code.meaning());
      text.append(" | ").append(code.remedy()).append(" |\n");
    }
    Files.createDirectories(Path.of("target"));
    Files.writeString(Path.of("target/check.md"), text);
    return text.toString();
  }

  @Test
  void everyTypeAndTemplateIsExplained() throws IOException {
    String docs = Files.readString(DOCS.resolve("definitions.md"));
    for (TaskType type : TaskType.values()) {
      assertThat(docs).contains("`" + type.name() + "`");
    }
    for (Template template : Template.values()) {
      assertThat(docs).contains("### `" + template.label() + "`", template.query());
      for (String input : template.literals()) {
        assertThat(docs).contains("`" + input + "`");
      }
      for (String input : template.computed()) {
        assertThat(docs).contains("`" + input + "`");
      }
    }
  }

  private List<Finding> served(Set<String> stages, Set<Lane> lanes) throws IOException {
    Path file = folder.resolve("study.json.json");
    Files.writeString(file, RIGHT);
    return new FileCheck(Sample.catalogue(), () -> Optional.of(new FileCheck.Served(stages, lanes)))
        .check(file, folder);
  }

  private static Map<String, Found> given(String name, String value) {
    var source = new Source("study.json", "{\"" + name + "\": " + value + "}");
    Place place = Place.root(source).child(name);
    return Map.of(
        name, new Found(Json.parse("value", value.getBytes(StandardCharsets.UTF_8)), place));
  }

  private static List<Finding> check(Definition definition, Map<String, Found> given, boolean all) {
    return new DefinitionCheck(Sample.catalogue()).findings(definition, given, all);
  }

  private static Definition definition(String text) {
    return Definition.of("test", text.getBytes(StandardCharsets.UTF_8));
  }

  private List<Finding> file(String text) throws IOException {
    Path file = folder.resolve("test.json");
    Files.writeString(file, text);
    return new FileCheck(Sample.catalogue(), Optional::empty).check(file, folder);
  }

  private List<Finding> right(String old, String now) throws IOException {
    return file(with(RIGHT, old, now));
  }

  private static String with(String text, String old, String now) {
    assertThat(text).contains(old);
    return text.replace(old, now);
  }

  /** The sample with tasks before all others; quotes are single here. */
  private List<Finding> first(String tasks) throws IOException {
    return file(first(tasks, RIGHT));
  }

  private static String first(String tasks, String text) {
    return with(text, "\"tasks\": [\n", "\"tasks\": [" + quoted(tasks) + ",\n");
  }

  private List<Finding> last(String tasks) throws IOException {
    return right("}],\n \"outputParameters\"", "}," + quoted(tasks) + "],\n \"outputParameters\"");
  }

  private static String quoted(String text) {
    return text.replace('\'', '"').replace('|', '\'');
  }

  private static String set(int number) {
    return "{'name': 'set', 'taskReferenceName': 'set_"
        + number
        + "', 'type': 'SET_VARIABLE', 'inputParameters': {'x': '1'}}";
  }

  private static String loop(String condition, String body) {
    return "{'name': 'l', 'taskReferenceName': 'l', 'type': 'DO_WHILE', 'loopCondition': '"
        + condition
        + "', 'loopOver': ["
        + body
        + "]}";
  }

  private static String template(String name, String inputs) {
    return "{'name': '"
        + name
        + "', 'taskReferenceName': 'x', 'type': 'JSON_JQ_TRANSFORM', 'inputParameters': {"
        + inputs
        + "}}";
  }

  private static String call(String name, String version) {
    return "{'name': 'x', 'taskReferenceName': 'x', 'type': 'SUB_WORKFLOW', 'subWorkflowParam':"
        + " {'name': '"
        + name
        + "', 'version': "
        + version
        + "}, 'inputParameters': {'seed': 1}}";
  }
}
