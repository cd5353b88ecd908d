package dev.palimpsest.storage.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.storage.Ledger;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.storage.Store;
import dev.palimpsest.storage.StoredArtifacts;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stage's whole way through an S3 store, over the wire; run against each kind of server. */
abstract class LedgerContract {
  private static final Digest KEY = Digest.of("a stage");

  @TempDir Path directory;
  private Store store;
  private StoredArtifacts artifacts;
  private Ledger ledger;

  /** Connects to an empty bucket. */
  abstract Store connect();

  /** The file below the server's folder that holds the bytes of this object. */
  abstract Path bytes(String key);

  /** How it is told that this object's bytes changed on the server's disk. */
  abstract String damaged(String key);

  @BeforeEach
  void open() {
    store = connect();
    artifacts = new StoredArtifacts(store, directory.resolve("cache"));
    ledger = new StoredLedger(store, artifacts);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void aStageIsClaimedSavedPublishedAndFound() {
    try (Ledger.Claim held = claim().orElseThrow()) {
      assertThat(held).isNotNull();
      assertThat(claim()).isEmpty();
      for (int step = 1; step <= 3; step++) {
        ledger.save(KEY, step, weights(step));
      }
      assertThat(ledger.latest(KEY).orElseThrow().state().get("w").longs()[0]).isEqualTo(3);
      ledger.publish(record(weights(4)));
      ledger.clear(KEY);
    }
    assertThat(ledger.latest(KEY)).isEmpty();
    Reference output = ledger.hit(KEY).orElseThrow().outputs().values().iterator().next();
    Tensors read = Safetensors.read(artifacts.fetch(output), "the weights");
    assertThat(read.get("w").longs()).hasSize(3_000_000).startsWith(4, 4);
    assertThat(store.list("claims/")).isEmpty();
    assertThat(store.list("progress/")).isEmpty();
  }

  @Test
  void damageOnTheServersDiskIsFoundWhenTheBytesAreRead() throws Exception {
    Reference output = record(weights(4)).outputs().values().iterator().next();
    String key = "blobs/sha256/" + output.sha256().hex().substring(0, 2) + "/" + output.sha256();
    Path file = bytes(key);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    assertThat(artifacts.present(output)).isTrue();
    assertThatThrownBy(() -> artifacts.fetch(output))
        .isInstanceOf(Failure.class)
        .hasMessageContaining(damaged(key));
  }

  private int asked;

  private Optional<Ledger.Claim> claim() {
    return ledger.claim(KEY, "worker " + asked++, Duration.ofHours(1), () -> true);
  }

  private StageRecord record(Tensors weights) {
    Path file = directory.resolve("weights.safetensors");
    Safetensors.write(file, weights);
    Reference reference = artifacts.put("checkpoint", file, List.of("backdoor: badnets"));
    return new StageRecord(
        KEY, 0, "train", Json.object().put("seed", 7), Map.of("weights", reference));
  }

  /** Large enough for more than one part. */
  private static Tensors weights(long value) {
    long[] values = new long[3_000_000];
    Arrays.fill(values, value);
    return new Tensors.Builder().put("w", Tensor.of(values, values.length)).build();
  }
}
