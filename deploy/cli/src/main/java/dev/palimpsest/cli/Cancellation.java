package dev.palimpsest.cli;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * What Ctrl-C does while a run goes on: cancels it, lets the workers save their state, ends the
 * services that this command started.
 */
final class Cancellation implements AutoCloseable {
  private static final Duration UNTIL_SAVED = Duration.ofSeconds(10);

  private final Runnable cancel;
  private final Supplier<List<String>> others;
  private final Backend backend;
  private final Path home;
  private final Screen screen;
  private final Thread hook = new Thread(this::run, "cancel");

  private Cancellation(
      Runnable cancel, Supplier<List<String>> others, Backend backend, Path home, Screen screen) {
    this.cancel = cancel;
    this.others = others;
    this.backend = backend;
    this.home = home;
    this.screen = screen;
  }

  /**
   * From here on Ctrl-C cancels, until this is closed.
   *
   * @param others the other runs that use the services of this command
   */
  static Cancellation armed(
      Runnable cancel, Supplier<List<String>> others, Backend backend, Path home, Screen screen) {
    var cancellation = new Cancellation(cancel, others, backend, home, screen);
    Runtime.getRuntime().addShutdownHook(cancellation.hook);
    return cancellation;
  }

  private void run() {
    try {
      screen.cancelled();
      screen.say("Cancelling: the workers save their state.");
      cancel.run();
      if (backend.own().isPresent()) {
        tellOthers();
        awaitSaved();
        backend.close();
      }
      screen.say("Cancelled. The same command continues where it stopped.");
    } catch (Mistake | Failure e) {
      screen.say("The run may not be cancelled: " + e.getMessage());
    } finally {
      Runtime.getRuntime().halt(Main.INTERRUPTED);
    }
  }

  private void tellOthers() {
    List<String> cut = others.get();
    if (!cut.isEmpty()) {
      screen.say(
          "The local services end with this command. "
              + (cut.size() == 1 ? "Run " : "Runs ")
              + String.join(", ", cut)
              + (cut.size() == 1 ? " is" : " are")
              + " cut off, too: started again, the same command continues there.");
    }
  }

  /** A local worker that computes something has a file that says so. */
  private void awaitSaved() {
    long until = System.nanoTime() + UNTIL_SAVED.toNanos();
    try {
      while (busy(home.resolve("workers")) && System.nanoTime() < until) {
        Thread.sleep(100);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean busy(Path workers) {
    if (!Files.isDirectory(workers)) {
      return false;
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(workers)) {
      for (Path worker : all) {
        try (DirectoryStream<Path> held = Files.newDirectoryStream(worker, "held-*.json")) {
          if (held.iterator().hasNext()) {
            return true;
          }
        }
      }
      return false;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // It runs, and ends the process: nothing may be printed after what it prints.
      park();
    }
  }

  private static void park() {
    while (true) {
      try {
        Thread.sleep(Duration.ofMinutes(1));
      } catch (InterruptedException e) {
        // The process ends from another thread.
      }
    }
  }
}
