package dev.palimpsest.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.storage.Store;
import dev.palimpsest.storage.StoredArtifacts;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tasks.Code;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stage that adds up, run against a store in memory. */
final class StageRunnerTest {
  private static final Numerics NUMERICS = Numerics.PINNED_CPU;

  @TempDir Path folder;
  private final MemoryStore store = new MemoryStore();
  private final Counting counting = new Counting();
  private StoredArtifacts artifacts;
  private StoredLedger ledger;
  private StageRunner runner;
  private Reference start;

  @BeforeEach
  void prepareStore() throws Exception {
    artifacts = new StoredArtifacts(store, folder.resolve("cache"));
    ledger = new StoredLedger(store, artifacts);
    runner = runner("first");
    start = put("checkpoint", value(10), List.of());
  }

  @Test
  void whatWasComputedOnceIsAHitAndNotComputedAgain() {
    StageRunner.Prepared call = runner.prepare(task(parameters("steps", 4)));
    assertThat(runner.hit(call)).isEmpty();
    StageRecord record = compute(call);

    assertThat(runner.hit(runner.prepare(task(parameters("steps", 4))))).contains(record);
    assertThat(counting.runs).hasValue(1);
    assertThat(ledger.latest(call.key().key())).isEmpty();
  }

  @Test
  void defaultsWrittenOutGiveTheSameKeyAndAnotherParameterAnother() {
    Digest bare = runner.prepare(task(Json.object())).key().key();
    assertThat(runner.prepare(task(parameters("steps", 3))).key().key()).isEqualTo(bare);
    assertThat(runner.prepare(task(parameters("steps", 4))).key().key()).isNotEqualTo(bare);
  }

  @Test
  void aVerificationComputesAnewUnderAKeyOfItsOwnAndLeavesTheRecordAlone() {
    StageRunner.Prepared call = runner.prepare(task(Json.object()));
    assertThat(call.key().identity().has("again")).isFalse();
    StageRecord record = compute(call);

    StageRecord again = compute(runner.prepare(again("run/0")));
    assertThat(counting.runs).hasValue(2);
    assertThat(again.outputs()).isEqualTo(record.outputs());
    assertThat(again.identity().path("again").asText()).isEqualTo("run/0");
    assertThat(runner.prepare(again("run/1")).key().key()).isNotIn(record.key(), again.key());
    assertThat(runner.hit(call)).contains(record);

    ObjectNode nameless = input(Json.object());
    nameless.put("again", 1);
    assertThatThrownBy(
            () -> runner.prepare(new TaskSource.Task("t", "r", "c", "counting", nameless, 1)))
        .isInstanceOf(Mistake.class)
        .hasMessage(
            "stage 'counting': again is 1; expected the name of a verification, or no field.");
  }

  @Test
  void aStoppedStageSavesItsStateAndTheNextOneGoesOnFromThere() {
    StageRunner.Prepared call = runner.prepare(task(parameters("steps", 6)));
    assertThatThrownBy(() -> runner.compute(call, () -> counting.steps.get() >= 2, new Quiet()))
        .isInstanceOf(StageContext.Stopped.class);
    assertThat(counting.steps).hasValue(2);

    StageRecord record = compute(call);
    assertThat(counting.steps).hasValue(6);
    assertThat(sum(record)).isEqualTo(16);
  }

  @Test
  void nothingIsPublishedByAStageThatFailsInTheMiddle() {
    counting.failAt = 2;
    StageRunner.Prepared call = runner.prepare(task(Json.object()));
    assertThatThrownBy(() -> runner.compute(call, () -> false, new Quiet()))
        .hasMessage("lost the thread");
    assertThat(ledger.newest(call.key().key())).isEmpty();
    assertThat(folder.resolve("scratch")).isEmptyDirectory();

    counting.failAt = -1;
    assertThat(sum(compute(call))).isEqualTo(13);
  }

