package dev.palimpsest.worker;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A note of the task that a slot computes, for the process that takes over after a crash. */
final class HeldFile {
  private static final Logger LOG = LoggerFactory.getLogger(HeldFile.class);

  private final Path file;

  HeldFile(Path file) {
    this.file = file;
  }

  /**
   * What the note says.
   *
   * @param task its id
   * @param starts how often its computation was begun since state was last saved
   */
  record Held(String task, int starts) {}

  /** Empty if there is none; one that is damaged is removed. */
  Optional<Held> read() {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          Json.read(file.getFileName().toString(), Files.readAllBytes(file), Held.class));
    } catch (IOException | Mistake e) {
      LOG.error("{} cannot be read and is dropped", file, e);
      remove();
      return Optional.empty();
    }
  }

  synchronized void write(Held held) {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.write(next, Json.canonical(held));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw Failure.passing(
          "The worker's note " + file + " cannot be written (" + e + "); expected room there.", e);
    }
  }

  synchronized void remove() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.error("{} cannot be removed", file, e);
    }
  }
}
