package dev.palimpsest.local;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A Conductor server as a supervised child process on 127.0.0.1, with its state in one SQLite file.
 *
 * <p>It asks nobody who they are, so it listens to this machine alone.
 */
public final class ConductorServer implements AutoCloseable {
  private static final Duration LONGEST_START = Duration.ofMinutes(3);
  private static final Duration LOOK_EVERY = Duration.ofMillis(50);
  private static final Duration LONGEST_ARCHIVING = Duration.ofMinutes(2);

  /** Switches off what a study does not use; switches on the repair of lost queue messages. */
  private static final List<String> SETTINGS =
      List.of(
          "--spring.main.lazy-initialization=true",
          "--spring.main.banner-mode=off",
          "--conductor.workflow-repair-service.enabled=true",
          // Each look at a join reads its whole workflow: the first few come at once, those at one
          // that waited long every five seconds, not every thirty.
          "--conductor.app.systemTaskPostponeThreshold=50",
          "--conductor.app.systemTaskWorkerCallbackDuration=5s",
          "--conductor.integrations.ai.enabled=false",
          "--conductor.scheduler.enabled=false",
          "--conductor.metrics-prometheus.enabled=false",
          "--springdoc.api-docs.enabled=false",
          "--springdoc.swagger-ui.enabled=false");

  private final Supervised child;
  private final FirstDeath firstDeath;
  private final URI endpoint;
  private final Path log;
  private final Pulse pulse;

  private ConductorServer(Supervised child, FirstDeath firstDeath, URI endpoint, Path log) {
    this.child = child;
    this.firstDeath = firstDeath;
    this.endpoint = endpoint;
    this.log = log;
    this.pulse =
        new Pulse(child::pid, () -> Probe.isHealthy(endpoint.resolve("/health")), child::kill);
  }

  /**
   * Starts the server and waits until it answers.
   *
   * @param bootJar Conductor's executable jar
   * @param cache the machine's cache folder, where the server is prepared once
   * @param state the folder of the SQLite file and the log
   * @param port 0 for a free one
   * @throws Mistake when the port is in use
   * @throws Failure when the server ends while starting or does not answer within 180 s
   */
  public static ConductorServer start(
      Path bootJar, Path cache, Path state, int port, Listener listener) {
    int chosen = Ports.choose(port, "Conductor", "--conductor-port");
    ConductorInstall install = ConductorInstall.prepare(bootJar, cache, listener);
    listener.step("Starting Conductor");
    ConductorServer server = launch(install.command(), state, chosen, listener);
    try {
      server.awaitHealthy(listener);
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
    server.pulse.begin();
    return server;
  }

  static ConductorServer launch(List<String> java, Path state, int port, Listener listener) {
    Path folder = state.toAbsolutePath();
    Path scratch = folder.resolve("tmp");
    try {
      // Conductor leaves files here when it is killed.
      ConductorInstall.delete(scratch);
      Files.createDirectories(scratch);
    } catch (IOException e) {
      throw new Failure("Cannot use " + folder + " for Conductor: " + e.getMessage() + ".", e);
    }
    URI endpoint = URI.create("http://127.0.0.1:" + port);
    Path log = folder.resolve("conductor.log");
    FirstDeath firstDeath = new FirstDeath(listener);
    Supervised child =
        Supervised.start(
            "Conductor", command(java, folder, scratch, port), environment(), log, firstDeath);
    return new ConductorServer(child, firstDeath, endpoint, log);
  }

  private static List<String> command(List<String> java, Path folder, Path scratch, int port) {
    List<String> command = new ArrayList<>(java);
    Path database = folder.resolve("conductor.db");
    command.add(1, "-Djava.io.tmpdir=" + scratch);
    command.add(1, "-D" + Succession.DATABASE + "=" + database);
    command.add("--server.address=127.0.0.1");
    command.add("--server.port=" + port);
    command.add(
        "--spring.datasource.url=jdbc:sqlite:"
            + database
            + "?busy_timeout=15000&journal_mode=WAL&transaction_mode=IMMEDIATE&synchronous=NORMAL");
    command.addAll(SETTINGS);
    return command;
  }

  /** Spring takes settings from any variable, so the server sees only what a program needs. */
  private static Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    for (String name : List.of("PATH", "HOME", "LANG", "LC_ALL", "TZ")) {
      String value = System.getenv(name);
      if (value != null) {
        environment.put(name, value);
      }
    }
    environment.put("MALLOC_ARENA_MAX", "2");
    return environment;
  }

  /** Waits until the server answers; throws {@link Failure} when it dies first. */
  void awaitHealthy(Listener listener) {
    long start = System.nanoTime();
    URI health = endpoint.resolve("/health");
    while (!Probe.isHealthy(health)) {
      Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
      if (firstDeath.happened()) {
        throw new Failure(
            "Conductor ended while it started"
                + (firstDeath.words().isEmpty() ? "" : ": " + firstDeath.words())
                + " (log: "
                + log
                + ").");
      }
      if (elapsed.compareTo(LONGEST_START) > 0) {
        throw new Failure(
            "Conductor did not answer on "
                + endpoint
                + " within "
                + LONGEST_START.toSeconds()
                + " s; its last line: "
                + child.lastWords()
                + " (log: "
                + log
                + ").");
      }
      listener.waiting("Conductor", elapsed);
      try {
        Thread.sleep(LOOK_EVERY);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Failure("Interrupted while Conductor started.", e);
      }
    }
    firstDeath.disarm();
  }

  /** Ends the server and gives it the time it needs to write its archive. */
  void endInPeace() {
    if (!child.terminate(LONGEST_ARCHIVING)) {
      throw new Failure("Conductor did not end after its first start (log: " + log + ").");
    }
  }

  /** {@code http://127.0.0.1:PORT}; the API lies below {@code /api}. */
  public URI endpoint() {
    return endpoint;
  }

  /** The process id of the present server; it changes with a restart. */
  public long pid() {
    return child.pid();
  }

  /** How often the server was started again. */
  public int restarts() {
    return child.restarts();
  }

  @Override
  public void close() {
    pulse.close();
    child.close();
  }
}
