package dev.palimpsest.storage.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Failure;
import dev.palimpsest.storage.S3Settings;
import dev.palimpsest.storage.S3Store;
import dev.palimpsest.storage.Store;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong between us and a MinIO server is told as with every store. */
@Tag("minio")
final class MinioFailuresTest {
  @TempDir Path directory;

  @Test
  void aWrongKeyOrSecretIsRefusedAndTheSecretNeverShown() throws Exception {
    try (var server = MinioServer.start(directory.resolve("objects"))) {
      for (String key : List.of(TestServer.ACCESS, "nobody")) {
        var wrong =
            new S3Settings(server.endpoint(), "us-east-1", "palimpsest", key, "guessed-wrong");
        assertThatThrownBy(() -> S3Store.connect(wrong))
            .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.isPassing()).isFalse())
            .hasMessageContaining("does not accept the access key '" + key + "'")
            .hasMessageContaining(server.endpoint())
            .message()
            .doesNotContain("guessed-wrong")
            .doesNotContain("\n");
      }
    }
  }

  /** A limit on the size of files stands for a full disk: the write fails half-way. */
  @Test
  void aFullDiskIsAPlainFailureAndTheOldObjectStays() throws Exception {
    List<String> limited = List.of("sh", "-c", "ulimit -f 4096; exec \"$@\"", "sh");
    try (var server = MinioServer.start(directory.resolve("objects"), limited);
        Store store = server.connect()) {
      store.put("blobs/a", "old".getBytes(UTF_8));
      Path large = Files.write(directory.resolve("large"), new byte[40 << 20]);
      assertThatThrownBy(() -> store.upload("blobs/a", large))
          .isInstanceOf(Failure.class)
          .hasMessageContaining("refused writing blobs/a")
          .hasMessageContaining("is its disk full or read-only?");
      assertThat(store.read("blobs/a")).hasValue("old".getBytes(UTF_8));
      assertThat(store.list("")).hasSize(1);
    }
  }

  @Test
  void aServerThatWasKilledAndStartedAgainHasEverything() throws Exception {
    Path objects = directory.resolve("objects");
    try (var server = MinioServer.start(objects);
        Store store = server.connect()) {
      store.put("blobs/a", "kept".getBytes(UTF_8));
    }
    try (var server = MinioServer.start(objects);
        Store store = server.connect()) {
      assertThat(store.read("blobs/a")).hasValue("kept".getBytes(UTF_8));
    }
  }
}
