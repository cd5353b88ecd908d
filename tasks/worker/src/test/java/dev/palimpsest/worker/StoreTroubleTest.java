package dev.palimpsest.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.S3Settings;
import dev.palimpsest.storage.S3Store;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.storage.Store;
import dev.palimpsest.storage.StoredArtifacts;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.storage.server.EmbeddedS3;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A stage on a real store that gets into trouble in the middle of it, and out again. */
final class StoreTroubleTest {
  @TempDir Path folder;
  private final Counting counting = new Counting();
  private EmbeddedS3 server;
  private FaultyProxy proxy;
  private S3Store direct;
  private Store patient;
  private StageRunner runner;
  private StageRunner.Prepared call;

  @BeforeEach
  void connect() throws Exception {
    server = EmbeddedS3.start(folder.resolve("objects"), "127.0.0.1", 0, "tester", "not-so-secret");
    proxy = new FaultyProxy(server.port());
    direct = connected(server.endpoint());
    patient = new PatientStore(connected(proxy.endpoint()));
    runner = runner(patient);
    call = runner.prepare(task());
  }

  private static S3Store connected(String endpoint) {
    return S3Store.connect(
        new S3Settings(endpoint, "us-east-1", "palimpsest", "tester", "not-so-secret"));
  }

  @AfterEach
  void disconnect() throws Exception {
    patient.close();
    direct.close();
    proxy.close();
    server.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = FaultyProxy.Mode.class,
      names = {"BROKEN", "FULL", "HANGING"})
  void aStageEndsAsIfNothingHadBeenOnceTheStoreIsWellAgain(FaultyProxy.Mode trouble)
      throws Exception {
    counting.interruptAt = 2;
    counting.interruption = () -> begin(trouble);
    int enough = trouble == FaultyProxy.Mode.HANGING ? 1 : 4;
    Thread cure =
        Thread.ofPlatform()
            .start(() -> {
              while (proxy.suffered() < enough) {
                Patience.sleep(Duration.ofMillis(20));
              }
              begin(FaultyProxy.Mode.WELL);
            });
    StageRecord record =
        ((StageRunner.Outcome.Computed) runner.compute(call, () -> false, new Quiet())).record();
    cure.join();

    Reference sum = record.outputs().get("sum");
    assertThat(sum).isNotNull();
    var artifacts = new StoredArtifacts(direct, folder.resolve("elsewhere"));
    assertThat(Safetensors.read(artifacts.fetch(sum), "sum").get("value").doubles())
        .containsExactly(13);
    assertThat(counting.runs).hasValue(1);
    assertThat(direct.list("claims/")).isEmpty();
    assertThat(direct.list("progress/")).isEmpty();
  }

  /** The task goes back then, and is done again from the last saved state. */
  @ParameterizedTest
  @EnumSource(
      value = FaultyProxy.Mode.class,
      names = {"BROKEN", "FULL"})
  void whatOutlastsThePatienceIsAPassingFailureAndLeavesNothingHalfWritten(
      FaultyProxy.Mode trouble) {
    StageRunner hasty = runner(connected(proxy.endpoint()));
    counting.interruptAt = 2;
    counting.interruption = () -> begin(trouble);
    assertThatThrownBy(() -> hasty.compute(call, () -> false, new Quiet()))
        .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.isPassing()).isTrue());
    begin(FaultyProxy.Mode.WELL);
    assertThat(direct.list("stages/")).isEmpty();
    assertThat(direct.list("blobs/")).as("the input alone").hasSize(1);
    assertThat(runner.compute(call, () -> false, new Quiet()))
        .isInstanceOf(StageRunner.Outcome.Computed.class);
  }

  /** State that cannot be saved is not worth a failure. */
  @Test
  void aStageWhoseStateCannotBeSavedStopsAsToldAndItsFormerStateStays() {
    StageRunner hasty = runner(connected(proxy.endpoint()));
    counting.interruptAt = 2;
    counting.interruption = () -> begin(FaultyProxy.Mode.FULL);
    assertThatThrownBy(() -> hasty.compute(call, () -> counting.steps.get() >= 3, new Quiet()))
        .isInstanceOf(StageContext.Stopped.class);
    begin(FaultyProxy.Mode.WELL);
    assertThat(direct.list("progress/"))
        .singleElement()
        .matches(saved -> saved.key().contains("/000000000001-"), "after the first step");
  }

  private void begin(FaultyProxy.Mode mode) {
    try {
      proxy.set(mode);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private StageRunner runner(Store store) {
    var artifacts = new StoredArtifacts(store, folder.resolve("cache"));
    return new StageRunner(
        Catalogues.of(counting),
        new Stages(List.of(counting)),
        Methods.load(),
        artifacts,
        new StoredLedger(store, artifacts, folder),
        Numerics.PINNED_CPU,
        "cpu",
        folder.resolve("scratch"),
        "local-1");
  }

  private TaskSource.Task task() throws Exception {
    Path file = folder.resolve("start");
    Tensors ten = new Tensors.Builder().put("value", Tensor.of(new double[] {10}, 1)).build();
    Safetensors.write(file, ten);
    Reference start =
        new StoredArtifacts(direct, folder.resolve("cache")).put("checkpoint", file, List.of());
    Files.delete(file);
    ObjectNode input = Json.object();
    input.set("parameters", Json.object());
    input.set("inputs", Json.object().set("start", Json.tree(start)));
    input.put("seed", 7);
    return new TaskSource.Task("task", "run", "count", "counting", input, 1);
  }
}