  @Test
  void aLostOutputIsComputedAgainAndTheSameBytesMakeTheRecordWhole() {
    StageRunner.Prepared call = runner.prepare(task(Json.object()));
    StageRecord first = compute(call);
    Digest lost = output(first, "sum").sha256();
    store.delete("blobs/sha256/" + lost.hex().substring(0, 2) + "/" + lost.hex());

    assertThat(runner.hit(call)).isEmpty();
    StageRecord second = compute(call);
    assertThat(second).isEqualTo(first);
    assertThat(counting.runs).hasValue(2);
    assertThat(runner.hit(call)).contains(first);
  }

  @Test
  void aKeyThatAnotherWorkerComputesIsNotComputedBesideIt() {
    StageRunner.Prepared call = runner.prepare(task(Json.object()));
    try (var claim =
        ledger.claim(call.key().key(), "another", StageRunner.PATIENCE, () -> true).orElseThrow()) {
      assertThat(claim).isNotNull();
      assertThat(runner.compute(call, () -> false, new Quiet()))
          .isInstanceOf(StageRunner.Outcome.Claimed.class);
    }
    assertThat(counting.runs).hasValue(0);
    assertThat(sum(compute(call))).isEqualTo(13);
  }

  /** It was paused so long that another took its claim over, and then it goes on. */
  @Test
  void aWorkerThatSleptFindsAnothersResultAndPublishesNoSecondOne() {
    StageRunner.Prepared call = runner.prepare(task(parameters("steps", 5)));
    List<StageRecord> others = new ArrayList<>();
    counting.interruptAt = 2;
    counting.interruption =
        () -> {
          store.delete("claims/" + call.key().key());
          others.add(compute(runner("second"), call));
        };
    assertThat(compute(call)).isEqualTo(others.getFirst());
    assertThat(ledger.generations(call.key().key())).hasSize(1);
    assertThat(leftBehind()).isEmpty();
  }

  @Test
  void stateSavedAfterAnothersResultIsRemovedAndTheStageEndsWithThatResult() {
    StageRunner.Prepared call = runner.prepare(task(parameters("steps", 50)));
    List<StageRecord> others = new ArrayList<>();
    counting.interruptAt = 2;
    counting.interruption =
        () -> {
          store.delete("claims/" + call.key().key());
          others.add(compute(runner("second"), call));
          counting.steps.set(0);
        };
    assertThat(runner.compute(call, () -> !others.isEmpty(), new Quiet()))
        .isEqualTo(new StageRunner.Outcome.Computed(others.getFirst()));
    assertThat(counting.steps).as("stopped at the next step").hasValue(1);
    assertThat(leftBehind()).isEmpty();
  }

  /** Killed after it published and before it removed its state and its claim. */
  @Test
  void aRetryThatFindsTheResultRemovesWhatTheFirstAttemptLeftBehind() {
    StageRunner.Prepared call = runner.prepare(task(Json.object()));
    StageRecord record = compute(call);
    assertThat(ledger.claim(call.key().key(), "dead", StageRunner.PATIENCE, () -> true))
        .isPresent();
    ledger.save(call.key().key(), 3, value(1));
    assertThat(leftBehind()).hasSize(2);
    assertThat(runner.retriedHit(call)).contains(record);
    assertThat(leftBehind()).isEmpty();
  }

  private List<String> leftBehind() {
    return Stream.of("claims/", "progress/")
        .flatMap(prefix -> store.list(prefix).stream())
        .map(Store.Stat::key)
        .toList();
  }

  @Test
  void taintOfAnInputIsCarriedIntoRecordAndFileWithTheStagesOwn() throws Exception {
    Reference plan = put("poison-plan", value(0), List.of("backdoor: badnets, target 0"));
    ObjectNode input = input(Json.object());
    ((ObjectNode) input.get("inputs")).set("plan", Json.tree(plan));
    StageRecord record =
        compute(runner.prepare(new TaskSource.Task("t", "r", "c", "counting", input, 1)));

    Reference sum = output(record, "sum");
    assertThat(sum.taint()).containsExactly("backdoor: badnets, target 0", "counted");
    assertThat(Safetensors.read(artifacts.fetch(sum), "sum").text("taint"))
        .isEqualTo("backdoor: badnets, target 0; counted");
    assertThat(output(record, "note").taint()).isEmpty();
  }

