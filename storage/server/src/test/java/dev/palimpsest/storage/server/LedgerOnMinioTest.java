package dev.palimpsest.storage.server;

import dev.palimpsest.storage.Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** A stage's way through a MinIO server. */
@Tag("minio")
final class LedgerOnMinioTest extends LedgerContract {
  @TempDir static Path home;
  private static MinioServer server;

  @BeforeAll
  static void start() throws Exception {
    server = MinioServer.start(home.resolve("objects"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Override
  Store connect() {
    return server.connect();
  }

  /** MinIO keeps an object as a folder of parts. */
  @Override
  Path bytes(String key) {
    try (Stream<Path> files = Files.walk(server.folder().resolve(key))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("part."))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** MinIO keeps sums of its own and breaks off before it hands out what does not fit them. */
  @Override
  String damaged(String key) {
    return "broke off while it was read";
  }
}
