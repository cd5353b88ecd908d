package dev.palimpsest.cli;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.local.Credentials;
import dev.palimpsest.local.JavaCommand;
import dev.palimpsest.local.Listener;
import dev.palimpsest.local.LocalServices;
import dev.palimpsest.local.Running;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.storage.S3Settings;
import dev.palimpsest.storage.S3Store;
import dev.palimpsest.storage.Store;
import dev.palimpsest.storage.StoredArtifacts;
import dev.palimpsest.storage.server.EmbeddedS3;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.workflows.client.Conductor;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Real servers: those named on the command line, those that run here, or new ones. */
final class ServerBackends implements Backends {
  private static final String REGION = "us-east-1";
  private static final String BUCKET = "palimpsest";
  private static final Duration LONGEST_START = Duration.ofMinutes(3);
  private static final Duration LONGEST_BUSY = Duration.ofMinutes(1);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  private final Map<String, String> environment;

  ServerBackends(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Backend running(Servers servers) {
    return found(servers)
        .orElseThrow(() ->
            new Mistake(
                "No local services run on "
                    + servers.home()
                    + "; start them with 'palimpsest up', or name servers with --conductor and"
                    + " --s3."));
  }

  @Override
  public Optional<Backend> found(Servers servers) {
    if (servers.elsewhere()) {
      return Optional.of(elsewhere(servers));
    }
    return LocalServices.find(servers.home())
        .map(running -> local(servers.home(), running, Optional.empty()));
  }

  @Override
  public Backend store(Servers servers, boolean make) {
    Path home = servers.home();
    if (servers.s3().isPresent() && servers.conductor().isPresent()) {
      return elsewhere(servers);
    }
    if (servers.s3().isPresent()) {
      return backend(home, Optional.empty(), remote(servers, servers.s3().get()), Optional.empty());
    }
    if (!make && !made(home)) {
      throw new Mistake(
          "There is no local store in "
              + home
              + "; expected one made by 'palimpsest run' or 'palimpsest up' before.");
    }
    try {
      Files.createDirectories(home);
    } catch (IOException e) {
      throw new Failure("Cannot make the folder " + home + ": " + e.getMessage() + ".", e);
    }
    Credentials keys = Credentials.readOrMake(home);
    long until = System.nanoTime() + LONGEST_BUSY.toNanos();
    while (true) {
      Optional<Running> running = LocalServices.find(home);
      if (running.isPresent()) {
        return local(home, running.get(), Optional.empty());
      }
      try {
        return alone(home, keys);
      } catch (Mistake busy) {
        // Another command has it, or another process starts services with it.
        if (System.nanoTime() - until >= 0) {
          throw busy;
        }
      }
    }
  }

  /** The store in this process. */
  private static Backend alone(Path home, Credentials keys) {
    EmbeddedS3 server =
        EmbeddedS3.start(
            home.resolve("store"), "127.0.0.1", 0, keys.accessKey(), keys.secretKey(), LOOK_EVERY);
    return orClose(
        server,
        () ->
            backend(
                home,
                Optional.empty(),
                settings(server.endpoint(), BUCKET, keys),
                Optional.of(server)));
  }

  @Override
  public Backend looked(Servers servers) {
    if (servers.s3().isPresent() || made(servers.home())) {
      return store(servers, false);
    }
    var empty = new MemoryStore();
    return new Backend(
        Optional.empty(),
        empty,
        new StoredArtifacts(empty, servers.home().resolve("cache")),
        Optional.empty());
  }

  private static boolean made(Path home) {
    return Files.isRegularFile(home.resolve("credentials.json"));
  }

  @Override
  public Backend started(Servers servers, Wanted wanted, ServiceWords words) {
    Path home = servers.home();
    try {
      LocalServices own = up(home, wanted, words);
      return orClose(own, () -> local(home, own.running(), Optional.of(own)));
    } catch (Mistake e) {
      if (other(home).isEmpty()) {
        throw e;
      }
      Optional<Running> joined = joined(home, words);
      if (joined.isPresent()) {
        return local(home, joined.get(), Optional.empty());
      }
      if (other(home).isPresent()) {
        throw e;
      }
    }
    // The other process gave up.
    return started(servers, wanted, words);
  }

  /** The services that another process starts, once they are up; empty if they do not come up. */
  private static Optional<Running> joined(Path home, ServiceWords words) {
    long until = System.nanoTime() + LONGEST_START.toNanos();
    long told = -1;
    while (System.nanoTime() < until) {
      Optional<Running> running = LocalServices.find(home);
      if (running.isPresent()) {
        return running;
      }
      Optional<Long> supervisor = other(home);
      if (supervisor.isEmpty()) {
        return Optional.empty();
      }
      if (told != supervisor.get()) {
        told = supervisor.get();
        words.aside("Waiting for process " + told + " to start the services");
      }
      try {
        Thread.sleep(500);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  /** Another process that holds the home folder. */
  private static Optional<Long> other(Path home) {
    return LocalServices.supervisor(home).filter(pid -> pid != ProcessHandle.current().pid());
  }

  /** Whether Conductor is yet to be prepared on this machine. */
  static boolean firstTime() {
    return !LocalServices.isPrepared(Launch.conductorJar(), LocalServices.Options.defaultCache());
  }

  /** Starts local services. */
  static LocalServices up(Path home, Wanted wanted, Listener listener) {
    Launch.noteCommit();
    return LocalServices.up(
        new LocalServices.Options(
            home,
            LocalServices.Options.defaultCache(),
            Launch.conductorJar(),
            JavaCommand.worker(Launch.workerClassPath()),
            wanted.workers(),
            Numerics.PINNED_CPU,
            wanted.conductorPort(),
            wanted.s3Port()),
        listener);
  }

  /** What talks to these services; they do not end with it. */
  static Backend beside(LocalServices services, Path home) {
    return local(home, services.running(), Optional.empty());
  }

  private Backend elsewhere(Servers servers) {
    String url = servers.conductor().orElseThrow();
    Conductor conductor =
        Conductor.at(checked(url), environment.getOrDefault("PALIMPSEST_CONDUCTOR_TOKEN", ""));
    return orClose(
        conductor,
        () ->
            backend(
                servers.home(),
                Optional.of(conductor),
                remote(servers, servers.s3().orElseThrow()),
                Optional.empty()));
  }

  private static Backend local(Path home, Running running, Optional<AutoCloseable> own) {
    Conductor conductor = Conductor.at(running.conductor().toString(), "");
    return orClose(
        conductor,
        () ->
            backend(
                home,
                Optional.of(conductor),
                settings(running.s3().toString(), running.bucket(), Credentials.read(home)),
                own));
  }

  private static Backend backend(
      Path home, Optional<Conductor> conductor, S3Settings s3, Optional<AutoCloseable> own) {
    Store store = S3Store.connect(s3);
    return orClose(
        store,
        () ->
            new Backend(conductor, store, new StoredArtifacts(store, home.resolve("cache")), own));
  }

  private S3Settings remote(Servers servers, String endpoint) {
    return new S3Settings(
        endpoint,
        environment.getOrDefault("PALIMPSEST_S3_REGION", REGION),
        servers.bucket(),
        key("PALIMPSEST_S3_ACCESS_KEY"),
        key("PALIMPSEST_S3_SECRET_KEY"));
  }

  private static S3Settings settings(String endpoint, String bucket, Credentials keys) {
    return new S3Settings(endpoint, REGION, bucket, keys.accessKey(), keys.secretKey());
  }

  private String key(String name) {
    String value = environment.getOrDefault(name, "");
    if (value.isBlank()) {
      throw new Mistake(
          "The environment variable "
              + name
              + " is not set; expected the key of the store at --s3.");
    }
    return value;
  }

  /** The URL of a Conductor server; {@link Mistake} for what is none. */
  static String checked(String url) {
    boolean fits;
    try {
      URI uri = URI.create(url);
      fits = uri.getHost() != null && String.valueOf(uri.getScheme()).matches("https?");
    } catch (IllegalArgumentException e) {
      fits = false;
    }
    if (!fits) {
      throw new Mistake(
          "--conductor is '" + url + "'; expected a URL such as http://127.0.0.1:8080.");
    }
    return url;
  }

  /** What {@code make} gives; where it fails, what was opened before is closed. */
  private static Backend orClose(AutoCloseable before, Supplier<Backend> make) {
    try {
      return make.get();
    } catch (RuntimeException e) {
      try {
        before.close();
      } catch (Exception closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }
}
