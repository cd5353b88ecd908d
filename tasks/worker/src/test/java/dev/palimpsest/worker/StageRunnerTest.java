package dev.palimpsest.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.spec.Fields;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Param;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.storage.StoredArtifacts;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Code;
import dev.palimpsest.tasks.CodeIndex;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stage that adds up, run against a store in memory. */
final class StageRunnerTest {
  /** Counts upwards in steps; each step adds the increment. */
  private static final class Counting implements Stage<Counting.Parameters> {
    /** How far. */
    record Parameters(
        @Param(help = "steps", value = "3", min = 1, max = 1000) int steps,
        @Param(help = "what a step adds", value = "1") double increment) {}

    final AtomicInteger runs = new AtomicInteger();
    final AtomicInteger steps = new AtomicInteger();
    volatile int failAt = -1;

    @Override
    public String name() {
      return "counting";
    }

    @Override
    public String summary() {
      return "Adds up.";
    }

    @Override
    public Lane lane() {
      return Lane.CPU;
    }

    @Override
    public Class<Parameters> parameters() {
      return Parameters.class;
    }

    @Override
    public List<Port> inputs() {
      return List.of(
          Port.of("start", ArtifactType.CHECKPOINT, "where to start"),
          Port.optional("plan", ArtifactType.POISON_PLAN, "taints the result"));
    }

    @Override
    public List<Port> outputs() {
      return List.of(
          Port.of("sum", ArtifactType.CHECKPOINT, "the sum"),
          Port.of("note", ArtifactType.RESULT, "the sum in words"));
    }

    @Override
    public List<String> taints(Parameters parameters) {
      return List.of("counted");
    }

    @Override
    public void run(Parameters parameters, StageContext context) {
      runs.incrementAndGet();
      double sum = context.tensors("start").get("value").doubles()[0];
      int done = 0;
      if (context.restored().isPresent()) {
        sum = context.restored().get().get("value").doubles()[0];
        done = (int) context.restored().get().get("done").longs()[0];
      }
      while (done < parameters.steps()) {
        if (done == failAt) {
          throw new IllegalStateException("lost the thread");
        }
        sum += parameters.increment();
        done++;
        steps.incrementAndGet();
        double value = sum;
        int at = done;
        context.checkpoint(
            new StageContext.StateSource(
                done,
                () ->
                    new Tensors.Builder()
                        .put("value", Tensor.of(new double[] {value}, 1))
                        .put("done", Tensor.of(new long[] {at}, 1))
                        .build()));
      }
      context.write("sum", value(sum));
      context.write("note", Json.object().put("sum", sum));
    }
  }

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
    var entry =
        new Catalogue.StageEntry(
            "counting",
            "Adds up.",
            Lane.CPU,
            Fields.of(Counting.Parameters.class),
            counting.inputs(),
            counting.outputs());
    var code =
        new CodeIndex(
            new Code(
                new TreeMap<>(Map.of("StageRunnerTest", Digest.of("code"))),
                new TreeMap<>(),
                new TreeMap<>()),
            new TreeMap<>(Map.of(CodeIndex.stage(entry.name()), List.of("StageRunnerTest"))));
    return new StageRunner(
        new Catalogue(List.of(entry), List.of(), code),
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

  /** Hears and keeps what it is told. */
  private static final class Quiet implements Reporter {
    private final List<String> notes = new ArrayList<>();

    @Override
    public void progress(StageContext.Progress progress) {}

    @Override
    public void note(String line) {
      notes.add(line);
    }

    @Override
    public boolean alive() {
      return true;
    }
  }
}
