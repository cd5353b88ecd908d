package dev.palimpsest.workflows;

import static dev.palimpsest.workflows.Sample.MODELS;
import static dev.palimpsest.workflows.Sample.RIGHT;
import static dev.palimpsest.workflows.Sample.check;
import static dev.palimpsest.workflows.Sample.checked;
import static dev.palimpsest.workflows.Sample.inputs;
import static dev.palimpsest.workflows.Sample.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tasks.Numerics;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The sample definition, right and wrong in one place at a time. */
final class DefinitionCheckTest {
  @Test
  void aRightDefinitionPasses() {
    assertThatCode(() -> check(RIGHT)).doesNotThrowAnyException();
  }

  @Test
  void anUnknownStageIsNamedWithTheOneThatWasMeant() {
    refused(
        RIGHT.replace("\"name\": \"compare\"", "\"name\": \"comapre\""),
        "Workflow 'study', task 'compare': unknown stage 'comapre'; did you mean 'compare'?");
  }

  @Test
  void anUnknownMethodIsNamedWithTheOneThatWasMeant() {
    refused(
        RIGHT.replace("\"attack\": \"badnets\"", "\"attack\": \"badnet\""),
        "Workflow 'study', task 'first', parameter 'attack': unknown attack 'badnet'; did you mean"
            + " 'badnets'?");
  }

  @Test
  void aMethodsParameterOutOfRangeIsNamed() {
    refused(
        RIGHT.replace("\"size\": 3", "\"size\": 0"),
        "Workflow 'study', task 'second', attack 'badnets': parameter 'size' is 0; expected an"
            + " integer of at least 1.");
  }

  @Test
  void whatIsKnownOfTheDataIsHeldAgainstTheParameters() {
    assertThatCode(() -> known(RIGHT, 3)).doesNotThrowAnyException();
    assertThatThrownBy(() -> known(RIGHT, 2))
        .isInstanceOf(Mistake.class)
        .hasMessage("Workflow 'study', task 'first': epochs is 3; expected at most one an image.");
  }

  @Test
  void anOptionalInputThatTheParametersNeedIsMissed() {
    String lasting = RIGHT.replace("{\"epochs\": 2,", "{\"epochs\": 50,");
    refused(
        lasting,
        "Workflow 'study', task 'second', input 'start' is missing; these parameters need it.");
    String given =
        lasting.replace(
            "{\"data\": \"${workflow.input.data}\"}",
            "{\"data\": \"${workflow.input.data}\", \"start\": \"${workflow.input.data}\"}");
    assertThatThrownBy(() -> check(given))
        .as("it is there, and of the wrong type")
        .hasMessageNotContaining("these parameters need it");
  }

  @Test
  void aLoopIsHeldAgainstTheDataInItsLastIteration() {
    String loop =
        """
        {"name": "study", "version": 1, "inputParameters": ["seed", "data", "turns"],
         "tasks": [
          {"name": "loop", "taskReferenceName": "loop", "type": "DO_WHILE",
           "loopCondition": "$.loop['iteration'] < $.n",
           "inputParameters": {"n": "${workflow.input.turns}"},
           "loopOver": [
            {"name": "train", "taskReferenceName": "first", "type": "SIMPLE", "inputParameters": {
              "parameters": {"epochs": "${loop.output.iteration}", "attack": "badnets"},
              "inputs": {"data": "${workflow.input.data}"}, "seed": "${workflow.input.seed}"}}]}]}
        """;
    assertThatCode(() -> known(loop, 4)).doesNotThrowAnyException();
    assertThatThrownBy(() -> known(loop, 3))
        .isInstanceOf(Mistake.class)
        .hasMessage(
            "Workflow 'study', task 'first', iteration 4 as ${workflow.input.turns} says: epochs"
                + " is 4; expected at most one an image.");
    assertThatCode(() -> known(loop.replace("\"${workflow.input.turns}\"", "13"), 13))
        .hasMessageContaining(
            "task 'first', iteration 13: epochs is 13; expected a luckier number");
  }

  /** Checks with data of so many images. */
  private static void known(String text, long images) {
    Definition definition = Definition.of("test", text.getBytes(StandardCharsets.UTF_8));
    ObjectNode given = inputs();
    if (definition.inputs().contains("turns")) {
      given.put("turns", 4);
    }
    var facts = new Facts(Map.of(), Map.of("images", List.of(images)));
    new DefinitionCheck(Sample.catalogue())
        .check(
            definition,
            DefinitionCheck.inputs(definition, given),
            Map.of(Digest.of("data").hex(), facts));
  }

