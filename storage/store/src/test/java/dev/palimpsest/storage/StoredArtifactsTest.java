package dev.palimpsest.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StoredArtifactsTest {
  @TempDir Path directory;
  private final Store store = new MemoryStore();
  private final byte[] bytes = new byte[300_000];
  private Path cache;
  private Path file;

  @BeforeEach
  void writeAFile() throws IOException {
    new Random(3).nextBytes(bytes);
    cache = directory.resolve("cache");
    file = Files.write(directory.resolve("made"), bytes);
  }

  @Test
  void artifactsAreFoundByTheBeginningOfTheirDigest() throws IOException {
    var store = new MemoryStore();
    var artifacts = new StoredArtifacts(store, directory.resolve("found"));
    var digests = new java.util.TreeSet<Digest>();
    for (int i = 0; i < 40; i++) {
      Path file = Files.writeString(directory.resolve("each"), "content " + i);
      digests.add(artifacts.put("table", file, List.of()).sha256());
    }
    for (Digest digest : digests) {
      String first = digest.hex().substring(0, 2);
      assertThat(artifacts.starting(first))
          .extracting(Reference::sha256)
          .containsExactlyElementsOf(
              digests.stream().filter(each -> each.hex().startsWith(first)).toList());
      assertThat(artifacts.starting(digest.hex()))
          .extracting(Reference::sha256)
          .containsExactly(digest);
    }
  }

  @Test
  void whatWasPutIsFetchedFromBlobsByItsDigest() throws IOException {
    Reference reference = artifacts().put("checkpoint", file, List.of("backdoor"));
    Digest digest = Digest.of(bytes);
    assertThat(reference)
        .isEqualTo(new Reference("checkpoint", digest, bytes.length, List.of("backdoor")));
    assertThat(store.read("blobs/sha256/" + digest.hex().substring(0, 2) + "/" + digest.hex()))
        .hasValue(bytes);
    Path fetched = artifacts().fetch(reference);
    assertThat(Files.readAllBytes(fetched)).isEqualTo(bytes);
    assertThat(fetched).startsWith(cache);
    assertThat(Files.getPosixFilePermissions(fetched).toString()).doesNotContain("WRITE");
    assertThat(partial()).isEmpty();
  }

  @Test
  void bytesThatAreThereAreNotUploadedAgain() {
    AtomicInteger uploads = new AtomicInteger();
    Artifacts artifacts = artifacts(counting(uploads));
    artifacts.put("checkpoint", file, List.of());
    artifacts.put("checkpoint", file, List.of());
    assertThat(uploads).hasValue(1);
  }

  @Test
  void anObjectOfAnotherSizeIsNotTheArtifactAndIsReplaced() {
    Reference reference = artifacts().put("checkpoint", file, List.of());
    store.put(StoredArtifacts.key(reference.sha256()), new byte[5]);
    assertThat(artifacts().present(reference)).isFalse();
    artifacts().put("checkpoint", file, List.of());
    assertThat(artifacts().present(reference)).isTrue();
  }

  @Test
  void aSecondFetchReadsNothingFromTheStore() {
    Reference reference = artifacts().put("checkpoint", file, List.of());
    artifacts().fetch(reference);
    store.delete(StoredArtifacts.key(reference.sha256()));
    assertThat(artifacts().fetch(reference)).hasBinaryContent(bytes);
  }

  @Test
  void aDamagedCachedFileIsFetchedAnew() throws IOException {
    Reference reference = artifacts().put("checkpoint", file, List.of());
    Path cached = artifacts().fetch(reference);
    FileTime modified = Files.getLastModifiedTime(cached);
    byte[] damaged = bytes.clone();
    damaged[1_000] ^= 1;
    for (byte[] content : List.of(damaged, new byte[0])) {
      assertThat(cached.toFile().setWritable(true)).isTrue();
      Files.write(cached, content);
      Files.setLastModifiedTime(cached, modified);
      assertThat(artifacts().fetch(reference)).hasBinaryContent(bytes);
    }
  }

  @Test
  void aLostArtifactIsAFailureNamingDigestAndKey() {
    Reference reference = new Reference("fisher", Digest.of("x"), 1, List.of());
    assertThat(artifacts().present(reference)).isFalse();
    for (Runnable read :
        List.<Runnable>of(() -> artifacts().fetch(reference), () -> artifacts().open(reference))) {
      assertThatThrownBy(read::run)
          .isInstanceOf(Failure.class)
          .hasMessageContaining("fisher " + Digest.of("x").brief() + " is lost")
          .hasMessageContaining(StoredArtifacts.key(Digest.of("x")))
          .hasMessageContaining("memory");
    }
  }

  @Test
  void damageInTheStoreIsAFailureNamingDigestAndKeyAndNothingIsKept() {
    Reference reference = artifacts().put("checkpoint", file, List.of());
    byte[] damaged = bytes.clone();
    damaged[bytes.length - 1] ^= 1;
    store.put(StoredArtifacts.key(reference.sha256()), damaged);
    assertThatThrownBy(() -> artifacts().fetch(reference))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("damaged")
        .hasMessageContaining(reference.sha256().hex())
        .hasMessageContaining(Digest.of(damaged).hex())
        .hasMessageContaining(StoredArtifacts.key(reference.sha256()));
    assertThat(partial()).isEmpty();
    assertThatThrownBy(() -> artifacts().fetch(reference)).hasMessageContaining("damaged");
  }

  @Test
  void aStreamThatIsDamagedFailsAtItsEnd() throws IOException {
    Reference reference = artifacts().put("checkpoint", file, List.of());
    try (InputStream in = artifacts().open(reference)) {
      assertThat(in.readAllBytes()).isEqualTo(bytes);
    }
    byte[] damaged = bytes.clone();
    damaged[0] ^= 1;
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    byte[] shorter = Arrays.copyOf(bytes, bytes.length - 1);
    for (byte[] content : List.of(damaged, longer, shorter)) {
      store.put(StoredArtifacts.key(reference.sha256()), content);
      try (InputStream in = artifacts().open(reference)) {
        assertThatThrownBy(in::readAllBytes)
            .isInstanceOf(Failure.class)
            .hasMessageContaining("damaged");
      }
      if (content.length >= bytes.length) {
        try (InputStream in = artifacts().open(reference)) {
          assertThatThrownBy(() -> in.readNBytes(bytes.length))
              .as("a reader that stops at the expected size")
              .isInstanceOf(Failure.class);
        }
      }
    }
  }

  @Test
  void aDownloadThatBreaksOffIsTriedAgain() {
    Reference reference = artifacts().put("checkpoint", file, List.of());
    AtomicInteger opened = new AtomicInteger();
    assertThat(artifacts(breakingOff(opened, 2)).fetch(reference)).hasBinaryContent(bytes);
    assertThat(opened).hasValue(3);
  }

  @Test
  void aDownloadThatAlwaysBreaksOffIsAPassingFailureAndLeavesNothing() {
    Reference reference = artifacts().put("checkpoint", file, List.of());
    assertThatThrownBy(() -> artifacts(breakingOff(new AtomicInteger(), 99)).fetch(reference))
        .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.isPassing()).isTrue())
        .hasMessageContaining("checkpoint " + reference.sha256().brief() + " broke off");
    assertThat(partial()).isEmpty();
  }

  @Test
  void manyFetchersShareOneCache() throws Exception {
    Reference reference = artifacts().put("checkpoint", file, List.of());
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<byte[]>> read = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        read.add(threads.submit(() -> Files.readAllBytes(artifacts().fetch(reference))));
      }
      for (Future<byte[]> each : read) {
        assertThat(each.get()).isEqualTo(bytes);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(partial()).isEmpty();
  }

  @Test
  void whatAKilledProcessLeftInTheCacheIsSweptLater() throws IOException {
    artifacts();
    Path old = Files.write(cache.resolve("partial/old.part"), new byte[1]);
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    Path fresh = Files.write(cache.resolve("partial/fresh.part"), new byte[1]);
    artifacts();
    assertThat(partial()).containsExactly(fresh);
  }

  @Test
  void summariesLieBesideTheirArtifacts() {
    Reference reference = artifacts().put("checkpoint", file, List.of());
    assertThat(artifacts().summary(reference)).isEmpty();
    artifacts().summarise(reference, new byte[] {1, 2});
    assertThat(artifacts().summary(reference)).hasValue(new byte[] {1, 2});
    assertThat(store.list("summaries/sha256/" + reference.sha256().hex().substring(0, 2) + "/"))
        .hasSize(1);
  }

  @Test
  void aCacheThatCannotBeMadeIsAFailureNamingIt() {
    assertThatThrownBy(() -> new StoredArtifacts(store, file.resolve("cache")))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("made/cache");
  }

  @Test
  void whatWasNotUsedForLongestLeavesAFullCacheAndWhatMayBeInUseStays() throws IOException {
    List<Path> cached = new ArrayList<>();
    Artifacts small = new StoredArtifacts(store, cache, 2 * bytes.length);
    for (int i = 0; i < 3; i++) {
      bytes[0] = (byte) i;
      Files.write(file, bytes);
      cached.add(small.fetch(small.put("checkpoint", file, List.of())));
    }
    assertThat(cached).as("all used just now").allMatch(Files::exists);
    age(cached.get(0), Duration.ofHours(2));
    age(cached.get(1), Duration.ofHours(3));

    bytes[0] = 3;
    Files.write(file, bytes);
    cached.add(small.fetch(small.put("checkpoint", file, List.of())));
    assertThat(cached.stream().filter(Files::exists)).containsExactly(cached.get(2), cached.get(3));
  }

  @Test
  void aFetchFromTheCacheCountsAsUse() throws IOException {
    Reference reference = artifacts().put("checkpoint", file, List.of());
    Path cached = artifacts().fetch(reference);
    age(cached, Duration.ofHours(2));
    artifacts().fetch(reference);
    assertThat(Files.getLastModifiedTime(cached).toInstant())
        .isAfter(Instant.now().minus(Duration.ofHours(1)));
  }

  @Test
  void aFileThatAnotherProcessRemovesWhileItIsReadIsFetchedAnew() throws Exception {
    Reference reference = artifacts().put("checkpoint", file, List.of());
    Path cached = artifacts().fetch(reference);
    var done = new AtomicBoolean();
    Thread other =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              while (!done.get()) {
                cached.toFile().delete();
              }
            });
    try {
      for (int i = 0; i < 1000; i++) {
        assertThat(artifacts().fetch(reference)).isEqualTo(cached);
      }
    } finally {
      done.set(true);
      other.join();
    }
  }

  @Test
  void aDiskWithoutRoomIsAPassingFailure() {
    assertThatThrownBy(() ->
            HashedFile.copied(
                "The input", new ByteArrayInputStream(bytes), directory.resolve("none/file")))
        .isInstanceOfSatisfying(Failure.class, failure -> assertThat(failure.isPassing()).isTrue());
  }

  private static void age(Path file, Duration age) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
  }

  private Artifacts artifacts() {
    return artifacts(store);
  }

  private Artifacts artifacts(Store from) {
    return new StoredArtifacts(from, cache);
  }

  private List<Path> partial() {
    try (var left = Files.list(cache.resolve("partial"))) {
      return left.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Store counting(AtomicInteger uploads) {
    return new ForwardingStore(store) {
      @Override
      public void upload(String key, Path from) {
        uploads.incrementAndGet();
        super.upload(key, from);
      }
    };
  }

  /** The first {@code times} streams break after 100,000 bytes. */
  private Store breakingOff(AtomicInteger opened, int times) {
    return new ForwardingStore(store) {
      @Override
      public Optional<InputStream> open(String key, long offset) {
        Optional<InputStream> whole = super.open(key, offset);
        return opened.incrementAndGet() > times ? whole : whole.map(StoredArtifactsTest::cut);
      }
    };
  }

  private static InputStream cut(InputStream whole) {
    try {
      return new SequenceInputStream(
          new ByteArrayInputStream(whole.readNBytes(100_000)),
          new InputStream() {
            @Override
            public int read() throws IOException {
              throw new IOException("connection reset");
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
