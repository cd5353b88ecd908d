package dev.palimpsest.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.local.LocalServices;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.DefinitionCheck;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.Runs;
import dev.palimpsest.workflows.Study;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs a study and shows what came out. */
@Command(
    name = "run",
    description = {
      "Runs a study: checks it, starts what it needs, shows how it gets on, prints the result.",
      "What was computed before is not computed again."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  palimpsest run examples/sbl-quickstart",
      "  palimpsest run examples/sbl-quickstart --set seed=7",
      "  palimpsest run examples/sbl-quickstart --set defences.ft.lr=0.02",
      "  palimpsest run my-study --conductor https://conductor.lab --s3 https://s3.lab",
      "",
      "Exit code: 0 done, 1 failed, 2 a mistake in what was given, 130 cancelled by Ctrl-C."
    })
final class RunCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(
      paramLabel = "STUDY",
      description = "The study's folder, which holds study.json, or such a file.")
  private Path study = Path.of("");

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description =
          "Change an input of the workflow, such as seed=7 or defences.ft.lr=0.02; repeatable.")
  private List<String> settings = new ArrayList<>();

  @Mixin private Servers servers = new Servers();

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "How many workers local mode starts (default: one for each core).")
  private Optional<Integer> workers = Optional.empty();

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description = "Where the report goes (default: palimpsest-runs/<run id>).")
  private Optional<Path> report = Optional.empty();

  @Option(names = "--no-progress", description = "Do not show how far running stages are.")
  private boolean noProgress;

  RunCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    report.ifPresent(this::free);
    Study read = Study.read(session.folder().resolve(study));
    Definition definition = read.definition();
    Catalogue catalogue = Catalogue.load();
    boolean elsewhere = servers.elsewhere();
    int count = workers();
    // Looked for beside reading the data: a run that is all cached is over at once.
    var found = CompletableFuture.supplyAsync(() -> session.backends().found(servers));
    var code = CompletableFuture.supplyAsync(Launch::code);
    try (DataImport data = data(read, catalogue)) {
      ObjectNode inputs =
          RunInputs.imported(
              RunInputs.of(read, definition, data.json(), settings),
              () -> session.backends().store(servers, false));
      Set<Numerics> asked = new DefinitionCheck(catalogue).check(definition, inputs);
      if (!elsewhere) {
        RunInputs.computedLocally(asked);
      }
      Terminal terminal = session.terminal().get();
      Instant since = Instant.now();
      try (Screen screen = screen(terminal)) {
        var words = new ServiceWords(new Announced(screen, count, ServerBackends::firstTime));
        var wanted = new Backends.Wanted(count, 0, 0);
        try (Backend backend =
            joined(found).orElseGet(() -> session.backends().started(servers, wanted, words))) {
          data.upload(backend.artifacts());
          // Where Ctrl-C ends the process from here on, nothing else does.
          data.close();
          tellOfWorkers(backend, screen);
          if (elsewhere) {
            OtherBuilds.of(backend.store(), catalogue).forEach(screen::say);
          }
          Runs runs = backend.runs(catalogue);
          String run =
              runs.start(Optional.of(read.content().study()), definition, inputs, joined(code));
          screen.say("Run " + run + " of study '" + read.content().study() + "'");
          var others = new OtherRuns(backend, runs, since);
          int exit;
          try (var watched = new Watched(run, catalogue, backend, () -> again(backend))) {
            exit = watch(read, definition, watched, run, others, screen, terminal);
          }
          others.await(run, screen);
          words.quieten();
          return exit;
        }
      }
    }
  }

  /** Follows a run to its end, and tells what came out; its exit code. */
  private int watch(
      Study study,
      Definition definition,
      Watched watched,
      String run,
      OtherRuns others,
      Screen screen,
      Terminal terminal) {
    long began = System.nanoTime();
    Follow follow = follow(watched, definition, screen);
    Runnable cancel =
        () -> {
          follow.stop();
          watched.runs().cancel(run);
        };
    RunView end;
    try (var armed =
        Cancellation.armed(
            cancel, () -> others.using(run), watched.backend(), servers.home(), screen)) {
      end = follow.untilEnded();
    }
    screen.close();
    return tell(
        study, definition, watched.backend(), end, (System.nanoTime() - began) / 1e9, terminal);
  }

  /** The local services that run now, unless this command started its own. */
  private Optional<Backend> again(Backend backend) {
    return servers.elsewhere() || backend.own().isPresent()
        ? Optional.empty()
        : session.backends().found(servers);
  }

  private int workers() {
    int count = workers.orElseGet(() -> Runtime.getRuntime().availableProcessors());
    if (count < 1) {
      throw new Mistake("--workers is " + count + "; expected 1 or more.");
    }
    return count;
  }

  private void tellOfWorkers(Backend backend, Screen screen) {
    if (workers.isEmpty() || backend.own().isPresent()) {
      return;
    }
    String whose =
        servers.elsewhere()
            ? "servers elsewhere"
            : LocalServices.find(servers.home())
                .map(running -> "the services of process " + running.pid())
                .orElse("services that run");
    screen.say("Uses " + whose + "; --workers has no effect.");
  }

  private static <T> T joined(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private Follow follow(Watched watched, Definition definition, Screen screen) {
    var questions =
        new StallWatch.Questions() {
          @Override
          public Optional<Long> lastPoll(String stage) {
            return watched.backend().connected().lastPoll(stage);
          }

          @Override
          public List<String> unserved() {
            return watched.runs().unserved(definition);
          }
        };
    String restart =
        servers.elsewhere() || watched.backend().own().isPresent()
            ? ""
            : " If the local services have ended, 'palimpsest up' starts them again.";
    return new Follow(
        watched::view,
        new StallWatch(questions, () -> worker(watched.backend())),
        restart,
        screen,
        Clock.systemUTC());
  }

  /** The command that starts a worker for these servers. */
  private String worker(Backend backend) {
    // A store tells its bucket behind its endpoint.
    String where = backend.store().where();
    String s3 = servers.s3().orElseGet(() -> where.substring(0, where.lastIndexOf('/')));
    return "palimpsest worker --conductor "
        + backend.connected().url()
        + " --s3 "
        + s3
        + (servers.elsewhere()
            ? " --bucket " + servers.bucket()
            : " (its keys are in " + servers.home().resolve("credentials.json") + ")");
  }

  private int tell(
      Study study,
      Definition definition,
      Backend backend,
      RunView end,
      double seconds,
      Terminal terminal) {
    if (end.state() != RunView.State.COMPLETED) {
      session.err().println("palimpsest: " + ended(end));
      return Main.FAILED;
    }
    RunJournal journal = backend.journal();
    Results results = Results.of(definition, end, backend.artifacts());
    Path folder =
        session.folder().resolve(report.orElse(Path.of("palimpsest-runs").resolve(end.run())));
    new Report(
            study.content().study(),
            study.content().about(),
            journal.run(end.run()).orElseThrow(),
            journal.stages(end.run()),
            end,
            results)
        .write(folder);
    new Summary(session.out(), terminal).print(end, results, seconds, folder);
    return 0;
  }

  private static String ended(RunView end) {
    if (end.state() == RunView.State.CANCELLED) {
      return "Run " + end.run() + " was cancelled; the same command continues where it stopped.";
    }
    String where =
        end.stages().stream()
            .filter(stage -> stage.state() == RunView.StageState.FAILED)
            .findFirst()
            .map(stage -> " at task '" + stage.task() + "'")
            .orElse("");
    return "Run "
        + end.run()
        + " failed"
        + where
        + ": "
        + end.error().orElse("Conductor gives no reason.")
        + " ('palimpsest logs "
        + end.run()
        + "' shows its log.)";
  }

  private DataImport data(Study read, Catalogue catalogue) {
    return read.content()
        .data()
        .map(folder -> DataImport.of(read.folder().resolve(folder), catalogue))
        .orElseGet(DataImport::none);
  }

  private Screen screen(Terminal terminal) {
    return terminal.live() && !noProgress
        ? new LiveScreen(session.out(), session.terminal(), System::nanoTime)
        : new PlainScreen(session.out(), System::nanoTime, !noProgress);
  }

  /** A folder that holds something is not written over. */
  private void free(Path folder) {
    Path path = session.folder().resolve(folder);
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> entries = Files.isDirectory(path) ? Files.list(path) : Stream.of(path)) {
      if (entries.findAny().isPresent()) {
        throw new Mistake("--report " + folder + " exists; expected a folder to be made.");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
