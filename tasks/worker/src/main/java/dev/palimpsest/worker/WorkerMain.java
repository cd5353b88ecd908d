package dev.palimpsest.worker;

import com.netflix.conductor.client.http.ConductorClient;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.storage.S3Settings;
import dev.palimpsest.storage.S3Store;
import dev.palimpsest.storage.StoredArtifacts;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.Workers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves stages until it is stopped. */
@Command(
    name = "worker",
    description = "Serves stages to a Conductor server until it is stopped.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class WorkerMain implements Callable<Integer> {
  @Option(
      names = "--conductor",
      required = true,
      paramLabel = "URL",
      description = "The Conductor server, such as http://127.0.0.1:8080.")
  private String conductor = "";

  @Option(
      names = "--s3",
      required = true,
      paramLabel = "URL",
      description =
          "The S3 endpoint; access key and secret come from PALIMPSEST_S3_ACCESS_KEY and PALIMPSEST_S3_SECRET_KEY.")
  private String s3 = "";

  @Option(
      names = "--bucket",
      defaultValue = "palimpsest",
      paramLabel = "NAME",
      description = "The bucket (default: ${DEFAULT-VALUE}).")
  private String bucket = "";

  @Option(
      names = "--id",
      paramLabel = "NAME",
      description =
          "This worker's name; give a restarted worker its old one. Default: the host's name and the process id.")
  private String id = "";

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description =
          "Where it keeps its cache and what it holds (default: ~/.palimpsest/workers/<id>).")
  private String state = "";

  @Option(
      names = "--lanes",
      split = ",",
      defaultValue = "cpu,gpu",
      paramLabel = "LANE",
      description = "The lanes it serves (default: ${DEFAULT-VALUE}).")
  private Set<String> lanes = new LinkedHashSet<>();

  @Option(
      names = "--device",
      defaultValue = "cpu",
      paramLabel = "DEVICE",
      description = "Where it computes: cpu or gpu:0 (default: ${DEFAULT-VALUE}).")
  private String device = "";

  /** Runs as a process of its own. */
  public static void main(String[] arguments) {
    var line = new CommandLine(new WorkerMain());
    line.setExecutionExceptionHandler((e, command, parsed) -> {
      if (e instanceof Mistake || e instanceof Failure) {
        command.getErr().println(e.getMessage());
        return e instanceof Mistake ? 2 : 1;
      }
      throw e;
    });
    System.exit(line.execute(arguments));
  }

  @Override
  public Integer call() {
    Map<String, String> environment = System.getenv();
    if (id.isEmpty()) {
      id = environment.getOrDefault("HOSTNAME", "worker") + "-" + ProcessHandle.current().pid();
    }
    Path home =
        state.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".palimpsest", "workers", id)
            : Path.of(state);
    Set<Lane> served = new LinkedHashSet<>();
    for (String lane : lanes) {
      served.add(lane(lane));
    }
    Numerics numerics = MachineNumerics.of(device, environment);
    ConductorClient client = connect(environment);
    var stages = Stages.load();
    var source = new ConductorTasks(client, stages, id);
    try (S3Store direct =
            Patience.of(Duration.ofMinutes(5)).get(() -> S3Store.connect(settings(environment)));
        var store = new PatientStore(direct)) {
      var artifacts = new StoredArtifacts(store, home.resolve("cache"));
      Catalogue catalogue = Catalogue.load();
      var runner =
          new StageRunner(
              catalogue,
              stages,
              Methods.load(),
              artifacts,
              new StoredLedger(store, artifacts),
              numerics,
              device,
              home.resolve("scratch"),
              id);
      var journal = new RunJournal(store);
      var answers = new Answers(source, journal, id, Facts.of(device, numerics), Clock.systemUTC());
      List<Slot> slots =
          served.stream()
              .map(lane -> new Slot(lane, runner, source, journal, answers, home))
              .toList();
      try (var announcer =
              new Announcer(
                  new Workers(direct, Clock.systemUTC()),
                  Facts.announcement(id, catalogue.digest(), served, numerics));
          var worker = new Worker(source, runner, answers, slots)) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(worker, announcer), "close"));
        source.register(served);
        announcer.begin();
        LoggerFactory.getLogger(WorkerMain.class)
            .info("Worker {} serves {} on {} ({})", id, lanes, device, numerics);
        worker.serve();
      }
    }
    return 0;
  }

  private static Lane lane(String name) {
    for (Lane lane : Lane.values()) {
      if (lane.label().equals(name)) {
        return lane;
      }
    }
    throw new Mistake("Unknown lane '" + name + "'; expected cpu or gpu.");
  }

  private S3Settings settings(Map<String, String> environment) {
    return new S3Settings(
        s3,
        environment.getOrDefault("PALIMPSEST_S3_REGION", "us-east-1"),
        bucket,
        secret(environment, "PALIMPSEST_S3_ACCESS_KEY"),
        secret(environment, "PALIMPSEST_S3_SECRET_KEY"));
  }

  private static String secret(Map<String, String> environment, String name) {
    String value = environment.get(name);
    if (value == null || value.isEmpty()) {
      throw new Mistake(
          "The environment variable " + name + " is not set; expected the store's key in it.");
    }
    return value;
  }

  private ConductorClient connect(Map<String, String> environment) {
    var builder = ConductorClient.builder().basePath(conductor.replaceAll("/+$", "") + "/api");
    String token = environment.getOrDefault("PALIMPSEST_CONDUCTOR_TOKEN", "");
    if (!token.isEmpty()) {
      builder.addHeaderSupplier(new Bearer(token));
    }
    return builder.connectTimeout(5_000).readTimeout(30_000).writeTimeout(30_000).build();
  }

  private static void end(Worker worker, Announcer announcer) {
    worker.close();
    announcer.close();
  }
}
