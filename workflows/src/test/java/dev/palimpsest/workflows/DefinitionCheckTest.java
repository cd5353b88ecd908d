package dev.palimpsest.workflows;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Field;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A definition of two stages within a fork, right and wrong in one place at a time. */
final class DefinitionCheckTest {
  private static final String RIGHT =
      """
      {"name": "study", "version": 1, "inputParameters": ["seed", "data", "epochs"],
       "inputTemplate": {"epochs": 3},
       "tasks": [
        {"name": "fork", "taskReferenceName": "fork", "type": "FORK_JOIN", "forkTasks": [[
          {"name": "train", "taskReferenceName": "first", "type": "SIMPLE", "inputParameters": {
            "parameters": {"epochs": "${workflow.input.epochs}", "attack": "badnets"},
            "inputs": {"data": "${workflow.input.data}"}, "seed": "${workflow.input.seed}"}}],
          [{"name": "train", "taskReferenceName": "second", "type": "SIMPLE", "inputParameters": {
            "parameters": {"epochs": 2, "attack": {"method": "badnets", "size": 3}},
            "inputs": {"data": "${workflow.input.data}"}, "seed": "${workflow.input.seed}"}}]]},
        {"name": "join", "taskReferenceName": "join", "type": "JOIN", "joinOn": ["first", "second"]},
        {"name": "compare", "taskReferenceName": "compare", "type": "SIMPLE", "inputParameters": {
          "inputs": {"models": {"a": "${first.output.checkpoint}", "b": "${second.output.checkpoint}"}},
          "seed": "${workflow.input.seed}"}}],
       "outputParameters": {"result": "${compare.output.result}"}}
      """;

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
        "Workflow 'study', task 'first', input 'data' refers to task 'second', which has not ended"
            + " there; expected an earlier task of the same branch or one that a join waited for.");
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
        "Workflow 'study', output 'result': stage 'compare': unknown output 'results'; did you mean"
            + " 'result'?");
  }

  @Test
  void aMissingInputIsNamed() {
    refused(
        RIGHT
            .replace("\"inputs\": {\"models\"", "\"inputs\": {}, \"x\": {\"models\"")
            .replace("\"x\": {\"models\"", "\"parameters\": {}, \"numerics\": {\"models\""),
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
        "Workflow 'study', task 'compare' is of type HTTP; expected FORK_JOIN, JOIN, SIMPLE.");
  }

  @Test
  void twoTasksOfOneReferenceNameAreRefused() {
    refused(
        RIGHT.replace("\"taskReferenceName\": \"second\"", "\"taskReferenceName\": \"first\""),
        "Workflow 'study': two tasks are referred to as 'first'; expected each name once.");
  }

  @Test
  void aBrokenExpressionIsRefused() {
    refused(
        RIGHT.replace("\"epochs\": 2", "\"epochs\": \"${workflow.input.epochs\""),
        "Workflow 'study', task 'second': parameter 'epochs' is \"${workflow.input.epochs\";"
            + " expected an integer from 1 to 100.");
  }

  private static void check(String text) {
    Definition definition = Definition.of("test", text.getBytes(StandardCharsets.UTF_8));
    ObjectNode given = Json.object();
    given.set("seed", IntNode.valueOf(1));
    given.set("data", Json.tree(new Reference("dataset", Digest.of("data"), 10, List.of())));
    new DefinitionCheck(catalogue()).check(definition, DefinitionCheck.inputs(definition, given));
  }

  private static void refused(String text, String sentence) {
    assertThatThrownBy(() -> check(text)).isInstanceOf(Mistake.class).hasMessage(sentence);
  }

  private static Catalogue catalogue() {
    Field epochs = integer("epochs", 1, Optional.of(100.0));
    Field attack =
        new Field(
            "attack",
            "choice",
            "the attack",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.of(Kind.ATTACK),
            List.of());
    return new Catalogue(
        List.of(
            new Catalogue.StageEntry(
                "train",
                "Trains.",
                Lane.GPU,
                List.of(epochs, attack),
                List.of(Port.of("data", ArtifactType.DATASET, "data")),
                List.of(
                    Port.of("checkpoint", ArtifactType.CHECKPOINT, "network"),
                    Port.of("metrics", ArtifactType.METRICS, "metrics")),
                Digest.of("code")),
            new Catalogue.StageEntry(
                "compare",
                "Compares.",
                Lane.CPU,
                List.of(),
                List.of(Port.many("models", ArtifactType.CHECKPOINT, "networks")),
                List.of(Port.of("result", ArtifactType.RESULT, "result")),
                Digest.of("code"))),
        List.of(
            new Catalogue.MethodEntry(
                Kind.ATTACK,
                "badnets",
                "A patch.",
                Citation.paper("gu", "Gu", "BadNets", "Access", 2019),
                List.of(integer("size", 1, Optional.empty())))));
  }

  private static Field integer(String name, double least, Optional<Double> most) {
    return new Field(
        name,
        "integer",
        "how many",
        Optional.of(IntNode.valueOf(3)),
        Optional.of(least),
        most,
        List.of(),
        Optional.empty(),
        List.of());
  }
}
