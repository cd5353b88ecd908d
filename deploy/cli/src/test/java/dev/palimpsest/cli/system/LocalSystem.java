package dev.palimpsest.cli.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.cli.FolderExamples;
import dev.palimpsest.console.Services;
import dev.palimpsest.local.Credentials;
import dev.palimpsest.local.JavaCommand;
import dev.palimpsest.local.Listener;
import dev.palimpsest.local.LocalServices;
import dev.palimpsest.local.Running;
import dev.palimpsest.methods.data.DataFolder;
import dev.palimpsest.methods.data.DataFormat;
import dev.palimpsest.methods.data.Imported;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.S3Settings;
import dev.palimpsest.storage.S3Store;
import dev.palimpsest.storage.StoredArtifacts;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.StageKeys;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensors;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.DefinitionCheck;
import dev.palimpsest.workflows.PastTimes;
import dev.palimpsest.workflows.Plan;
import dev.palimpsest.workflows.Planner;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.Runs;
import dev.palimpsest.workflows.Study;
import dev.palimpsest.workflows.client.Conductor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Local services on a folder of their own, of this process or another, and studies on them. */
final class LocalSystem implements AutoCloseable {
  private static final Path EXAMPLES = Path.of("../../examples");
  static final Path QUICKSTART = EXAMPLES.resolve("sbl-quickstart");

  /** The quickstart with fewer images and epochs; task 1 is long enough to be interrupted. */
  static final String[] SMALL = {
    "parts.mixed=0.3",
    "joint.epochs=2",
    "task1.epochs=10",
    "learner.samples=50",
    "task2.epochs=2",
    "defences.ft.epochs=2",
    "defences.ftSam.epochs=2"
  };

  /**
   * The longest that a run may stand still. Conductor may take three minutes to start (see {@code
   * ConductorServer}); after that an idle worker finds what was forgotten by looking twice, a
   * minute apart (see {@code Worker} and {@code Reminder}).
   */
  private static final Duration STANDSTILL = Duration.ofMinutes(5);

  /** A run whose tasks go back and forth for ever never stands still. */
  private static final Duration LONGEST = Duration.ofMinutes(20);

  private final Path home;
  private final Optional<LocalServices> services;
  private final S3Store store;
  private final Conductor conductor;
  private final Runs runs;

  private LocalSystem(
      Path home, Running running, Credentials credentials, Optional<LocalServices> services) {
    this.home = home;
    this.services = services;
    this.store =
        S3Store.connect(
            new S3Settings(
                running.s3().toString(),
                "us-east-1",
                running.bucket(),
                credentials.accessKey(),
                credentials.secretKey()));
    this.conductor = Conductor.at(running.conductor().toString(), "");
    this.runs = new Runs(conductor, store, Catalogue.load(), Clock.systemUTC());
  }

  static LocalSystem up(Path home, int workers) {
    var options =
        new LocalServices.Options(
            home,
            LocalServices.Options.defaultCache(),
            conductorJar(),
            JavaCommand.worker(classPath()),
            workers,
            Numerics.PINNED_CPU,
            0,
            0);
    LocalServices services = LocalServices.up(options, Listener.SILENT);
    return new LocalSystem(home, services.running(), services.credentials(), Optional.of(services));
  }

  /** The services that another process runs on the folder. */
  static LocalSystem of(Path home, Running running) {
    return new LocalSystem(home, running, Credentials.read(home), Optional.empty());
  }

