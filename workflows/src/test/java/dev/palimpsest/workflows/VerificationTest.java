package dev.palimpsest.workflows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.storage.StoredArtifacts;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.StageKey;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.TensorDifference;
import dev.palimpsest.tensors.Tensors;
import dev.palimpsest.workflows.OutputDifference.Place;
import dev.palimpsest.workflows.Verification.Compared;
import dev.palimpsest.workflows.Verification.State;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two runs of a training and its evaluation, as their workers wrote them down. */
final class VerificationTest {
  private static final String RESULT = "{\"accuracy\": 0.5, \"classes\": [1, 2]}";

  @TempDir Path folder;
  private final MemoryStore store = new MemoryStore();
  private final RunJournal journal = new RunJournal(store);
  private StoredArtifacts artifacts;
  private StoredLedger ledger;
  private int second;

  @BeforeEach
  void open() {
    artifacts = new StoredArtifacts(store, folder.resolve("cache"));
    ledger = new StoredLedger(store, artifacts);
  }

  @Test
  void equalOutputsAreTheSame() throws IOException {
    run("first", "code", weights(1, 2), RESULT, Optional.empty());
    run("second", "code", weights(1, 2), RESULT, Optional.of("first/0"));
    Verification verification = verify();
    assertThat(verification.stages()).extracting(Compared::task).containsExactly("net", "test");
    assertThat(verification.differing()).isEmpty();
    assertThat(verification.first()).isEmpty();
  }

  @Test
  void theFirstStageOfWhichEqualInputsGaveDifferentTensorsIsNamedAndWhatFollowsItIsNot()
      throws IOException {
    run("first", "code", weights(1, 2), RESULT, Optional.empty());
    run(
        "second",
        "code",
        weights(1, 2.5f),
        "{\"accuracy\": 0.25, \"classes\": [1]}",
        Optional.of("first/0"));
    Verification verification = verify();

    assertThat(verification.first()).map(Compared::task).contains("net");
    assertThat(verification.differing())
        .containsExactly(
            new Compared(
                "net",
                "train",
                State.NOT_DETERMINISTIC,
                List.of(),
                List.of("processor of first, then of second"),
                List.of(
                    new OutputDifference.OfTensors(
                        "checkpoint",
                        List.of(
                            new TensorDifference.Elements("w", 2, 1, OptionalDouble.of(0.5), 0)))),
                List.of()),
            new Compared(
                "test",
                "evaluate",
                State.FOLLOWS,
                List.of("input 'checkpoint'"),
                List.of("processor of first, then of second"),
                List.of(
                    new OutputDifference.OfDocument(
                        "result",
                        List.of(
                            new Place("accuracy", "0.5", "0.25"),
                            new Place("classes[1]", "2", "")))),
                List.of()));
  }

  @Test
  void whatAnotherProgramComputesIsNotCalledNondeterministic() throws IOException {
    run("first", "code", weights(1, 2), RESULT, Optional.empty());
    run("second", "other code", weights(1, 3), RESULT, Optional.of("first/0"));
    Verification verification = verify();
    assertThat(verification.first()).isEmpty();
    Compared net = verification.differing().getFirst();
    assertThat(net.state()).isEqualTo(State.OTHER_PROGRAM);
    assertThat(net.causes()).containsExactly("code");
    // The result is the same all the same.
    assertThat(verification.differing()).hasSize(1);
  }

  @Test
  void aStageWhoseNumericsWereLeftOpenIsNotCalledNondeterministic() throws IOException {
    var any = Numerics.ANY;
    answer("first", "net", "train", any, weights(1, 2), Optional.empty());
    answer("second", "net", "train", any, weights(1, 3), Optional.of("first/0"));
    Compared net = verify().differing().getFirst();
    assertThat(net.state()).isEqualTo(State.OTHER_PROGRAM);
    assertThat(net.causes()).containsExactly("numerics, which the run left open");
  }

