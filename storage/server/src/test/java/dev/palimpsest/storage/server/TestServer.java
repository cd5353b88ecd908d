package dev.palimpsest.storage.server;

import dev.palimpsest.storage.S3Settings;
import dev.palimpsest.storage.S3Store;
import dev.palimpsest.storage.Store;
import java.nio.file.Path;
import java.time.Duration;

/** The names that the tests of this room share. */
final class TestServer {
  static final String ACCESS = "tester";
  static final String SECRET = "not-so-secret";
  static final String BUCKET = "palimpsest";

  private TestServer() {}

  static EmbeddedS3 start(Path directory) {
    return start(directory, Duration.ZERO);
  }

  static EmbeddedS3 start(Path directory, Duration patience) {
    return EmbeddedS3.start(directory, "127.0.0.1", 0, ACCESS, SECRET, patience);
  }

  static Store connect(String endpoint) {
    return S3Store.connect(settings(endpoint));
  }

  static S3Settings settings(String endpoint) {
    return new S3Settings(endpoint, "us-east-1", BUCKET, ACCESS, SECRET);
  }
}
