package dev.palimpsest.console.artifacts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.console.artifacts.ArtifactIndex.Snapshot;
import dev.palimpsest.storage.ForwardingStore;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StoredArtifacts;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tasks.Imports;
import dev.palimpsest.tasks.RunJournal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ArtifactIndexTest {
  @TempDir Path folder;
  private final List<String> read = new CopyOnWriteArrayList<>();
  private volatile boolean down;

  private final ForwardingStore store =
      new ForwardingStore(new MemoryStore()) {
        @Override
        public Optional<byte[]> read(String key) {
          if (down) {
            throw Failure.passing("The store does not answer.", new IllegalStateException());
          }
          read.add(key);
          return super.read(key);
        }

        @Override
        public List<Stat> list(String prefix) {
          if (down) {
            throw Failure.passing("The store does not answer.", new IllegalStateException());
          }
          return super.list(prefix);
        }
      };

  @Test
  void ofARunThatEndedNothingIsReadTwice() throws InterruptedException {
    Shelf shelf = shelf();
    ArtifactIndex index = index(ArtifactIndex.MOST);
    Snapshot first = settled(index, Snapshot::whole);
    assertThat(first.find(shelf.checkpoint.sha256()).orElseThrow().used())
        .extracting(Known.Used::task)
        .containsExactly("before");
    read.clear();
    shelf.run("second", "sbl", Json.object());
    Snapshot second = settled(index, each -> each.read() == 2);
    assertThat(second.artifacts()).hasSameSizeAs(first.artifacts());
    assertThat(read)
        .noneMatch(key -> key.contains(Shelf.RUN))
        .anyMatch(key -> key.contains("second"));
  }

  @Test
  void whatARunMakesMeanwhileIsFoundAndWhatIsRemovedGoes() throws InterruptedException {
    Shelf shelf = shelf();
    ArtifactIndex index = index(ArtifactIndex.MOST);
    shelf.run("second", "other", Json.object());
    settled(index, each -> each.read() == 2);
    Reference made = shelf.text("result", "{\"new\":1}");
    shelf.stage("second", "late", "evaluate", Map.of(), Map.of("result", made));
    settled(index, each -> each.find(made.sha256()).isPresent());
    new RunJournal(store).remove("second");
    Snapshot gone = settled(index, each -> each.find(made.sha256()).isEmpty());
    assertThat(gone.find(shelf.table.sha256())).isPresent();
  }

  @Test
  void theNewestRunsComeFirstAndOlderOnesMayBeTooMany() throws InterruptedException {
    Shelf shelf = shelf();
    for (int i = 0; i < 40; i++) {
      shelf.run("later-" + i, "sbl", Json.object());
      shelf.stage(
          "later-" + i, "t", "s", Map.of(), Map.of("o", shelf.text("result", "[" + i + "]")));
    }
    Snapshot some = settled(index(10), Snapshot::whole);
    assertThat(some.read()).isLessThan(some.all());
    assertThat(some.all()).isEqualTo(41);
    assertThat(
            Browse.of(some, new Browse.Filter("", "", "", ""), 1, java.time.Instant.EPOCH).notice())
        .hasValueSatisfying(text -> assertThat(text).contains("of the newest 16 runs", "other 25"));
  }

  @Test
  void aReferenceThatTellsOfATaintHolds() throws InterruptedException {
    Shelf shelf = shelf();
    Reference unlabelled =
        new Reference("checkpoint", shelf.checkpoint.sha256(), shelf.checkpoint.bytes(), List.of());
    var inputs = Json.object();
    inputs.set("start", Json.tree(unlabelled));
    shelf.run("zz-unlabelled", "own", inputs);
    Snapshot both = settled(index(ArtifactIndex.MOST), Snapshot::whole);
    assertThat(both.find(unlabelled.sha256()).orElseThrow().reference().taint())
        .isEqualTo(Shelf.BACKDOOR);
  }

  @Test
  void withoutTheStoreTheListStaysAndSaysWhy() throws InterruptedException {
    Shelf shelf = shelf();
    ArtifactIndex index = index(ArtifactIndex.MOST);
    settled(index, Snapshot::whole);
    down = true;
    Snapshot without = settled(index, each -> each.trouble().isPresent());
    assertThat(without.find(shelf.table.sha256())).isPresent();
    down = false;
    assertThat(settled(index, each -> each.trouble().isEmpty()).whole()).isTrue();
  }

  private Shelf shelf() {
    var artifacts = new StoredArtifacts(store, folder.resolve("cache"));
    return new Shelf(folder, artifacts, new StoredLedger(store, artifacts), new RunJournal(store));
  }

  private ArtifactIndex index(int most) {
    var artifacts = new StoredArtifacts(store, folder.resolve("cache"));
    return new ArtifactIndex(
        new RunJournal(store), new StoredLedger(store, artifacts), new Imports(store), most);
  }

  private static Snapshot settled(ArtifactIndex index, Predicate<Snapshot> when)
      throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    Snapshot now = index.now();
    while (!when.test(now) && System.nanoTime() < end) {
      Thread.sleep(50);
      now = index.now();
    }
    assertThat(now).matches(when);
    return now;
  }
}
