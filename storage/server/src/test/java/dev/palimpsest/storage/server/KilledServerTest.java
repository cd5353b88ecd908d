package dev.palimpsest.storage.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.storage.Store;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that is killed in the middle of an upload loses nothing that was whole before. */
final class KilledServerTest {
  private static final String KEY = "blobs/weights";

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void theOldObjectIsServedAndNothingHalfWrittenIsSeen(int parts) throws Exception {
    Path objects = directory.resolve("objects");
    Path old = random("old", 6 << 20, 1);
    Path large = random("large", 96 << 20, 2);
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try (ServerProcess server = ServerProcess.start(objects);
        Store store = TestServer.connect(server.endpoint())) {
      store.upload(KEY, old);
      Future<?> upload = threads.submit(() -> store.upload(KEY, large));
      awaitParts(objects, parts, upload);
      server.kill();
      assertThatThrownBy(() -> upload.get(60, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.isPassing()).isTrue());
      assertThat(partsIn(objects)).as("what the killed server left").isPositive();
    } finally {
      threads.shutdownNow();
    }
    try (EmbeddedS3 server = TestServer.start(objects);
        Store store = TestServer.connect(server.endpoint())) {
      assertThat(store.list("")).extracting(Store.Stat::key).containsExactly(KEY);
      assertThat(digest(store)).isEqualTo(Digest.of(Files.readAllBytes(old)));
      assertThat(partsIn(objects)).isZero();
    }
  }

  @Test
  void aReaderOfAKilledServerIsToldThatTheStreamBrokeOff() throws Exception {
    Path objects = directory.resolve("objects");
    try (ServerProcess server = ServerProcess.start(objects);
        Store store = TestServer.connect(server.endpoint())) {
      store.upload(KEY, random("large", 64 << 20, 2));
      try (InputStream in = store.open(KEY, 0).orElseThrow()) {
        assertThat(in.readNBytes(1000)).hasSize(1000);
        server.kill();
        assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class);
      }
    }
  }

  private static void awaitParts(Path objects, int parts, Future<?> upload) throws Exception {
    while (partsIn(objects) < parts + 1) {
      if (upload.isDone()) {
        throw new AssertionError("the upload was over before " + parts + " parts were seen");
      }
      Thread.sleep(1);
    }
  }

  /** How many files of an unfinished upload lie there, the empty one that starts it included. */
  private static long partsIn(Path objects) throws IOException {
    try (Stream<Path> files = Files.list(objects.resolve(TestServer.BUCKET))) {
      Path[] folders =
          files
              .filter(path -> path.getFileName().toString().startsWith(".mpus-"))
              .toArray(Path[]::new);
      long count = 0;
      for (Path folder : folders) {
        try (Stream<Path> inside = Files.walk(folder)) {
          count += inside.filter(Files::isRegularFile).count();
        }
      }
      return count;
    }
  }

  private static Digest digest(Store store) throws IOException {
    try (InputStream in = store.open(KEY, 0).orElseThrow()) {
      return Digest.of(in.readAllBytes());
    }
  }

  private Path random(String name, int bytes, long seed) throws IOException {
    byte[] content = new byte[bytes];
    new Random(seed).nextBytes(content);
    return Files.write(directory.resolve(name), content);
  }
}
