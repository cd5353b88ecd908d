package dev.palimpsest.workflows;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.workflows.client.Conductor.Scheduled;
import dev.palimpsest.workflows.client.Conductor.Snapshot;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How a definition unfolds into stages, and what Conductor is given for it. */
final class ExecutionTest {
  private static final Definition STUDY =
      definition(
          """
          {"name": "study", "subWorkflows": {"cell": {"name": "cell", "tasks": [
             {"name": "train", "taskReferenceName": "train", "type": "SIMPLE"}]}},
           "tasks": [
            {"name": "sweep-workflow", "taskReferenceName": "s", "type": "JSON_JQ_TRANSFORM",
             "inputParameters": {"workflow": "cell", "as": "cell", "over": [{}, {}]}},
            {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN_DYNAMIC",
             "inputParameters": {"tasks": "${s.output.result.tasks}"}},
            {"name": "j", "taskReferenceName": "j", "type": "JOIN"},
            {"name": "l", "taskReferenceName": "l", "type": "DO_WHILE", "loopOver": [
              {"name": "learn", "taskReferenceName": "learn", "type": "SIMPLE"},
              {"name": "cell", "taskReferenceName": "call", "type": "SUB_WORKFLOW",
               "subWorkflowParam": {"name": "cell"}}]},
            {"name": "d", "taskReferenceName": "d", "type": "SWITCH",
             "decisionCases": {"yes": [
               {"name": "measure", "taskReferenceName": "measure", "type": "SIMPLE"}]},
             "defaultCase": [
               {"name": "hold", "taskReferenceName": "hold", "type": "SIMPLE"}]}]}
          """);

  @Test
  void whatIsNotUnfoldedYetIsShownOnce() {
    assertThat(paths(run())).containsExactly("learn__1", "call__1.train", "measure", "hold");
  }

  @Test
  void branchesIterationsAndTheTakenCaseAreShownAtTheirPlace() {
    var run =
        run(
            task("cell_1", "sub-1", "{}"),
            task("cell_2", "", "{}"),
            task("learn__1", "", "{}"),
            task("call__1", "sub-2", "{}"),
            task("learn__2", "", "{}"),
            task("d", "", "{\"evaluationResult\": [\"no\"]}"));
    assertThat(paths(run))
        .containsExactly(
            "cell_1.train",
            "cell_2.train",
            "learn__1",
            "call__1.train",
            "learn__2",
            "call__2.train",
            "hold");
    assertThat(run.newest()).containsKey("cell_1.train").doesNotContainKey("cell_2.train");
  }

  @Test
  void ofARepeatedSubWorkflowTheNewestAttemptCounts() {
    var run = run(task("cell_1", "sub-1", "{}"), task("cell_1", "sub-2", "{}"));
    assertThat(run.newest())
        .hasEntrySatisfying(
            "cell_1.train", task -> assertThat(task.id()).isEqualTo("train of sub-2"));
    assertThat(run.attempts()).hasSize(4);
  }

  @Test
  void aSubWorkflowIsRegisteredUnderANameThatChangesWithIt() {
    Linked linked = Linked.of(STUDY);
    String name = linked.called().getFirst().path("name").asText();
    assertThat(name).matches("cell@[0-9a-f]{12}");
    assertThat(linked.definition().has("subWorkflows")).isFalse();
    JsonNode tasks = linked.definition().path("tasks");
    assertThat(tasks.path(0).path("inputParameters").path("workflow").asText()).isEqualTo(name);
    assertThat(tasks.path(0).path("inputParameters").path("queryExpression").asText())
        .isEqualTo(Template.SWEEP_WORKFLOW.query());
    assertThat(
            tasks.path(3).path("loopOver").path(1).path("subWorkflowParam").path("name").asText())
        .isEqualTo(name);
    // The definition itself stays as it was written.
    assertThat(STUDY.json().path("tasks").path(0).path("inputParameters").has("queryExpression"))
        .isFalse();

    ObjectNode other = STUDY.json().deepCopy();
    ((ObjectNode) other.path("subWorkflows").path("cell")).put("description", "other");
    assertThat(Linked.of(definition(other.toString())).called().getFirst().path("name").asText())
        .isNotEqualTo(name);
    assertThat(Linked.of(definition(STUDY.whole().toString()))).isEqualTo(linked);
  }

  private static List<String> paths(Execution run) {
    return run.stages(STUDY).stream().map(Execution.Placed::path).toList();
  }

  /** A run that scheduled these; each sub-workflow has scheduled its train. */
  private static Execution run(Scheduled... tasks) {
    return Execution.of(
        snapshot("run", tasks), id -> snapshot(id, scheduled("train of " + id, "train", "", "{}")));
  }

  private static Snapshot snapshot(String id, Scheduled... tasks) {
    return new Snapshot(id, "study", "RUNNING", Optional.empty(), 0, List.of(tasks));
  }

  private static Scheduled task(String reference, String called, String outputs) {
    return scheduled(reference + called, reference, called, outputs);
  }

  private static Scheduled scheduled(String id, String reference, String called, String outputs) {
    return new Scheduled(
        id,
        reference,
        reference,
        "COMPLETED",
        1,
        true,
        "worker",
        0,
        0,
        Optional.empty(),
        Optional.of(called).filter(sub -> !sub.isEmpty()),
        Json.parse("outputs", outputs.getBytes(StandardCharsets.UTF_8)));
  }

  private static Definition definition(String text) {
    return Definition.of("test", text.getBytes(StandardCharsets.UTF_8));
  }
}
