package dev.palimpsest.cli.system;

import dev.palimpsest.cli.Main;
import dev.palimpsest.local.LocalServices;
import dev.palimpsest.local.Running;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * {@code palimpsest up} in a process of its own, which can be killed, as can its children. Children
 * are told apart by {@code /proc}.
 */
final class Supervisor implements AutoCloseable {
  private static final Duration LONGEST = Duration.ofMinutes(4);

  private final Path home;
  private final int workers;
  private Process process;
  private LocalSystem system;

  private Supervisor(Path home, int workers) {
    this.home = home;
    this.workers = workers;
    this.process = launch();
    this.system = joined();
  }

  static Supervisor up(Path home, int workers) {
    return new Supervisor(home, workers);
  }

  private Process launch() {
    try {
      Files.createDirectories(home);
      return new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx512m",
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1",
              "--enable-native-access=ALL-UNNAMED",
              "-Dpalimpsest.conductor.jar=" + LocalSystem.conductorJar(),
              "-cp",
              LocalSystem.classPath(),
              Main.class.getName(),
              "up",
              "--home",
              home.toString(),
              "--workers",
              Integer.toString(workers))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("up.log").toFile()))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private LocalSystem joined() {
    return LocalSystem.of(home, await("services", this::ownServices));
  }

  private Optional<Running> ownServices() {
    if (!process.isAlive()) {
      throw new AssertionError("'up' ended by itself; its log: " + home.resolve("up.log"));
    }
    return LocalServices.find(home).filter(running -> running.pid() == process.pid());
  }

  /** The services as they are reached now. */
  LocalSystem system() {
    return system;
  }

  /** Kills this process itself and starts it again as a user would; waits until it is back. */
  void killItself() {
    system.close();
    process.destroyForcibly();
    awaitEnd();
    process = launch();
    system = joined();
  }

  /** Kills a worker, named {@code local-1} and so on; waits until another process stands there. */
  void killWorker(String id) {
    killChild("worker " + id, "--id\0" + id + "\0");
  }

  /** Kills Conductor and waits until it answers again. */
  void killConductor() {
    killChild("Conductor", "\0--server.port=");
    await("Conductor", this::ownServices);
  }

  private void killChild(String name, String mark) {
    ProcessHandle victim = await(name, () -> child(mark));
    victim.destroyForcibly();
    await(name, () -> child(mark).filter(next -> next.pid() != victim.pid()));
  }

  private Optional<ProcessHandle> child(String mark) {
    return process.children().filter(child -> commandLine(child).contains(mark)).findFirst();
  }

  private static String commandLine(ProcessHandle child) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(child.pid()), "cmdline"));
    } catch (IOException e) {
      // It has ended since.
      return "";
    }
  }

  private static <T> T await(String what, Supplier<Optional<T>> found) {
    long end = System.nanoTime() + LONGEST.toNanos();
    while (System.nanoTime() < end) {
      Optional<T> there = found.get();
      if (there.isPresent()) {
        return there.get();
      }
      sleep(Duration.ofMillis(50));
    }
    throw new AssertionError(what + " did not come back within " + LONGEST.toSeconds() + " s");
  }

  static void sleep(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        throw new AssertionError("process " + process.pid() + " does not end");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Ends it as Ctrl-C does. */
  @Override
  public void close() {
    system.close();
    process.destroy();
    awaitEnd();
  }
}
