package dev.palimpsest.local;

import dev.palimpsest.base.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A child process that is started again when it dies, until it is closed.
 *
 * <p>Its standard input stays open as long as this process lives (see {@link Guard}); it ignores
 * the terminal's interrupt, so that Ctrl-C reaches the supervisor alone.
 */
public final class Supervised implements AutoCloseable {
  private static final Duration UNTIL_TERM = Duration.ofSeconds(2);
  private static final Duration UNTIL_KILL = Duration.ofSeconds(5);
  private static final Duration LAST_WORDS = Duration.ofMillis(300);

  private final String name;
  private final List<String> command;
  private final Map<String, String> environment;
  private final ChildLog log;
  private final BackOff backOff;
  private final Listener listener;
  private final Thread keeper;
  private Process process;
  private int restarts;
  private boolean closing;

  private Supervised(
      String name,
      List<String> command,
      Map<String, String> environment,
      Path log,
      BackOff backOff,
      Listener listener) {
    this.name = name;
    this.command = shielded(command);
    this.environment = Map.copyOf(environment);
    this.log = new ChildLog(log);
    this.backOff = backOff;
    this.listener = listener;
    this.process = launch();
    this.keeper = new Thread(this::keep, "keeper-" + name);
    keeper.setDaemon(true);
  }

  /**
   * Starts a child.
   *
   * @param name for messages
   * @param command program and arguments
   * @param environment all of the child's environment; nothing else is passed on
   * @param log the file its output is appended to, at most 8 MiB and as much before it
   * @throws Failure when the program cannot be started
   */
  public static Supervised start(
      String name,
      List<String> command,
      Map<String, String> environment,
      Path log,
      Listener listener) {
    return start(name, command, environment, log, BackOff.STANDARD, listener);
  }

  static Supervised start(
      String name,
      List<String> command,
      Map<String, String> environment,
      Path log,
      BackOff backOff,
      Listener listener) {
    try {
      Files.createDirectories(log.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw new Failure("Cannot make the folder of " + log + ": " + e.getMessage() + ".", e);
    }
    Supervised child = new Supervised(name, command, environment, log, backOff, listener);
    child.keeper.start();
    return child;
  }

  /** Ctrl-C signals the terminal's whole process group; an ignored signal stays ignored in exec. */
  private static List<String> shielded(List<String> command) {
    List<String> all =
        new ArrayList<>(List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh"));
    all.addAll(command);
    return List.copyOf(all);
  }

  private Process launch() {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new Failure("Cannot start " + name + ": " + e.getMessage() + ".", e);
    }
  }

  private void keep() {
    Duration pause = Duration.ZERO;
    while (true) {
      long born = System.nanoTime();
      int exitCode = attend(current());
      Duration life = Duration.ofNanos(System.nanoTime() - born);
      pause = backOff.next(pause, life);
      synchronized (this) {
        if (closing) {
          return;
        }
      }
      listener.died(name, exitCode, log.lastWords(), pause);
      if (!restartAfter(pause)) {
        return;
      }
      listener.restarted(name, restarts());
    }
  }

  /** Keeps the child's output until it ends; its exit code. */
  private int attend(Process child) {
    log.drain(child.getInputStream());
    return child.onExit().join().exitValue();
  }

  private synchronized boolean restartAfter(Duration pause) {
    long until = System.nanoTime() + pause.toNanos();
    while (!closing) {
      long left = until - System.nanoTime();
      if (left <= 0) {
        try {
          process = launch();
          restarts++;
          return true;
        } catch (Failure e) {
          // Too many processes or no memory just now: as good as a death, tried again.
          until = System.nanoTime() + backOff.longest().toNanos();
          continue;
        }
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        // Nobody interrupts the keeper; the loop looks again.
      }
    }
    return false;
  }

  private synchronized Process current() {
    return process;
  }

  /** For messages. */
  public String name() {
    return name;
  }

  /** How often the child was started again. */
  public synchronized int restarts() {
    return restarts;
  }

  /** The process id of the present child; it changes with a restart. */
  public long pid() {
    return current().pid();
  }

  /** Whether the child runs at this moment. */
  public boolean isAlive() {
    return current().isAlive();
  }

  /** The telling line at the end of the child's log. */
  public String lastWords() {
    return log.lastWords();
  }

  /** Closes the pipe that a guarded child ends with. */
  private synchronized void beginClose() {
    closing = true;
    notifyAll();
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // The pipe is gone: so is the child.
    }
  }

  /** Ends the present child by force; another is started in its place. */
  void kill() {
    current().destroyForcibly();
  }

  /** Asks the child to end by SIGTERM alone; whether it did within {@code limit}. */
  boolean terminate(Duration limit) {
    synchronized (this) {
      closing = true;
      notifyAll();
      process.destroy();
    }
    try {
      return current().waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Ends the child: closes its pipe, after 2 s SIGTERM, after 5 s SIGKILL. */
  @Override
  public void close() {
    closeAll(List.of(this));
  }

  /** Ends several children as {@link #close} does, all at once. */
  static void closeAll(List<Supervised> children) {
    long start = System.nanoTime();
    children.forEach(Supervised::beginClose);
    children.forEach(child -> child.awaitEnd(start + UNTIL_TERM.toNanos()));
    children.forEach(child -> child.current().destroy());
    children.forEach(child -> child.awaitEnd(start + UNTIL_KILL.toNanos()));
    children.forEach(child -> child.current().destroyForcibly());
    children.forEach(Supervised::finishLog);
  }

  private void awaitEnd(long deadline) {
    try {
      current().waitFor(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A grandchild may hold the log's pipe open: its words are not waited for. */
  private void finishLog() {
    try {
      keeper.join(LAST_WORDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
