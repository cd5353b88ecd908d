package dev.palimpsest.storage.server;

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
    server = TestServer.start(directory.resolve("objects"));
    store = TestServer.connect(server.endpoint());
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
