package dev.palimpsest.storage.server;

import dev.palimpsest.storage.Store;
import dev.palimpsest.storage.StoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** The S3 store does on a MinIO server what every store does. */
@Tag("minio")
final class StoreOnMinioTest extends StoreContract {
  @TempDir static Path home;
  private static MinioServer server;
  private Store store;

  @BeforeAll
  static void start() throws Exception {
    server = MinioServer.start(home.resolve("objects"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void open() {
    store = server.connect();
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Override
  protected Store store() {
    return store;
  }
}
