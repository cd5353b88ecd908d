package dev.palimpsest.local;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.Leftovers;
import dev.palimpsest.storage.S3Settings;
import dev.palimpsest.storage.S3Store;
import dev.palimpsest.storage.Store;
import dev.palimpsest.storage.server.EmbeddedS3;
import dev.palimpsest.tasks.Numerics;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The servers and workers of local mode: a store in this process, Conductor and the workers as
 * supervised children. All of them end with this process.
 */
public final class LocalServices implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final String BUCKET = "palimpsest";
  private static final Duration LONGEST_END = Duration.ofSeconds(10);

  /** How long a command may have the store to itself before services with it are given up. */
  private static final Duration LONGEST_BUSY = Duration.ofMinutes(1);

  /**
   * What to start.
   *
   * @param home the folder of all state
   * @param cache the machine's cache folder
   * @param conductorJar Conductor's executable jar
   * @param workerCommand a worker's program and first arguments, see {@link JavaCommand#worker}
   * @param workers how many workers
   * @param numerics the profile every worker is held to
   * @param conductorPort 0 for a free one
   * @param s3Port 0 for a free one
   */
  public record Options(
      Path home,
      Path cache,
      Path conductorJar,
      List<String> workerCommand,
      int workers,
      Numerics numerics,
      int conductorPort,
      int s3Port) {
    /** Throws {@link Mistake} for a number out of its range. */
    public Options {
      workerCommand = List.copyOf(workerCommand);
      if (workers < 0) {
        throw new Mistake("--workers is " + workers + "; expected 0 or more.");
      }
    }

    /** As many one-thread workers as there are cores, in the default folders, on free ports. */
    public static Options of(Path conductorJar, List<String> workerCommand) {
      return new Options(
          defaultHome(),
          defaultCache(),
          conductorJar,
          workerCommand,
          Runtime.getRuntime().availableProcessors(),
          Numerics.PINNED_CPU,
          0,
          0);
    }

    /** {@code $PALIMPSEST_HOME}, or {@code ~/.palimpsest}. */
    public static Path defaultHome() {
      return variable("PALIMPSEST_HOME")
          .map(Path::of)
          .orElseGet(() -> userHome().resolve(".palimpsest"));
    }

    /** {@code $PALIMPSEST_CACHE}, or {@code ~/.cache/palimpsest}. */
    public static Path defaultCache() {
      return variable("PALIMPSEST_CACHE")
          .map(Path::of)
          .orElseGet(() -> userHome().resolve(".cache").resolve("palimpsest"));
    }

    /** Java takes the home from the user's entry in the system; the variable goes before it. */
    private static Path userHome() {
      return Path.of(variable("HOME").orElseGet(() -> System.getProperty("user.home")));
    }

    private static Optional<String> variable(String name) {
      return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isBlank());
    }
  }

  private final Path home;
  private final Running running;
  private final Credentials credentials;
  private final ConductorServer conductor;
  private final List<AutoCloseable> servers;
  private final List<Supervised> workers;
  private boolean closed;

  private LocalServices(
      Path home,
      Running running,
      Credentials credentials,
      ConductorServer conductor,
      List<AutoCloseable> servers,
      List<Supervised> workers) {
    this.home = home;
    this.running = running;
    this.credentials = credentials;
    this.conductor = conductor;
    this.servers = servers;
    this.workers = workers;
  }

  /** The services that run on a home folder now; empty when none do or what is left is stale. */
  public static Optional<Running> find(Path home) {
    return Running.find(home);
  }

  /** Whether Conductor lies ready in the cache folder, so that it starts within seconds. */
  public static boolean isPrepared(Path conductorJar, Path cache) {
    return ConductorInstall.isPrepared(conductorJar, cache);
  }

  /** The process that runs services on a home folder, or starts or ends them, now. */
  public static Optional<Long> supervisor(Path home) {
    return HomeLock.holder(home);
  }

  /**
   * Starts everything and returns when the servers answer and the workers run.
   *
   * @throws Mistake when other services run on the home folder or a given port is in use
   * @throws Failure when a server cannot be started; nothing is left running
   */
  public static LocalServices up(Options options, Listener listener) {
    Path home = options.home().toAbsolutePath().normalize();
    try {
      Files.createDirectories(home);
    } catch (IOException e) {
      throw new Failure("Cannot make the folder " + home + ": " + e.getMessage() + ".", e);
    }
    // In the order of starting; closed from the end.
    List<AutoCloseable> started = new ArrayList<>();
    List<Supervised> workers = new ArrayList<>();
    try {
      started.add(HomeLock.take(home, LONGEST_END, () -> Running.isWritten(home)));
      Running.forget(home);
      Credentials credentials = Credentials.readOrMake(home);
      int s3Port = Ports.choose(options.s3Port(), "the S3 store", "--s3-port");
      CompletableFuture<EmbeddedS3> store =
          CompletableFuture.supplyAsync(
              () ->
                  swept(
                      EmbeddedS3.start(
                          home.resolve("store"),
                          HOST,
                          s3Port,
                          credentials.accessKey(),
                          credentials.secretKey(),
                          LONGEST_BUSY),
                      credentials),
              task -> new Thread(task, "start-s3").start());
      ConductorServer conductor;
      try {
        conductor =
            ConductorServer.start(
                options.conductorJar(),
                options.cache(),
                home.resolve("conductor"),
                options.conductorPort(),
                listener);
        started.add(conductor);
      } finally {
        started.add(joined(store));
      }
      URI s3 = URI.create(joined(store).endpoint().toString());
      Map<String, String> environment = workerEnvironment(options, credentials);
      listener.step("Starting " + options.workers() + " workers");
      for (int i = 1; i <= options.workers(); i++) {
        workers.add(
            worker("local-" + i, options, home, conductor.endpoint(), s3, environment, listener));
      }
      Running running =
          new Running(
              ProcessHandle.current().pid(),
              conductor.endpoint(),
              s3,
              BUCKET,
              Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
              Optional.empty());
      running.write(home);
      return new LocalServices(home, running, credentials, conductor, started, workers);
    } catch (RuntimeException e) {
      close(workers, started);
      throw e;
    }
  }

  /** The store without what killed processes left; where that fails, it stays until next time. */
  private static EmbeddedS3 swept(EmbeddedS3 server, Credentials credentials) {
    var settings =
        new S3Settings(
            server.endpoint(),
            "us-east-1",
            BUCKET,
            credentials.accessKey(),
            credentials.secretKey());
    try (Store store = S3Store.connect(settings)) {
      Leftovers.sweep(store);
      return server;
    } catch (RuntimeException e) {
      return server;
    }
  }

  private static EmbeddedS3 joined(CompletableFuture<EmbeddedS3> store) {
    try {
      return store.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private static Map<String, String> workerEnvironment(Options options, Credentials credentials) {
    Map<String, String> environment =
        new HashMap<>(WorkerEnvironment.inherited(options.numerics(), options.cache()));
    environment.put("PALIMPSEST_S3_ACCESS_KEY", credentials.accessKey());
    environment.put("PALIMPSEST_S3_SECRET_KEY", credentials.secretKey());
    return environment;
  }

  private static Supervised worker(
      String id,
      Options options,
      Path home,
      URI conductor,
      URI s3,
      Map<String, String> environment,
      Listener listener) {
    Path state = home.resolve("workers").resolve(id);
    List<String> command = new ArrayList<>(options.workerCommand());
    command.addAll(
        List.of(
            "--conductor",
            conductor.toString(),
            "--s3",
            s3.toString(),
            "--id",
            id,
            "--state",
            state.toString()));
    return Supervised.start(
        "worker " + id, command, environment, state.resolve("worker.log"), listener);
  }

  /** What {@code <home>/services.json} holds. */
  public Running running() {
    return running;
  }

  /** The store's keys. */
  public Credentials credentials() {
    return credentials;
  }

  /** The Conductor process of this moment. */
  public long conductorPid() {
    return conductor.pid();
  }

  /** The worker processes of this moment. */
  public List<Long> workerPids() {
    return workers.stream().map(Supervised::pid).toList();
  }

  /** Ends the workers, then the servers. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Running.forget(home);
      close(workers, servers);
    }
  }

  private static void close(List<Supervised> workers, List<AutoCloseable> servers) {
    Supervised.closeAll(workers);
    for (AutoCloseable server : servers.reversed()) {
      try {
        server.close();
      } catch (Exception e) {
        // The rest must end too; this process takes what is left along.
      }
    }
  }
}