  @Test
  void anOutputThatWasLostAndCameOutOtherwiseIsReported() throws IOException {
    run("first", "code", weights(1, 2), RESULT, Optional.empty());
    RunJournal.StageEntry net = journal.stage("first", "net").orElseThrow();
    StageRecord record = ledger.generations(net.key()).getFirst();
    String lost = record.outputs().values().iterator().next().sha256().hex();
    store.delete("blobs/sha256/" + lost.substring(0, 2) + "/" + lost);
    ledger.publish(new StageRecord(net.key(), 1, "train", record.identity(), weights(1, 4)));
    put("checkpoint", checkpoint(1, 2));
    run("second", "code", weights(1, 2), RESULT, Optional.of("first/0"));

    Verification verification = verify();
    assertThat(verification.first()).map(Compared::task).contains("net");
    Compared compared = verification.differing().getFirst();
    assertThat(compared.state()).isEqualTo(State.SAME);
    assertThat(compared.earlier())
        .containsExactly(
            new OutputDifference.OfTensors(
                "checkpoint",
                List.of(new TensorDifference.Elements("w", 2, 1, OptionalDouble.of(2), 0))));
  }

  @Test
  void metricsAreComparedByLineAndFiguresAsText() throws IOException {
    Map<String, Reference> one =
        Map.of(
            "metrics", put("metrics", "{\"loss\":1}\n{\"loss\":2}\n"),
            "figure", put("figure", "<svg>\n<a/>\n</svg>\n"));
    Map<String, Reference> other =
        Map.of(
            "metrics", put("metrics", "{\"loss\":1}\n{\"loss\":3}\n{\"loss\":4}\n"),
            "figure", put("figure", "<svg>\n<b/>\n</svg>\n"));
    assertThat(new OutputComparison(artifacts).of(one, other))
        .containsExactly(
            new OutputDifference.OfDocument("figure", List.of(new Place("line 2", "<a/>", "<b/>"))),
            new OutputDifference.OfDocument(
                "metrics",
                List.of(new Place("line 2, loss", "2", "3"), new Place("line 3, loss", "", "4"))));
  }

  @Test
  void bytesThatAreLostAndOutputsOfOneRunOnlyAreSaidToBe() throws IOException {
    Reference kept = put("result", "{}");
    Reference gone = new Reference("result", Digest.of("gone"), 4, List.of());
    assertThat(new OutputComparison(artifacts).of(Map.of("a", kept, "b", kept), Map.of("a", gone)))
        .satisfiesExactly(
            lost ->
                assertThat(((OutputDifference.Incomparable) lost).why())
                    .startsWith("The result " + gone.sha256().brief())
                    .contains("is lost"),
            once ->
                assertThat(((OutputDifference.Incomparable) once).why())
                    .isEqualTo("Only the first computation wrote it."));
  }

  @Test
  void aTaskThatOnlyOneRunReachedDiffers() throws IOException {
    run("first", "code", weights(1, 2), RESULT, Optional.empty());
    answer("second", "net", "train", Numerics.PINNED_CPU, weights(1, 2), Optional.of("first/0"));
    assertThat(verify().differing())
        .singleElement()
        .satisfies(test -> {
          assertThat(test.task()).isEqualTo("test");
          assertThat(test.state()).isEqualTo(State.ABSENT);
        });
  }