  @Test
  void anInputsValueIsCheckedWhereItIsUsed() {
    refused(
        RIGHT.replace("{\"epochs\": 3}", "{\"epochs\": 0}"),
        "Workflow 'study', task 'first': parameter 'epochs' is 0; expected an integer from 1 to"
            + " 100.");
  }

  @Test
  void anUnknownParameterIsNamed() {
    refused(
        RIGHT.replace("{\"epochs\": 2,", "{\"epcohs\": 2,"),
        "Workflow 'study', task 'second': unknown parameter 'epcohs'; did you mean 'epochs'?");
  }

  @Test
  void anUnknownInputOfTheWorkflowIsNamed() {
    refused(
        RIGHT.replace("workflow.input.epochs", "workflow.input.epoch"),
        "Workflow 'study', task 'first' uses '${workflow.input.epoch}': unknown input 'epoch'; did"
            + " you mean 'epochs'?");
  }

  @Test
  void aReferenceToATaskOfAnotherBranchIsRefused() {
    String wanted = "\"data\": \"${workflow.input.data}\"";
    int first = RIGHT.indexOf(wanted);
    refused(
        RIGHT.substring(0, first)
            + "\"data\": \"${second.output.checkpoint}\""
            + RIGHT.substring(first + wanted.length()),
        "Workflow 'study', task 'first', input 'data' refers to task 'second', which has not"
            + " certainly ended there; expected an earlier task of the same branch or one that a join waited for.");
  }

  @Test
  void anArtifactOfTheWrongTypeIsRefused() {
    refused(
        RIGHT.replace("${second.output.checkpoint}", "${second.output.metrics}"),
        "Workflow 'study', task 'compare', input 'models', 'b' is '${second.output.metrics}', a"
            + " metrics; expected a checkpoint.");
  }

  @Test
  void anUnknownOutputIsNamed() {
    refused(
        RIGHT.replace("${compare.output.result}", "${compare.output.results}"),
        "Workflow 'study', output 'result' uses '${compare.output.results}': unknown output 'results';"
            + " did you mean 'result'?");
  }

  @Test
  void aMissingInputIsNamed() {
    refused(
        RIGHT.replace(MODELS, "\"inputs\": {}"),
        "Workflow 'study', task 'compare', input 'models' is missing; expected a checkpoint.");
  }

  @Test
  void forksWithoutJoinsAndJoinsOfUnknownTasksAreRefused() {
    refused(
        RIGHT
            .replace("\"type\": \"JOIN\"", "\"type\": \"SIMPLE\"")
            .replace("\"name\": \"join\"", "\"name\": \"compare\""),
        "Workflow 'study', task 'fork' forks without a JOIN after it.");
    refused(
        RIGHT.replace("[\"first\", \"second\"]", "[\"first\", \"secnd\"]"),
        "Workflow 'study', task 'join': unknown task 'secnd'; did you mean 'second'?");
  }

  @Test
  void aTaskTypeThatRunsForeignCodeIsRefused() {
    refused(
        RIGHT.replace(
            "\"taskReferenceName\": \"compare\", \"type\": \"SIMPLE\"",
            "\"taskReferenceName\": \"compare\", \"type\": \"HTTP\""),
        "Workflow 'study', task 'compare' is of type HTTP; it is refused: it reaches other"
            + " addresses from within the server.");
  }

  @Test
  void twoTasksOfOneReferenceNameAreRefused() {
    refused(
        RIGHT.replace("\"taskReferenceName\": \"second\"", "\"taskReferenceName\": \"first\""),
        "Workflow 'study': two tasks are referred to as 'first'; expected each name once.");
  }

  @Test
  void aBrokenExpressionIsRefusedHoweverDeepItStands() {
    refused(
        RIGHT.replace("\"epochs\": 2", "\"epochs\": \"${workflow.input.epochs\""),
        "Workflow 'study', task 'second', field 'inputParameters.parameters.epochs' is"
            + " \"${workflow.input.epochs\"; expected one whole ${...} expression.");
    refused(
        RIGHT.replace("\"size\": 3", "\"size\": [1, \"a ${x\"]"),
        "Workflow 'study', task 'second', field 'inputParameters.parameters.attack.size[1]' is"
            + " \"a ${x\"; expected one whole ${...} expression.");
    refused(
        RIGHT.replace("\"${compare.output.result}\"", "{\"a\": \"${compare.output.result} b\"}"),
        "Workflow 'study', field 'outputParameters.result.a' is \"${compare.output.result} b\";"
            + " expected one whole ${...} expression.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[\"join\"]",
        "[\"compare\"]",
        "[\"first\"]",
        "[\"first\", \"second\", \"fork\"]",
        "[\"first\", 2]",
        "\"first\"",
        "{\"a\":\"first\",\"b\":\"second\"}"
      })
  void aJoinThatDoesNotWaitForTheEndOfEachBranchIsRefused(String joinOn) {
    refused(
        RIGHT.replace("[\"first\", \"second\"]", joinOn),
        "Workflow 'study', task 'join': joinOn is "
            + joinOn.replace(", ", ",")
            + "; expected the last task of each branch: first, second.");
  }

