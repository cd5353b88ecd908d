package dev.palimpsest.local;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/** Sees to it that one supervisor at a time runs on a home folder. */
final class HomeLock implements AutoCloseable {
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);

  /**
   * The homes of this process. POSIX drops a process's lock when any of its handles on the file is
   * closed, so a second take within this process must not open it.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path home;
  private final FileChannel channel;

  private HomeLock(Path home, FileChannel channel) {
    this.home = home;
    this.channel = channel;
  }

  /**
   * Takes the lock; the file holds the process id of its holder.
   *
   * @throws Mistake naming the process that holds it
   */
  static HomeLock take(Path folder) {
    Path home = folder.toAbsolutePath().normalize();
    if (!HELD.add(home)) {
      throw inUse(home, Long.toString(ProcessHandle.current().pid()));
    }
    try {
      return new HomeLock(home, locked(home));
    } catch (IOException e) {
      HELD.remove(home);
      throw new Failure("Cannot write to " + home + ": " + e.getMessage() + ".", e);
    } catch (RuntimeException e) {
      HELD.remove(home);
      throw e;
    }
  }

  /**
   * As {@link #take(Path)}; a holder that begins or ends is waited for.
   *
   * @param patience how long at most
   * @param up whether the holder's services are up: they are not waited for
   */
  static HomeLock take(Path folder, Duration patience, BooleanSupplier up) {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return take(folder);
      } catch (Mistake inUse) {
        if (up.getAsBoolean() || System.nanoTime() - end >= 0) {
          throw inUse;
        }
      }
      try {
        Thread.sleep(LOOK_EVERY);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Failure("Interrupted while other services on " + folder + " ended.", e);
      }
    }
  }

  /** The process that holds the lock now; empty if none does. */
  static Optional<Long> holder(Path folder) {
    Path home = folder.toAbsolutePath().normalize();
    if (HELD.contains(home)) {
      return Optional.of(ProcessHandle.current().pid());
    }
    Path file = home.resolve("lock");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      return channel.tryLock() == null
          ? Optional.of(Long.valueOf(Files.readString(file).strip()))
          : Optional.empty();
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static FileChannel locked(Path home) throws IOException {
    Path file = home.resolve("lock");
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (channel.tryLock() == null) {
      channel.close();
      throw inUse(home, Files.readString(file).strip());
    }
    channel.truncate(0);
    channel.write(
        ByteBuffer.wrap(
            Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)));
    return channel;
  }

  private static Mistake inUse(Path home, String holder) {
    return new Mistake(
        home
            + " is in use: process "
            + holder
            + " runs local services on it; end that process or choose another folder with --home.");
  }

  @Override
  public void close() {
    HELD.remove(home);
    try {
      channel.close();
    } catch (IOException e) {
      // The system lets go of the lock when this process ends.
    }
  }
}
