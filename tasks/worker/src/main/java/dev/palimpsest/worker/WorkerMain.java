package dev.palimpsest.worker;

import com.netflix.conductor.client.http.ConductorClient;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
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
import org.slf4j.Logger;
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
  private static final Logger LOG = LoggerFactory.getLogger(WorkerMain.class);

  /** How long a former process of this worker may take to end. */
  private static final Duration PREDECESSOR = Duration.ofSeconds(15);

  /** The exit code of a worker whose stage is stuck. */
  private static final int STUCK = 3;

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
          "This worker's name; no two workers may share one (default: one that its folder keeps).")
  private String id = "";

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description =
          "Where it keeps its cache and what it holds; a worker that is started again there goes on with it (default: ~/.palimpsest/workers/<id>, or the first of 1, 2, ... there that no worker uses).")
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
    try (WorkerHome home = home()) {
      return serve(home, id.isEmpty() ? home.id() : id, System.getenv());
    }
  }

  private WorkerHome home() {
    if (!state.isEmpty()) {
      return WorkerHome.at(Path.of(state), PREDECESSOR);
    }
    Path workers = Path.of(System.getProperty("user.home"), ".palimpsest", "workers");
    return id.isEmpty()
        ? WorkerHome.free(workers)
        : WorkerHome.at(workers.resolve(id), PREDECESSOR);
  }

  private int serve(WorkerHome home, String worker, Map<String, String> environment) {
    Set<Lane> served = new LinkedHashSet<>();
    for (String lane : lanes) {
      served.add(lane(lane));
    }
    S3Settings settings = settings(environment);
    Numerics numerics = numerics(environment);
    ConductorClient client = connect(environment);
    var stages = Stages.load();
    var source = new ConductorTasks(client, stages, worker);
    try (S3Store direct = Patience.of(Duration.ofMinutes(5)).get(() -> S3Store.connect(settings));
        var store = new PatientStore(direct)) {
      var artifacts = new StoredArtifacts(store, home.folder().resolve("cache"));
      Path scratch = home.scratch();
      Catalogue catalogue = Catalogue.load();
      var runner =
          new StageRunner(
              catalogue,
              stages,
              Methods.load(),
              artifacts,
              new StoredLedger(store, artifacts, scratch),
              numerics,
              device,
              scratch,
              worker);
      var answers =
          new Answers(
              source, new RunJournal(store), worker, Facts.of(device, numerics), Clock.systemUTC());
      var live = new RunJournal(direct);
      List<Slot> slots =
          served.stream()
              .map(lane ->
                  new Slot(
                      lane,
                      runner,
                      source,
                      live,
                      answers,
                      home.folder(),
                      System::nanoTime,
                      () -> Runtime.getRuntime().halt(STUCK)))
              .toList();
      try (var announcer =
              new Announcer(
                  new Workers(direct, Clock.systemUTC()),
                  Facts.announcement(worker, catalogue.digest(), served, numerics));
          var serving = new Worker(source, runner, answers, slots)) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(serving, announcer), "close"));
        source.register(served);
        announcer.begin();
        LOG.info("Worker {} serves {} on {} ({})", worker, lanes, device, numerics);
        serving.serve();
      }
    }
    return 0;
  }

  private Numerics numerics(Map<String, String> environment) {
    MachineNumerics machine =
        MachineNumerics.of(device, environment, Compute.engine(), MachineNumerics.cpuinfo());
    if (!machine.unpinned().isEmpty()) {
      LOG.warn(
          "This worker computes with {} and takes no task of a run that asks for AVX2 kernels: {}",
          machine.numerics(),
          String.join(", ", machine.unpinned()));
    }
    return machine.numerics();
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