  @Test
  void theStoreKeepsWhatTheCodeOfARecordWasMadeOf() {
    StageRunner.Prepared call = runner.prepare(task(Json.object()));
    Digest code = new Digest(compute(call).identity().path("code").asText());
    byte[] manifest = ledger.code(code).orElseThrow();
    assertThat(Digest.of(manifest)).isEqualTo(code);
    assertThat(Json.read("the code", manifest, Code.class)).isEqualTo(call.key().code());
  }

  @Test
  void mistakesNameTheFieldAndWhatWasExpected() {
    assertThatThrownBy(() -> runner.prepare(task(parameters("steps", 0))))
        .isInstanceOf(Mistake.class)
        .hasMessage(
            "stage 'counting': parameter 'steps' is 0; expected an integer from 1 to 1000.");
    assertThatThrownBy(() -> runner.prepare(task(parameters("stpes", 5))))
        .isInstanceOf(Mistake.class)
        .hasMessage("stage 'counting': unknown parameter 'stpes'; did you mean 'steps'?");
    ObjectNode wrongType = input(Json.object());
    ((ObjectNode) wrongType.get("inputs"))
        .set("start", Json.tree(new Reference("dataset", start.sha256(), 1, List.of())));
    assertThatThrownBy(
            () -> runner.prepare(new TaskSource.Task("t", "r", "c", "counting", wrongType, 1)))
        .isInstanceOf(Mistake.class)
        .hasMessage("stage 'counting', input 'start' is a dataset; expected a checkpoint.");
  }

  @Test
  void aRunThatAsksForOtherNumericsIsNotComputedHere() {
    ObjectNode input = input(Json.object());
    input.set("numerics", Json.tree(new Numerics("gpu", 1, "avx2", "pytorch-2.7.1")));
    StageRunner.Prepared call =
        runner.prepare(new TaskSource.Task("t", "r", "c", "counting", input, 1));
    assertThat(runner.unfit(call)).hasValueSatisfying(why -> assertThat(why).contains("gpu"));
    assertThat(runner.unfit(runner.prepare(task(Json.object())))).isEmpty();
  }

  private StageRunner runner(String owner) {
    return new StageRunner(
        Catalogues.of(counting),
        new Stages(List.of(counting)),
        Methods.load(),
        artifacts,
        ledger,
        NUMERICS,
        "cpu",
        folder.resolve("scratch"),
        owner);
  }

  private StageRecord compute(StageRunner.Prepared call) {
    return compute(runner, call);
  }

  private static StageRecord compute(StageRunner runner, StageRunner.Prepared call) {
    return ((StageRunner.Outcome.Computed) runner.compute(call, () -> false, new Quiet())).record();
  }

  private double sum(StageRecord record) {
    return Safetensors.read(artifacts.fetch(output(record, "sum")), "sum")
        .get("value")
        .doubles()[0];
  }

  private static Reference output(StageRecord record, String name) {
    Reference reference = record.outputs().get(name);
    assertThat(reference).isNotNull();
    return reference;
  }

  private TaskSource.Task task(ObjectNode parameters) {
    return new TaskSource.Task("task", "run", "count", "counting", input(parameters), 1);
  }

  private TaskSource.Task again(String verification) {
    ObjectNode input = input(Json.object());
    input.put("again", verification);
    return new TaskSource.Task("task", "run", "count", "counting", input, 1);
  }

  private ObjectNode input(ObjectNode parameters) {
    ObjectNode input = Json.object();
    input.set("parameters", parameters);
    input.set("inputs", Json.object().set("start", Json.tree(start)));
    input.put("seed", 7);
    input.set("numerics", Json.tree(NUMERICS));
    return input;
  }

  private static ObjectNode parameters(String name, int value) {
    return Json.object().put(name, value);
  }

  private static Tensors value(double value) {
    return new Tensors.Builder().put("value", Tensor.of(new double[] {value}, 1)).build();
  }

  private Reference put(String type, Tensors tensors, List<String> taint) throws Exception {
    Path file = Files.createTempFile(folder, "put", ".safetensors");
    Safetensors.write(file, tensors);
    return artifacts.put(type, file, taint);
  }
}