  @Test
  void aJoinWaitsForTheLastTaskOfABranchInAnyOrder() {
    String inner =
        """
        {"name": "fork", "taskReferenceName": "inner", "type": "FORK_JOIN", "forkTasks": [[
          {"name": "train", "taskReferenceName": "third", "type": "SIMPLE", "inputParameters": {
            "parameters": {"epochs": 2, "attack": "badnets"},
            "inputs": {"data": "${workflow.input.data}"}, "seed": 1}}]]},
        {"name": "join", "taskReferenceName": "inner_join", "type": "JOIN", "joinOn": ["third"]}],
        """;
    String second = "\"taskReferenceName\": \"second\"";
    String nested =
        RIGHT.replace(
            "[{\"name\": \"train\", " + second, "[" + inner + "[{\"name\": \"train\", " + second);
    String all = "[\"second\", \"inner_join\", \"first\"]";
    assertThatCode(() -> check(nested.replace("[\"first\", \"second\"]", all)))
        .doesNotThrowAnyException();
    refused(
        nested.replace("[\"first\", \"second\"]", all.replace("inner_join", "third")),
        "Workflow 'study', task 'join': joinOn is [\"second\",\"third\",\"first\"]; expected the last"
            + " task of each branch: first, inner_join, second.");
  }

  @Test
  void aJoinWithoutAForkBeforeItIsRefused() {
    String join = "{\"name\": \"join\", \"taskReferenceName\": \"join\", \"type\": \"JOIN\", ";
    refused(
        RIGHT.replace(
            join,
            join
                + "\"joinOn\": [\"first\", \"second\"]},"
                + join.replace("\"join\"", "\"j2\"")
                    .replace("\"j2\", \"taskR", "\"join\", \"taskR")),
        "Workflow 'study', task 'j2' has no fork to join; expected a JOIN directly after a"
            + " FORK_JOIN or FORK_JOIN_DYNAMIC.");
  }

  @Test
  void anEmptyBranchIsRefused() {
    refused(
        RIGHT.replace("\"forkTasks\": [[", "\"forkTasks\": [[], ["),
        "Workflow 'study', task 'fork': branch 1 has no tasks; expected at least one in each"
            + " branch.");
  }

  @Test
  void theNumericsOfAStageAreRead() {
    String numerics =
        "{\"device\": \"cpu\", \"threads\": 1, \"instructions\": \"avx2\", \"engine\": \"e\"}";
    assertThat(check(numerics(numerics))).containsExactly(new Numerics("cpu", 1, "avx2", "e"));
    refused(
        numerics("\"fast\""),
        "Workflow 'study', task 'compare': numerics is \"fast\"; expected an object of device,"
            + " threads, instructions and engine.");
    refused(
        numerics(numerics.replace("\"threads\": 1, ", "")),
        "Workflow 'study', task 'compare', numerics: field 'threads' is missing.");
    refused(
        numerics("\"${workflow.input.sead}\""),
        "Workflow 'study', task 'compare' uses '${workflow.input.sead}': unknown input 'sead'; did"
            + " you mean 'seed'?");
  }

  private static String numerics(String value) {
    return RIGHT.replace(MODELS, MODELS + ", \"numerics\": " + value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"workflow\"", "\"a.b\"", "\"2nd\"", "\"a b\"", "7", "true"})
  void aTaskThatCannotBeReferredToIsRefused(String reference) {
    refused(
        RIGHT.replace("\"taskReferenceName\": \"compare\"", "\"taskReferenceName\": " + reference),
        "Workflow 'study': the taskReferenceName "
            + reference
            + " cannot be referred to; expected a letter, then at most 63 letters, digits, '_' or,"
            + " but for a loop, '-', without '__', other than 'workflow'.");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      delimiter = '|',
      value = {
        "version | 0 | an integer of at least 1",
        "version | 1.5 | an integer of at least 1",
        "version | \"1\" | an integer of at least 1",
        "version | 4294967297 | an integer of at least 1",
        "timeoutSeconds | -1 | an integer of at least 0",
        "timeoutSeconds | \"0\" | an integer of at least 0",
        "timeoutPolicy | \"NEVER\" | ALERT_ONLY or TIME_OUT_WF",
        "timeoutPolicy | 1 | ALERT_ONLY or TIME_OUT_WF",
        "schemaVersion | 1 | 2",
        "schemaVersion | \"2\" | 2",
        "restartable | \"yes\" | true or false",
      })
  void aFieldOfTheWorkflowThatIsWrongIsNamed(String field, String value, String expected) {
    refused(
        RIGHT.replace("\"version\": 1,", "\"" + field + "\": " + value + ","),
        "Workflow 'study': " + field + " is " + value + "; expected " + expected + ".");
  }

