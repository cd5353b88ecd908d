package dev.palimpsest.local;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * Local services that are up, as {@code <home>/services.json} tells of them.
 *
 * @param pid the supervisor's process
 * @param conductor {@code http://127.0.0.1:PORT}, the API below {@code /api}
 * @param s3 {@code http://127.0.0.1:PORT}
 * @param bucket the store's bucket
 * @param started when they were up, ISO 8601
 * @param console where the web pages are, if the services have them
 */
public record Running(
    long pid, URI conductor, URI s3, String bucket, String started, Optional<URI> console) {
  private static final String FILE = "services.json";

  /** Writes down where the web pages of these services are. */
  public void serve(Path home, URI console) {
    new Running(pid, conductor, s3, bucket, started, Optional.of(console)).write(home);
  }

  /** Reads the file; empty unless its process lives and both servers answer. */
  static Optional<Running> find(Path home) {
    Path file = home.resolve(FILE);
    byte[] text;
    try {
      text = Files.readAllBytes(file);
    } catch (IOException e) {
      return Optional.empty();
    }
    Running running;
    try {
      running = Json.read(file.toString(), text, Running.class);
    } catch (Mistake e) {
      // Another version wrote it, or no one did: it tells of nothing that can be used.
      return Optional.empty();
    }
    return Optional.of(running).filter(Running::isUp);
  }

  private boolean isUp() {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)
        && Probe.answers(s3)
        && Probe.isHealthy(conductor.resolve("/health"));
  }

  /** Whether services are up on the folder, or were killed there. */
  static boolean isWritten(Path home) {
    return Files.exists(home.resolve(FILE));
  }

  void write(Path home) {
    Path raw = home.resolve(FILE + ".tmp");
    try {
      Files.writeString(raw, Json.pretty(this));
      Files.move(raw, home.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new Failure("Cannot write " + home.resolve(FILE) + ": " + e.getMessage() + ".", e);
    }
  }

  static void forget(Path home) {
    try {
      Files.deleteIfExists(home.resolve(FILE));
    } catch (IOException e) {
      // It names a process that ends: find() will see that.
    }
  }
}
