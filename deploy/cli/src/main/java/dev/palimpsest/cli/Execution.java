package dev.palimpsest.cli;

import dev.palimpsest.local.LocalServices;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.RunInputs;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.Runs;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** One run from its start to its end, on servers that run already or on new ones. */
final class Execution {
  private final Session session;
  private final RunOptions options;
  private final Servers servers;
  private final Catalogue catalogue;
  private final boolean elsewhere;
  private final int workers;
  private final CompletableFuture<Optional<Backend>> found;
  private final CompletableFuture<Map<String, String>> code;

  /** Checks the options, and looks for servers beside what the command does next. */
  Execution(Session session, RunOptions options, Catalogue catalogue) {
    this.session = session;
    this.options = options;
    this.servers = options.servers();
    this.catalogue = catalogue;
    this.elsewhere = servers.elsewhere();
    this.workers = options.workers();
    this.found = CompletableFuture.supplyAsync(() -> session.backends().found(servers));
    this.code = CompletableFuture.supplyAsync(Launch::code);
  }

  /** What is run. */
  interface Job {
    Definition definition();

    /**
     * Starts it.
     *
     * @param code what this build was made from, for the run's record
     * @return the run's id
     */
    String start(Backend backend, Runs runs, Map<String, String> code);

    /** What is said once it has started. */
    String begun(String run);

    /** Tells what came out of a run that was completed; returns the exit code. */
    int tell(Backend backend, RunView end, double seconds, Terminal terminal);
  }

  /**
   * Runs a job to its end.
   *
   * @param asked the numerics that its stages ask for
   * @return the exit code
   */
  int of(Job job, Set<Numerics> asked) {
    if (!elsewhere) {
      RunInputs.computedLocally(asked);
    }
    Terminal terminal = session.terminal().get();
    Instant since = Instant.now();
    try (Screen screen = screen(terminal)) {
      var words = new ServiceWords(new Announced(screen, workers, ServerBackends::firstTime));
      var wanted = new Backends.Wanted(workers, 0, 0);
      try (Backend backend =
          joined(found).orElseGet(() -> session.backends().started(servers, wanted, words))) {
        tellOfWorkers(backend, screen);
        if (elsewhere) {
          OtherBuilds.of(backend.store(), catalogue).forEach(screen::say);
        }
        Runs runs = backend.runs(catalogue);
        String run = job.start(backend, runs, joined(code));
        screen.say(job.begun(run));
        var others = new OtherRuns(backend, runs, since);
        int exit;
        try (var watched = new Watched(run, catalogue, backend, () -> again(backend))) {
          exit = watch(job, watched, run, others, screen, terminal);
        }
        others.await(run, screen);
        words.quieten();
        return exit;
      }
    }
  }

  /** Follows a run to its end, and tells what came out; its exit code. */
  private int watch(
      Job job, Watched watched, String run, OtherRuns others, Screen screen, Terminal terminal) {
    long began = System.nanoTime();
    Follow follow = follow(watched, job.definition(), screen);
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
    if (end.state() != RunView.State.COMPLETED) {
      session.err().println("palimpsest: " + ended(end));
      return Main.FAILED;
    }
    return job.tell(watched.backend(), end, (System.nanoTime() - began) / 1e9, terminal);
  }

  /** The local services that run now, unless this command started its own. */
  private Optional<Backend> again(Backend backend) {
    return elsewhere || backend.own().isPresent()
        ? Optional.empty()
        : session.backends().found(servers);
  }

  private void tellOfWorkers(Backend backend, Screen screen) {
    if (!options.asksForWorkers() || backend.own().isPresent()) {
      return;
    }
    String whose =
        elsewhere
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
        elsewhere || watched.backend().own().isPresent()
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
        + (elsewhere
            ? " --bucket " + servers.bucket()
            : " (its keys are in " + servers.home().resolve("credentials.json") + ")");
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

  private Screen screen(Terminal terminal) {
    return terminal.live() && options.progress()
        ? new LiveScreen(session.out(), session.terminal(), System::nanoTime)
        : new PlainScreen(session.out(), System::nanoTime, options.progress());
  }
}
