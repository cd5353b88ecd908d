package dev.palimpsest.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the build fetched for these tests. */
final class Fetched {
  private Fetched() {}

  /** Conductor's executable jar in the local Maven repository. */
  static Path conductor() {
    try {
      return Path.of(
          Files.readString(Path.of(System.getProperty("palimpsest.conductor.path"))).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
