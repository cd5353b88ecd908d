package dev.palimpsest.workflows;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What expressions may read behind loops, switches, sweeps and sub-workflows. */
final class FlowCheckTest {
  private static final String TRAIN =
      "{'name': 'train', 'taskReferenceName': '%s', 'type': 'SIMPLE', 'inputParameters': {"
          + "'parameters': {'attack': 'badnets'}, 'inputs': {'data': '${workflow.input.data}'},"
          + " 'seed': 1}}";

  private static final String CELL =
      "{'name': 'cell', 'inputParameters': ['data', 'epochs'], 'tasks': ["
          + "{'name': 'train', 'taskReferenceName': 'train', 'type': 'SIMPLE', 'inputParameters':"
          + " {'parameters': {'attack': 'badnets', 'epochs': '${workflow.input.epochs}'}, 'inputs':"
          + " {'data': '${workflow.input.data}'}, 'seed': 1}}],"
          + " 'outputParameters': {'network': '${train.output.checkpoint}',"
          + " 'curve': '${train.output.metrics}'}}";

  private static String train(String reference) {
    return TRAIN.formatted(reference);
  }

  private static String set(String reference, String value) {
    return "{'name': 'set', 'taskReferenceName': '"
        + reference
        + "', 'type': 'SET_VARIABLE', 'inputParameters': {'last': '"
        + value
        + "'}}";
  }

  private static String compare(String models) {
    return "{'name': 'compare', 'taskReferenceName': 'compare', 'type': 'SIMPLE',"
        + " 'inputParameters': {'inputs': {'models': "
        + models
        + "}, 'seed': 1}}";
  }

  private static String decide(String cases, String otherwise) {
    return "{'name': 'd', 'taskReferenceName': 'd', 'type': 'SWITCH', 'evaluatorType':"
        + " 'value-param', 'expression': 'x', 'inputParameters': {'x': '1'}, 'decisionCases':"
        + " {'1': ["
        + cases
        + "]}, 'defaultCase': ["
        + otherwise
        + "]}";
  }

  private static String loop(String body) {
    return "{'name': 'l', 'taskReferenceName': 'l', 'type': 'DO_WHILE', 'loopCondition':"
        + " '$.l[|iteration|] < 3', 'loopOver': ["
        + body
        + "]}";
  }

  private static String sweep(String over, String output) {
    return "{'name': 'sweep-workflow', 'taskReferenceName': 's', 'type': 'JSON_JQ_TRANSFORM',"
        + " 'inputParameters': {'workflow': 'cell', 'as': 'cell', 'common': {'data':"
        + " '${workflow.input.data}'}, 'over': "
        + over
        + "}}, {'name': 'f', 'taskReferenceName': 'f', 'type': 'FORK_JOIN_DYNAMIC',"
        + " 'dynamicForkTasksParam': 'tasks', 'dynamicForkTasksInputParamName': 'inputs',"
        + " 'inputParameters': {'tasks': '${s.output.result.tasks}', 'inputs':"
        + " '${s.output.result.inputs}'}}, {'name': 'j', 'taskReferenceName': 'j', 'type': 'JOIN'},"
        + " {'name': 'collect', 'taskReferenceName': 'c', 'type': 'JSON_JQ_TRANSFORM',"
        + " 'inputParameters': {'from': '${j.output}', 'output': '"
        + output
        + "'}}";
  }

  private static List<String> found(String... tasks) {
    String text =
        "{'name': 'study', 'inputParameters': ['data'], 'subWorkflows': {'cell': "
            + CELL
            + "}, 'tasks': ["
            + String.join(", ", tasks)
            + "]}";
    byte[] json = text.replace('\'', '"').replace('|', '\'').getBytes(StandardCharsets.UTF_8);
    return new DefinitionCheck(Sample.catalogue())
        .findings(Definition.of("test", json)).stream()
            .map(finding -> finding.code().label() + " " + finding.sentence())
            .toList();
  }

  @Test
  void whatOneCaseMakesIsNotThereBehindTheSwitch() {
    String models = "{'a': '${a.output.checkpoint}'}";
    assertThat(found(decide(train("a"), train("b")), compare(models)))
        .singleElement()
        .asString()
        .startsWith(
            "PAL303 Workflow 'study', task 'compare', input 'models', 'a' refers to task 'a'");
  }

  @Test
  void aVariableThatEveryCaseSetsIsThereBehindTheSwitch() {
    String a = train("a") + "," + set("va", "${a.output.checkpoint}");
    String b = train("b") + "," + set("vb", "${b.output.checkpoint}");
    String models = "{'a': '${workflow.variables.last}'}";
    assertThat(found(decide(a, b), compare(models))).isEmpty();
    assertThat(found(decide(a, train("b")), compare(models)))
        .singleElement()
        .asString()
        .startsWith("PAL307 ");
    assertThat(found(decide(train("a"), b), compare(models)))
        .singleElement()
        .asString()
        .startsWith("PAL307 ");
  }