  @Test
  void aNameOfTheWorkflowThatNoPathCanHoldIsRefused() {
    refused(
        RIGHT.replace("\"name\": \"study\"", "\"name\": \"my/study\""),
        "Workflow 'my/study': name is \"my/study\"; expected a letter, then letters, digits, '_',"
            + " '.' or '-'.");
  }

  @Test
  void aFieldWithinAnInputThatNothingReadsIsRefused() {
    String nested =
        RIGHT
            .replace("workflow.input.epochs", "workflow.input.epochs.first")
            .replace("\"attack\": \"badnets\"", "\"attack\": \"${workflow.input.epochs.how}\"");
    String defaults =
        "{\"first\": 3, \"how\": {\"method\": \"badnets\", \"size\": 2}, \"note\": 1}";
    ObjectNode given = object(defaults);
    String text = nested.replace("{\"epochs\": 3}", "{\"epochs\": " + defaults + "}");
    assertThatCode(() -> check(text, given)).doesNotThrowAnyException();

    given.put("fisrt", 5);
    assertThatThrownBy(() -> check(text, given))
        .isInstanceOf(Mistake.class)
        .hasMessage(
            "Workflow 'study', input 'epochs': unknown field 'fisrt'; did you mean 'first'?");
    given.remove("fisrt");

    given.putObject("note").put("deep", 1);
    assertThatThrownBy(() -> check(text, given))
        .isInstanceOf(Mistake.class)
        .hasMessage(
            "Workflow 'study', input 'epochs.note': unknown field 'deep'; the workflow reads none"
                + " here.");
    given.remove("note");

    // What is read whole is for its reader to check.
    given.putObject("how").put("method", "badnets").put("sizes", 1);
    assertThatThrownBy(() -> check(text, given))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("attack 'badnets': unknown parameter 'sizes'; did you mean 'size'?");
  }

  @Test
  void aPartOfADataSetThatNobodyReadsIsNoMistake() {
    String text = RIGHT.replace("workflow.input.data", "workflow.input.data.train");
    ObjectNode inputs = inputs();
    var data = inputs.get("data");
    inputs.putObject("data").<ObjectNode>set("train", data).set("test", data);
    assertThatCode(() -> checked(text, inputs)).doesNotThrowAnyException();
  }

  @Test
  void aTaskWithoutASeedSaysSo() {
    int compare = RIGHT.indexOf(", \"inputParameters\": {\n    \"inputs\"");
    assertThat(compare).isPositive();
    refused(
        RIGHT.substring(0, compare) + RIGHT.substring(RIGHT.indexOf("}],\n \"outputParameters\"")),
        "Workflow 'study', task 'compare': seed is missing; expected an integer within"
            + " ±(2^53 - 1), such as ${workflow.input.seed}.");
  }

  @Test
  void whatIsNoObjectWhereOneIsReadIsRefused() {
    refused(
        RIGHT.replace(MODELS, "\"inputs\": {\"models\": \"${first.output.checkpoint}\"}"),
        "Workflow 'study', task 'compare', input 'models' is \"${first.output.checkpoint}\"; expected"
            + " an object of checkpoints.");
    refused(
        RIGHT.replace("\"joinOn\": [", "\"inputParameters\": \"x\", \"joinOn\": ["),
        "Workflow 'study', task 'join': inputParameters is \"x\"; expected an object.");
  }

  @Test
  void branchesOfATaskThatDoesNotForkAreRefused() {
    refused(
        RIGHT.replace("\"joinOn\": [", "\"forkTasks\": [], \"joinOn\": ["),
        "Workflow 'study', task 'join' is of type JOIN and has forkTasks; expected it of a FORK_JOIN"
            + " only.");
  }

  @Test
  void anUnknownInputInAnOutputIsNamed() {
    refused(
        RIGHT.replace("${compare.output.result}", "${workflow.input.sead}"),
        "Workflow 'study', output 'result' uses '${workflow.input.sead}': unknown input 'sead'; did"
            + " you mean 'seed'?");
  }

  @Test
  void theShippedDefinitionIsPutTogetherRightly() {
    var findings = new Findings();
    ShapeCheck.check(Definition.shipped("sbl"), findings);
    assertThat(findings.sorted()).isEmpty();
  }

  private static ObjectNode object(String json) {
    return (ObjectNode) Json.parse("test", json.getBytes(StandardCharsets.UTF_8));
  }
}
