package dev.palimpsest.storage.server;

import dev.palimpsest.storage.Store;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;

/** A stage's way through the embedded server. */
final class LedgerOnS3Test extends LedgerContract {
  private Optional<EmbeddedS3> server = Optional.empty();

  @Override
  Store connect() {
    EmbeddedS3 started = TestServer.start(directory.resolve("objects"));
    server = Optional.of(started);
    return TestServer.connect(started.endpoint());
  }

  @Override
  Path bytes(String key) {
    return directory.resolve("objects").resolve(TestServer.BUCKET).resolve(key);
  }

  @Override
  String damaged(String key) {
    return "is damaged: the object " + key;
  }

  @AfterEach
  void stop() {
    server.ifPresent(EmbeddedS3::close);
  }
}
