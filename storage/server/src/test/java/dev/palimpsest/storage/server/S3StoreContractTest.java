package dev.palimpsest.storage.server;

import dev.palimpsest.storage.S3Settings;
import dev.palimpsest.storage.S3Store;
import dev.palimpsest.storage.Store;
import dev.palimpsest.storage.StoreContract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The S3 store does what every store does, over the wire to the embedded server. */
final class S3StoreContractTest extends StoreContract {
  private EmbeddedS3 server;
  private Store store;

  @BeforeEach
  void start() {
    server =
        EmbeddedS3.start(directory.resolve("objects"), "127.0.0.1", 0, "tester", "not-so-secret");
    store =
        S3Store.connect(
            new S3Settings(server.endpoint(), "us-east-1", "contract", "tester", "not-so-secret"));
  }

  @AfterEach
  void stop() {
    store.close();
    server.close();
  }

  @Override
  protected Store store() {
    return store;
  }
}