  static Path conductorJar() {
    try {
      return Path.of(
          Files.readString(Path.of(System.getProperty("palimpsest.conductor.path"))).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The test runner hides the real class path in a property of its own. */
  static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  LocalServices services() {
    return services.orElseThrow();
  }

  Runs runs() {
    return runs;
  }

  Conductor conductor() {
    return conductor;
  }

  S3Store store() {
    return store;
  }

  /** The settings and one more. */
  static String[] with(String[] settings, String further) {
    String[] all = Arrays.copyOf(settings, settings.length + 1);
    all[settings.length] = further;
    return all;
  }

  /** What a console beside these services works with. */
  Services forConsole() {
    Catalogue catalogue = Catalogue.load();
    return new Services(
        conductor,
        store,
        artifacts(),
        catalogue,
        new FolderExamples(EXAMPLES, catalogue),
        Map.of("version", "test"),
        Clock.systemUTC(),
        false);
  }

  /** Starts the study in a folder with some of its settings changed. */
  String start(Path study, String... settings) {
    return runs.start(Study.read(study).definition(), inputs(study, settings), Map.of());
  }

  /** What {@link #start} would do. */
  Plan plan(Path study, String... settings) {
    Catalogue catalogue = Catalogue.load();
    return new Planner(
            catalogue,
            new StageKeys(catalogue, artifacts())::of,
            ledger(),
            new PastTimes(journal(), ledger(), List.of()))
        .of(Study.read(study).definition(), inputs(study, settings));
  }

  /** Starts a run again beside itself. */
  String verify(String run) {
    RunJournal.Run record = journal().run(run).orElseThrow();
    return runs.verify(run, Definition.of(record), (ObjectNode) record.inputs(), Map.of());
  }

  RunJournal journal() {
    return new RunJournal(store);
  }

  StoredArtifacts artifacts() {
    return new StoredArtifacts(store, home.resolve("cache"));
  }

  StoredLedger ledger() {
    return new StoredLedger(store, artifacts());
  }

  private ObjectNode inputs(Path study, String... settings) {
    Study read = Study.read(study);
    var definition = read.definition();
    ObjectNode given = read.content().inputs().deepCopy();
    read.content().data().ifPresent(data -> given.set("data", data(read.folder().resolve(data))));
    given.set("numerics", Json.tree(Numerics.PINNED_CPU));
    ObjectNode inputs = DefinitionCheck.inputs(definition, given);
    for (String setting : settings) {
      Study.set(inputs, setting);
    }
    return inputs;
  }

  /** Lets Conductor give a silent worker's task to another after so long, from now on. */
  void lease(Duration lease) {
    URI definitions = URI.create(conductor.url() + "/api/metadata/taskdefs");
    try (HttpClient http = HttpClient.newHttpClient()) {
      int stages = Catalogue.load().stages().size();
      JsonNode registered = Json.object();
      // The workers register them when they start.
      while (registered.size() < stages) {
        byte[] body =
            http.send(HttpRequest.newBuilder(definitions).build(), BodyHandlers.ofByteArray())
                .body();
        registered = Json.parse(definitions.toString(), body);
      }
      for (JsonNode definition : registered) {
        ((ObjectNode) definition).put("responseTimeoutSeconds", lease.toSeconds());
        HttpResponse<String> set =
            http.send(
                HttpRequest.newBuilder(definitions)
                    .header("Content-Type", "application/json")
                    .PUT(BodyPublishers.ofString(definition.toString()))
                    .build(),
                BodyHandlers.ofString());
        if (set.statusCode() != 200) {
          throw new AssertionError(set.body());
        }
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether a worker of these services has a task that it has not put away. */
  boolean holds(String worker) {
    try (Stream<Path> files = Files.list(home.resolve("workers").resolve(worker))) {
      return files.anyMatch(file -> file.getFileName().toString().startsWith("held-"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ObjectNode data(Path folder) {
    DataFolder opened = DataFolder.open(folder);
    Imported imported =
        DataFormat.detect(opened).read(opened, new Parameters(Methods.load()), Json.object());
    ObjectNode references = Json.object();
    imported
        .splits()
        .forEach((split, tensors) -> references.set(split, Json.tree(put("dataset", tensors))));
    return references;
  }

  /** Stores tensors as an artifact of this type. */
  Reference put(String type, Tensors tensors) {
    try {
      Path file = Files.createTempFile(home, "import", ".safetensors");
      Safetensors.write(file, tensors);
      Reference reference = artifacts().put(type, file, List.of());
      Files.delete(file);
      return reference;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Waits until the run is as wanted; fails when it ends before, or stands still for longer than it
   * may with every process killed.
   */
  RunView await(String run, Predicate<RunView> wanted) {
    long start = System.nanoTime();
    long changed = start;
    List<?> signs = List.of();
    while (true) {
      RunView view = view(run);
      if (wanted.test(view)) {
        return view;
      }
      long now = System.nanoTime();
      if (!signs(view).equals(signs)) {
        signs = signs(view);
        changed = now;
      }
      if (view.state().ended()
          || now - changed > STANDSTILL.toNanos()
          || now - start > LONGEST.toNanos()) {
        throw new AssertionError(
            Standstill.of(view, Duration.ofNanos(now - start), conductor.url(), store));
      }
      try {
        Thread.sleep(200);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** What changes while a run gets on, however slowly. */
  private static List<?> signs(RunView view) {
    return view.stages().stream()
        .map(stage -> List.of(stage.state(), stage.attempt(), stage.progress()))
        .toList();
  }

  /** Waits until the run has ended, however it did. */
  RunView awaitEnd(String run) {
    return await(run, view -> view.state().ended());
  }

  RunView view(String run) {
    while (true) {
      try {
        return runs.view(run);
      } catch (dev.palimpsest.base.Failure e) {
        if (!e.isPassing()) {
          throw e;
        }
      }
    }
  }

  /** The digests of everything a finished run made, by task and output. */
  Map<String, Digest> digests(String run) {
    RunView view = await(run, v -> v.state() == RunView.State.COMPLETED);
    var digests = new TreeMap<String, Digest>();
    for (RunView.StageView stage : view.stages()) {
      stage
          .outputs()
          .forEach((name, reference) -> digests.put(stage.task() + "/" + name, reference.sha256()));
    }
    return digests;
  }

  @Override
  public void close() {
    conductor.close();
    store.close();
    services.ifPresent(LocalServices::close);
  }
}