  @Test
  void aTaskByItselfHasTheInputsThatItHadAndSoItsKey() throws IOException {
    run("first", "code", weights(1, 2), RESULT, Optional.empty());
    RecordedCalls calls = calls();
    RecordedCalls.Alone alone = calls.alone("test");
    JsonNode call = alone.definition().stages().getFirst().json().path("inputParameters");
    JsonNode resolved =
        Expressions.replace(
            call, path -> alone.inputs().path(path.substring("workflow.input.".length())));
    Reference checkpoint =
        Json.read("checkpoint", resolved.path("inputs").path("checkpoint"), Reference.class);
    assertThat(weights(1, 2)).containsValue(checkpoint);
    assertThat(resolved.path("seed").longValue()).isEqualTo(1);
    assertThat(alone.definition().name()).isEqualTo("study");

    answer("second", "test", "evaluate", Numerics.PINNED_CPU, Map.of(), Optional.of("first/0"));
    Verification only =
        Verification.of("first", "second", Optional.of("test"), journal, ledger, artifacts);
    assertThat(only.stages()).extracting(Compared::task).containsExactly("test");
    assertThatThrownBy(() -> calls.alone("tset"))
        .isInstanceOf(Mistake.class)
        .hasMessage("Run 'first': unknown task 'tset'; did you mean 'test'?");
  }

  @Test
  void aTaskOfASubWorkflowIsComparedWithItselfAlone() throws IOException {
    answer("first", "cell_1.net", "train", Numerics.PINNED_CPU, weights(1), Optional.empty());
    assertThat(calls().alone("cell_1.net").definition().stages().getFirst().reference())
        .isEqualTo("cell_1-net");
    answer("second", "cell_1-net", "train", Numerics.PINNED_CPU, weights(2), Optional.of("a"));
    assertThat(
            Verification.of(
                    "first", "second", Optional.of("cell_1.net"), journal, ledger, artifacts)
                .stages())
        .extracting(Compared::task, Compared::state)
        .containsExactly(tuple("cell_1.net", State.NOT_DETERMINISTIC));
  }

  @Test
  void aTaskOfALoopHasANameOfItsOwnAlone() throws IOException {
    String longest = "x".repeat(60) + ".learn__12";
    answer("first", "learn__2", "train", Numerics.PINNED_CPU, weights(1), Optional.empty());
    answer("first", longest, "train", Numerics.PINNED_CPU, weights(1), Optional.empty());
    for (String task : List.of("learn__2", longest)) {
      Definition alone = calls().alone(task).definition();
      var findings = new Findings();
      ShapeCheck.check(alone, findings);
      assertThat(findings.sorted()).isEmpty();
    }
    assertThat(calls().alone("learn__2").definition().stages().getFirst().reference())
        .isEqualTo("learn-2");
  }

  @Test
  void stagesWhoseCodeIsAnotherNowAreNamed() throws IOException {
    run("first", "code", weights(1, 2), RESULT, Optional.empty());
    assertThat(calls().changed(call -> call.key(Sample.code("code")))).isEmpty();
    assertThat(
            calls()
                .changed(
                    call -> call.key(Sample.code(call.stage().equals("train") ? "new" : "code"))))
        .containsExactly("train");
    assertThat(
            calls()
                .changed(call -> {
                  throw new Failure("an input is lost");
                }))
        .isEmpty();
  }

  private RecordedCalls calls() {
    ObjectNode definition = Json.object().put("name", "study").put("version", 1);
    var run =
        new RunJournal.Run(
            "first", "study", definition, Json.object(), Map.of(), "2026-01-01T00:00:00Z");
    return new RecordedCalls(run, journal.stages("first"), ledger);
  }

