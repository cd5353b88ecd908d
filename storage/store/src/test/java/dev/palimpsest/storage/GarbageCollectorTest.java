package dev.palimpsest.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.GarbageCollector.Count;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GarbageCollectorTest {
  private static final Duration GRACE = Duration.ofHours(24);
  private static final Runnable NO_PAUSE = () -> {};

  @TempDir Path folder;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final MemoryStore store = new MemoryStore(() -> now);
  private StoredArtifacts artifacts;
  private StoredLedger ledger;

  private Reference data;
  private StageRecord kept;
  private StageRecord dead;

  /** Two stages of one data set, two days old; a run names the first. */
  @BeforeEach
  void aRunAndAStageOfNoRun() {
    artifacts = new StoredArtifacts(store, folder.resolve("cache"));
    ledger = new StoredLedger(store, artifacts);
    data = stored("dataset", "images");
    kept = publish("kept", "checkpoint", "weights");
    dead = publish("dead", "table", "rows");
    run("run-1", kept);
    later(Duration.ofDays(2));
  }

  private void later(Duration time) {
    now = now.plus(time);
  }

  private Reference stored(String type, String content) {
    try {
      return artifacts.put(
          type, Files.writeString(folder.resolve(Digest.of(content).brief()), content), List.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private StageRecord publish(String name, String type, String content) {
    Reference output = stored(type, content);
    artifacts.summarise(output, utf8("{}"));
    return ledger.publish(record(name, output));
  }

  private StageRecord record(String name, Reference output) {
    return new StageRecord(
        Digest.of(name),
        0,
        name,
        Json.tree(Map.of("stage", name, "inputs", Map.of("data", data.sha256()))),
        Map.of("out", output));
  }

  private static Reference output(StageRecord record) {
    return record.outputs().values().iterator().next();
  }

  /** What a worker writes into a run's journal. */
  private void run(String run, StageRecord record) {
    store.put("runs/" + run + "/run.json", utf8("{}"));
    store.put(
        "runs/" + run + "/stages/" + record.stage() + ".json",
        Json.canonical(Map.of("key", record.key(), "outputs", record.outputs())));
  }

  private GarbageCollector collector(Store seen, Runnable pause) {
    return new GarbageCollector(seen, GRACE, pause);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Map<String, String> content() {
    var content = new TreeMap<String, String>();
    for (Store.Stat seen : store.list("")) {
      if (!seen.key().startsWith("gc/")) {
        content.put(seen.key(), seen.version());
      }
    }
    return content;
  }

  @Test
  void whatLiesUnderARunWithoutARecordGoesOnceItIsOld() {
    run("run-2", dead);
    store.delete("runs/run-2/run.json");
    assertThat(collector(store, NO_PAUSE).collect()).doesNotContainKey("rest of a run");
    later(Duration.ofDays(2));
    assertThat(collector(store, NO_PAUSE).look()).containsKey("rest of a run");
    assertThat(collector(store, NO_PAUSE).collect())
        .containsKeys("rest of a run", "stage record", "table");
    assertThat(store.list("runs/run-2/")).isEmpty();
    assertThat(store.list("runs/run-1/")).hasSize(2);
  }

  @Test
  void whatNoRunNamesGoesAndWhatOneNamesStays() {
    assertThat(collector(store, NO_PAUSE).collect())
        .isEqualTo(
            new TreeMap<>(
                Map.of(
                    "stage record", new Count(1, Json.line(dead).length()),
                    "table", new Count(1, 4),
                    "summary", new Count(1, 2))));
    assertThat(ledger.hit(kept.key())).hasValue(kept);
    assertThat(artifacts.present(data)).isTrue();
    assertThat(artifacts.summary(output(kept))).isPresent();
    assertThat(ledger.newest(dead.key())).isEmpty();
    assertThat(artifacts.present(output(dead))).isFalse();
    assertThat(artifacts.summary(output(dead))).isEmpty();
    assertThat(collector(store, NO_PAUSE).collect()).isEmpty();
  }

  @Test
  void dataThatOnlyARunsInputsOrAnImportNameStay() {
    Reference input = stored("dataset", "other images");
    Reference imported = stored("checkpoint", "imported weights");
    Reference neither = stored("dataset", "images of nobody");
    store.put("runs/run-2/run.json", Json.canonical(Map.of("inputs", Map.of("data", input))));
    store.put("imports/mine", Json.canonical(imported));
    later(Duration.ofDays(2));
    assertThat(collector(store, NO_PAUSE).collect()).containsKey("artifact of no record");
    assertThat(artifacts.present(input)).isTrue();
    assertThat(artifacts.present(imported)).isTrue();
    assertThat(artifacts.present(neither)).isFalse();
  }

  @Test
  void whatIsYoungStaysWithTheOldBytesThatItNames() {
    StageRecord young = ledger.publish(record("young", output(dead)));
    Reference blob = stored("table", "young rows");
    later(GRACE.minusSeconds(1));
    collector(store, NO_PAUSE).collect();
    assertThat(ledger.hit(young.key())).hasValue(young);
    assertThat(artifacts.present(blob)).isTrue();
    later(Duration.ofSeconds(2));
    collector(store, NO_PAUSE).collect();
    assertThat(ledger.newest(young.key())).isEmpty();
    assertThat(artifacts.present(blob)).isFalse();
  }

  @Test
  void aLookRemovesNothingAndTellsWhatWouldGo() {
    Map<String, String> before = content();
    var told = collector(store, NO_PAUSE).look();
    assertThat(content()).isEqualTo(before);
    assertThat(told).isNotEmpty().isEqualTo(collector(store, NO_PAUSE).collect());
  }

  @Test
  void aShortGraceTimeIsRefusedWhileAStageIsComputed() {
    var eager = new GarbageCollector(store, Duration.ofMinutes(59), NO_PAUSE);
    store.put("claims/" + Digest.of("computed now"), utf8("{}"));
    Map<String, String> before = content();
    assertThatThrownBy(eager::collect)
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("expected a grace time of an hour or more");
    assertThat(content()).isEqualTo(before);
    later(Duration.ofHours(2));
    assertThat(eager.collect()).containsKeys("claim", "stage record");
  }

  @Test
  void everyGenerationOfANamedStageStays() {
    Reference lost = output(kept);
    store.delete(StoredArtifacts.key(lost.sha256()));
    StageRecord again = publish("kept", "checkpoint", "other weights");
    assertThat(again.generation()).isEqualTo(1);
    later(Duration.ofDays(2));
    collector(store, NO_PAUSE).collect();
    assertThat(ledger.generations(kept.key())).hasSize(2);
    assertThat(ledger.hit(kept.key())).hasValue(again);
  }

  @Test
  void aRecordThatAWorkerFoundJustBeforeItWentIsPutBack() {
    assertThat(collector(store, () -> run("run-2", dead)).collect()).isEmpty();
    assertThat(ledger.hit(dead.key())).hasValue(dead);
    assertThat(artifacts.summary(output(dead))).isPresent();
  }

  @Test
  void noStageIsAnsweredByARecordOnceItsBytesMayGo() {
    collector(store, () -> assertThat(ledger.hit(dead.key())).isEmpty()).collect();
  }

  @Test
  void aStageThatIsComputedAgainMeanwhileKeepsItsBytes() {
    Runnable worker = () -> ledger.publish(record("again", stored("table", "rows")));
    collector(store, worker).collect();
    assertThat(ledger.hit(Digest.of("again"))).isPresent();
  }

  @Test
  void bytesThatAWriterFoundAreNotTakenBeforeItPublishes() {
    Reference[] found = new Reference[1];
    var acting =
        new ForwardingStore(store) {
          @Override
          public Optional<Stat> stat(String key) {
            if (found[0] == null && key.startsWith(StoredArtifacts.WANTED)) {
              // After the last marks were made, before the last look.
              found[0] = stored("table", "rows");
            }
            return super.stat(key);
          }
        };
    collector(acting, NO_PAUSE).collect();
    assertThat(artifacts.present(found[0])).isTrue();
    later(Duration.ofDays(2));
    collector(store, NO_PAUSE).collect();
    assertThat(artifacts.present(found[0])).isFalse();
    assertThat(store.list(StoredArtifacts.WANTED)).isEmpty();
  }

  @Test
  void bytesThatGoWhileAWriterReliesOnThemAreStoredAgain() {
    var acting =
        new ForwardingStore(store) {
          @Override
          public void put(String key, byte[] value) {
            if (key.startsWith(StoredArtifacts.WANTED)) {
              collector(store, NO_PAUSE).collect();
            }
            super.put(key, value);
          }
        };
    artifacts = new StoredArtifacts(acting, folder.resolve("cache"));
    assertThat(artifacts.present(stored("table", "rows"))).isTrue();
  }

  @Test
  void whereverACollectorIsInterruptedNoRecordIsAHitWithoutItsBytesAndTheNextOneEndsTheWork() {
    publish("more", "figure", "lines");
    StageRecord same = ledger.publish(record("same output", output(dead)));
    Map<String, byte[]> before = new TreeMap<>();
    store.list("").forEach(seen -> before.put(seen.key(), store.read(seen.key()).orElseThrow()));
    refill(before);
    collector(store, NO_PAUSE).collect();
    Map<String, String> collected = content();

    int deletions = 0;
    for (; interrupted(before, deletions); deletions++) {
      for (StageRecord each : List.of(kept, dead, same)) {
        ledger
            .hit(each.key())
            .ifPresent(hit -> assertThat(artifacts.fetch(output(hit))).isNotEmptyFile());
      }
      collector(store, NO_PAUSE).collect();
      assertThat(content()).isEqualTo(collected);
    }
    assertThat(deletions).isEqualTo(3 + 2 + 2);
  }

  /** Collects from the store as it was; whether that many deletions were too few. */
  private boolean interrupted(Map<String, byte[]> before, int deletions) {
    refill(before);
    int[] left = {deletions};
    var failing =
        new ForwardingStore(store) {
          @Override
          public void delete(String key) {
            if (left[0]-- == 0) {
              throw new Failure("interrupted");
            }
            super.delete(key);
          }
        };
    try {
      collector(failing, NO_PAUSE).collect();
      return false;
    } catch (Failure e) {
      assertThat(e).hasMessage("interrupted");
      return true;
    }
  }

  private void refill(Map<String, byte[]> objects) {
    store.list("").forEach(seen -> store.delete(seen.key()));
    objects.forEach((key, bytes) -> store.put(key, bytes));
    later(Duration.ofDays(2));
  }
}
