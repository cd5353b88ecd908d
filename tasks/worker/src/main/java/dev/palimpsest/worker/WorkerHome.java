package dev.palimpsest.worker;

import dev.palimpsest.base.Failure;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A worker's own folder: its name, what it holds, its cache. One process at a time uses it, so that
 * what a former process of the worker left is known to be left.
 */
final class WorkerHome implements AutoCloseable {
  private static final int MOST = 1000;
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);

  private final Path folder;
  private final FileChannel lock;

  private WorkerHome(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /**
   * Takes a folder; made if it is missing.
   *
   * @param patience how long a former process may take to end
   * @throws Failure if another process uses it that long
   */
  static WorkerHome at(Path folder, Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      Optional<WorkerHome> taken = take(folder);
      if (taken.isPresent()) {
        return taken.get();
      }
      if (System.nanoTime() > end) {
        throw new Failure(
            "The worker's folder "
                + folder
                + " is in use by process "
                + holder(folder)
                + "; end that process or name another folder with --state.");
      }
      Patience.sleep(LOOK_EVERY);
    }
  }

  /** Takes the first of the folders {@code 1}, {@code 2}, ... that no process uses. */
  static WorkerHome free(Path workers) {
    for (int i = 1; i <= MOST; i++) {
      Optional<WorkerHome> taken = take(workers.resolve(Integer.toString(i)));
      if (taken.isPresent()) {
        return taken.get();
      }
    }
    throw new Failure("All " + MOST + " folders of workers in " + workers + " are in use.");
  }

  Path folder() {
    return folder;
  }

  /** The folder's name for its worker; made up once, and no other worker's. */
  String id() {
    Path file = folder.resolve("id");
    try {
      if (!Files.exists(file)) {
        Path next = folder.resolve("id.next");
        Files.writeString(next, host() + "-" + UUID.randomUUID().toString().substring(0, 8));
        Files.move(next, file);
      }
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  /** The folder for what lives as long as a stage; what a killed process left there is removed. */
  Path scratch() {
    Path scratch = folder.resolve("scratch");
    try {
      Files.createDirectories(scratch);
      try (Stream<Path> left = Files.walk(scratch)) {
        for (Path path : left.sorted(Comparator.reverseOrder()).toList()) {
          if (!path.equals(scratch)) {
            Files.delete(path);
          }
        }
      }
      return scratch;
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  private static Optional<WorkerHome> take(Path folder) {
    try {
      Files.createDirectories(folder);
      FileChannel channel =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!locked(channel)) {
        channel.close();
        return Optional.empty();
      }
      String process = Long.toString(ProcessHandle.current().pid());
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(process.getBytes(StandardCharsets.UTF_8)));
      return Optional.of(new WorkerHome(folder, channel));
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static String holder(Path folder) {
    try {
      return Files.readString(folder.resolve("lock")).strip();
    } catch (IOException e) {
      return "?";
    }
  }

  private static String host() throws IOException {
    return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9-]", "-");
  }

  private static Failure unusable(Path folder, IOException e) {
    return new Failure(
        "The worker's folder " + folder + " cannot be used (" + e + "); expected room there.", e);
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      // The system lets go of the lock when this process ends.
    }
  }
}
