package dev.palimpsest.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StoredLedgerTest {
  private static final Digest KEY = Digest.of("a stage");

  @TempDir Path directory;
  private final Store store = new MemoryStore();
  private Artifacts artifacts;
  private Ledger ledger;

  @BeforeEach
  void open() {
    artifacts = new StoredArtifacts(store, directory.resolve("cache"));
    ledger = new StoredLedger(store, artifacts);
  }

  @Test
  void aKeyThatWasNeverComputedHasNoRecord() {
    assertThat(ledger.newest(KEY)).isEmpty();
    assertThat(ledger.hit(KEY)).isEmpty();
    assertThat(ledger.generations(KEY)).isEmpty();
  }

  @Test
  void aPublishedRecordIsAHitAndReadsBackAsItWas() {
    StageRecord record = record(0, output("weights", "w"), output("metrics", "m"));
    assertThat(ledger.publish(record)).isEqualTo(record);
    assertThat(ledger.hit(KEY)).hasValue(record);
    assertThat(store.list("stages/" + KEY + "/"))
        .extracting(Store.Stat::key)
        .containsExactly("stages/" + KEY + "/0");
  }

  @Test
  void theRecordsBytesDoNotDependOnTheOrderOfItsOutputs() {
    ledger.publish(record(0, output("b", "b"), output("a", "a"), output("c", "c")));
    String text =
        new String(store.read("stages/" + KEY + "/0").orElseThrow(), StandardCharsets.UTF_8);
    assertThat(text.indexOf("\"a\":{")).isPositive().isLessThan(text.indexOf("\"b\":{"));
    assertThat(text.indexOf("\"b\":{")).isLessThan(text.indexOf("\"c\":{"));
  }

  @Test
  void whoeverPublishesFirstWinsAndTheLaterAdoptsItsOutputs() {
    StageRecord first = ledger.publish(record(0, output("weights", "first")));
    assertThat(ledger.publish(record(0, output("weights", "second")))).isEqualTo(first);
    assertThat(ledger.publish(record(1, output("weights", "second"))))
        .as("one that counted the first as a generation before it")
        .isEqualTo(first);
    assertThat(ledger.generations(KEY)).containsExactly(first);
  }

  @Test
  void amongManyPublishersAllGetOneRecord() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<StageRecord>> got = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        StageRecord record = record(0, output("weights", "writer " + i));
        got.add(threads.submit(() -> ledger.publish(record)));
      }
      Set<StageRecord> records = ConcurrentHashMap.newKeySet();
      for (Future<StageRecord> each : got) {
        records.add(each.get());
      }
      assertThat(records).hasSize(1);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aLostOutputIsNoHitAndIsReplacedByTheNextGeneration() {
    StageRecord first = ledger.publish(record(0, output("weights", "first")));
    lose(first);
    assertThat(ledger.hit(KEY)).isEmpty();
    assertThat(ledger.newest(KEY)).hasValue(first);
    StageRecord second = ledger.publish(record(0, output("weights", "second")));
    assertThat(second.generation()).isEqualTo(1);
    assertThat(ledger.hit(KEY)).hasValue(second);
    assertThat(ledger.generations(KEY))
        .containsExactly(first, second)
        .extracting(record -> record.outputs().get("weights"))
        .doesNotHaveDuplicates();
  }

  @Test
  void anOutputComputedAnewWithTheSameBytesHealsItsGeneration() {
    StageRecord first = ledger.publish(record(0, output("weights", "same")));
    lose(first);
    assertThat(ledger.publish(record(1, output("weights", "same")))).isEqualTo(first);
    assertThat(ledger.generations(KEY)).containsExactly(first);
  }

  @Test
  void theTenthGenerationIsNewerThanTheNinth() {
    for (int i = 0; i < 11; i++) {
      StageRecord made = ledger.publish(record(0, output("weights", "generation " + i)));
      assertThat(made.generation()).isEqualTo(i);
      if (i < 10) {
        lose(made);
      }
    }
    assertThat(ledger.newest(KEY).orElseThrow().generation()).isEqualTo(10);
  }

  @Test
  void aDamagedRecordIsAFailureNamingIt() {
    store.put("stages/" + KEY + "/0", "{\"key\":".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> ledger.hit(KEY))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("stages/" + KEY + "/0");
  }

  @Test
  void theStateOfTheHighestSequenceIsRestored() {
    ledger.save(KEY, 9, state(9));
    ledger.save(KEY, 10, state(10));
    Ledger.Saved saved = ledger.latest(KEY).orElseThrow();
    assertThat(saved.sequence()).isEqualTo(10);
    assertThat(saved.state().get("w").longs()).containsExactly(10);
  }

  @Test
  void onlyTheLastTwoStatesAreKept() {
    for (int i = 1; i <= 5; i++) {
      ledger.save(KEY, i, state(i));
    }
    assertThat(saved())
        .extracting(key -> key.substring(("progress/" + KEY + "/").length()).substring(0, 12))
        .containsExactly("000000000004", "000000000005");
  }

  @Test
  void savingTheSameStateTwiceWritesItOnce() {
    ledger.save(KEY, 1, state(1));
    Store counting =
        new ForwardingStore(store) {
          @Override
          public void upload(String key, Path file) {
            throw new AssertionError("uploaded " + key + " again");
          }
        };
    new StoredLedger(counting, artifacts).save(KEY, 1, state(1));
    assertThat(saved()).hasSize(1);
  }

  @Test
  void aDamagedOrCutStateIsPassedOver() throws IOException {
    ledger.save(KEY, 1, state(1));
    ledger.save(KEY, 2, state(2));
    String newest = saved().getLast();
    byte[] whole;
    try (InputStream in = store.open(newest, 0).orElseThrow()) {
      whole = in.readAllBytes();
    }
    byte[] flipped = whole.clone();
    flipped[whole.length - 1] ^= 1;
    for (byte[] bytes : List.of(flipped, Arrays.copyOf(whole, whole.length - 1))) {
      store.put(newest, bytes);
      assertThat(ledger.latest(KEY).orElseThrow().sequence()).isEqualTo(1);
    }
  }

  @Test
  void clearingRemovesAllStatesOfTheKeyAndNoOther() {
    Digest other = Digest.of("another stage");
    ledger.save(KEY, 1, state(1));
    ledger.save(other, 1, state(1));
    ledger.clear(KEY);
    assertThat(ledger.latest(KEY)).isEmpty();
    assertThat(saved()).isEmpty();
    assertThat(ledger.latest(other)).isPresent();
  }

  @Test
  void aStoreOutOfReachIsNotTakenForADamagedState() {
    ledger.save(KEY, 1, state(1));
    Store broken =
        new ForwardingStore(store) {
          @Override
          public Optional<InputStream> open(String key, long offset) {
            return Optional.of(
                new InputStream() {
                  @Override
                  public int read() throws IOException {
                    throw new IOException("connection reset");
                  }
                });
          }
        };
    assertThatThrownBy(() -> new StoredLedger(broken, artifacts).latest(KEY))
        .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.isPassing()).isTrue());
  }

  private List<String> saved() {
    return StoreContract.keys(store, "progress/" + KEY + "/");
  }

  private void lose(StageRecord record) {
    record.outputs().values().forEach(output -> store.delete(StoredArtifacts.key(output.sha256())));
  }

  private Map.Entry<String, Reference> output(String name, String content) {
    try {
      Path file = Files.createTempFile(directory, "output", "");
      Files.writeString(file, content);
      return Map.entry(name, artifacts.put("checkpoint", file, List.of()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @SafeVarargs
  private static StageRecord record(int generation, Map.Entry<String, Reference>... outputs) {
    return new StageRecord(
        KEY, generation, "fine-tune", Json.object().put("seed", 1), Map.ofEntries(outputs));
  }

  private static Tensors state(long value) {
    return new Tensors.Builder().put("w", Tensor.of(new long[] {value}, 1)).build();
  }
}