  @Test
  void everyStageIsMarkedWhereverItStandsAndNothingElseIs() {
    String stage = "{\"name\": \"train\", \"taskReferenceName\": \"%s\"%s}";
    Definition definition =
        definition(
            "["
                + stage.formatted("bare", "")
                + ",{\"taskReferenceName\": \"fork\", \"type\": \"FORK_JOIN\", \"forkTasks\": [["
                + stage.formatted("forked", ", \"type\": \"SIMPLE\"")
                + "]]},{\"taskReferenceName\": \"loop\", \"type\": \"DO_WHILE\", \"loopOver\": ["
                + stage.formatted("looped", "")
                + "]},{\"taskReferenceName\": \"switch\", \"type\": \"SWITCH\","
                + " \"decisionCases\": {\"a\": ["
                + stage.formatted("chosen", "")
                + "]}, \"defaultCase\": ["
                + stage.formatted("default", ", \"inputParameters\": {\"seed\": 1}")
                + "]},{\"taskReferenceName\": \"sub\", \"type\": \"SUB_WORKFLOW\","
                + " \"subWorkflowParam\": {\"workflowDefinition\": {\"tasks\": ["
                + stage.formatted("inner", "")
                + "]}}},{\"taskReferenceName\": \"sweep\", \"name\": \"sweep-stage\","
                + " \"type\": \"JSON_JQ_TRANSFORM\"}]");
    String marked = definition.again("r/0").json().toString();
    assertThat(marked.split("\"again\":\"r/0\"", -1)).hasSize(7 + 1);
    assertThat(marked).contains("\"inputParameters\":{\"again\":\"r/0\",\"seed\":1}");
    assertThat(definition.json().toString()).doesNotContain("again");
  }

  @Test
  void aDefinitionThatNamesAVerificationIsRefused() {
    assertThatThrownBy(() ->
            Sample.check(Sample.RIGHT.replace(Sample.MODELS, "\"again\": \"x\", " + Sample.MODELS)))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("'again'");
  }

  private static Definition definition(String tasks) {
    return Definition.of(
        "test",
        ("{\"name\": \"study\", \"version\": 1, \"tasks\": " + tasks + "}")
            .getBytes(StandardCharsets.UTF_8));
  }

  private Verification verify() {
    return Verification.of("first", "second", Optional.empty(), journal, ledger, artifacts);
  }

  /** A training whose checkpoint is evaluated. */
  private void run(
      String run, String code, Map<String, Reference> net, String result, Optional<String> again)
      throws IOException {
    answer(run, "net", "train", code, Numerics.PINNED_CPU, Map.of(), net, again);
    Map<String, Reference> outputs = Map.of("result", put("result", result));
    answer(run, "test", "evaluate", "code", Numerics.PINNED_CPU, net, outputs, again);
  }

  private void answer(
      String run,
      String task,
      String stage,
      Numerics numerics,
      Map<String, Reference> outputs,
      Optional<String> again) {
    answer(run, task, stage, "code", numerics, Map.of(), outputs, again);
  }

  private void answer(
      String run,
      String task,
      String stage,
      String code,
      Numerics numerics,
      Map<String, Reference> inputs,
      Map<String, Reference> outputs,
      Optional<String> again) {
    var digests = new TreeMap<String, Digest>();
    inputs.forEach((name, reference) -> digests.put(name, reference.sha256()));
    ObjectNode parameters = Json.object().put("epochs", 3);
    StageKey key = StageKey.of(stage, Sample.code(code), parameters, digests, 1, numerics, again);
    ledger.publish(new StageRecord(key.key(), 0, stage, key.identity(), outputs));
    journal.write(
        run,
        new RunJournal.StageEntry(
            task,
            stage,
            key.key(),
            0,
            false,
            1,
            1,
            "worker",
            Map.of("processor", "of " + run, "os", "Linux"),
            outputs,
            "2026-01-01T00:00:0" + second++ + "Z"));
  }

  private Map<String, Reference> weights(float... values) throws IOException {
    return Map.of("checkpoint", put("checkpoint", checkpoint(values)));
  }

  private static Tensors checkpoint(float... values) {
    return new Tensors.Builder().put("w", Tensor.of(values, values.length)).build();
  }

  private Reference put(String type, Tensors tensors) throws IOException {
    Path file = Files.createTempFile(folder, "put", ".safetensors");
    Safetensors.write(file, tensors);
    return artifacts.put(type, file, List.of());
  }

  private Reference put(String type, String text) throws IOException {
    return artifacts.put(
        type, Files.writeString(Files.createTempFile(folder, "put", ".txt"), text), List.of());
  }
}