  @Test
  void theLastIterationIsThereBehindALoopAndALaterTaskIsNotWithinIt() {
    String models = "{'a': '${a.output.checkpoint}'}";
    assertThat(found(loop(train("a")), compare(models))).isEmpty();
    assertThat(found(loop(compare(models) + "," + train("a"))))
        .singleElement()
        .asString()
        .startsWith("PAL303 ");
    assertThat(found(loop(train("a")), compare("{'a': '${l.output.iteration}'}"))).isEmpty();
  }

  @Test
  void aLoopsOutputsAreCollectedWithTheirType() {
    String collect =
        "{'name': 'collect-loop', 'taskReferenceName': 'c', 'type': 'JSON_JQ_TRANSFORM',"
            + " 'inputParameters': {'from': '${l.output}', 'task': 'a', 'output': '%s'}}";
    String models = compare("'${c.output.result}'");
    assertThat(found(loop(train("a")), collect.formatted("checkpoint"), models)).isEmpty();
    assertThat(found(loop(train("a")), collect.formatted("metrics"), models))
        .containsExactly(
            "PAL305 Workflow 'study', task 'compare', input 'models' is '${c.output.result}', a"
                + " metrics; expected a checkpoint.");
    assertThat(found(loop(train("a")), collect.formatted("chekpoint"), models))
        .containsExactly(
            "PAL304 Workflow 'study', task 'c': unknown output 'chekpoint'; did you mean"
                + " 'checkpoint'?");
  }

  @Test
  void everyBranchOfASweepIsChecked() {
    String models = compare("'${c.output.result}'");
    assertThat(found(sweep("[{'epochs': 1}, {'epochs': 2}]", "network"), models)).isEmpty();
    assertThat(found(sweep("[{'epochs': 1}, {'epochs': 0}, {'epcohs': 1}, {}]", "curve"), models))
        .containsExactlyInAnyOrder(
            "PAL405 Workflow 'cell', task 'train': parameter 'epochs' is 0; expected an integer from"
                + " 1 to 100.",
            "PAL502 Workflow 'study', task 's', branch 3: unknown input 'epcohs'; did you mean"
                + " 'epochs'?",
            "PAL501 Workflow 'study', task 's', branch 3 gives no input 'epochs' to workflow 'cell';"
                + " expected one: it has no default.",
            "PAL501 Workflow 'study', task 's', branch 4 gives no input 'epochs' to workflow 'cell';"
                + " expected one: it has no default.",
            "PAL305 Workflow 'study', task 'compare', input 'models' is '${c.output.result}', a"
                + " metrics; expected a checkpoint.");
  }

  @Test
  void aSubWorkflowsOutputsHaveTypes() {
    String call =
        "{'name': 'cell', 'taskReferenceName': 'x', 'type': 'SUB_WORKFLOW', 'subWorkflowParam':"
            + " {'name': 'cell'}, 'inputParameters': {'data': '${workflow.input.data}', 'epochs':"
            + " 1}}";
    assertThat(found(call, compare("{'a': '${x.output.network}'}"))).isEmpty();
    assertThat(found(call, compare("{'a': '${x.output.curve}'}")))
        .singleElement()
        .asString()
        .startsWith("PAL305 ");
    assertThat(found(call.replace("'${workflow.input.data}'", "'${x.output.network}'")))
        .anyMatch(sentence -> sentence.startsWith("PAL303 "));
  }

  @Test
  void withoutADefaultCaseEveryValueMustBeACase() {
    String one = train("a") + "," + set("va", "${a.output.checkpoint}");
    String other = train("b") + "," + set("vb", "${b.output.checkpoint}");
    String models = compare("{'a': '${workflow.variables.last}'}");
    String decision =
        "{'name': 'd', 'taskReferenceName': 'd', 'type': 'SWITCH', 'evaluatorType':"
            + " 'value-param', 'expression': 'x', 'inputParameters': {'x': '%s'}, 'decisionCases':"
            + (" {'first': [" + one + "], 'second': [" + other + "]}")
            + "%s}";
    assertThat(found(decision.formatted("first", ""), models)).isEmpty();
    assertThat(found(decision.formatted("frist", ""), models))
        .singleElement()
        .asString()
        .startsWith("PAL220 ")
        .contains("unknown x 'frist'; did you mean 'first'?");
    assertThat(found(decision.formatted("none", ", 'defaultCase': []"))).isEmpty();
  }
}
