package dev.palimpsest.cli;

import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.RunList;
import java.time.Clock;
import java.time.ZoneId;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists runs. */
@Command(
    name = "runs",
    description = {
      "Lists runs, newest first; also where no services run.",
      "'took' is from submission to end; 'cached' how many stages were answered by an earlier"
          + " computation, of those answered."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  palimpsest runs",
      "  palimpsest runs --study sbl-quickstart --failed",
      "  palimpsest runs -n 1000 --json",
      "",
      "Wherever a command takes a RUN, the first four characters of its id or more do, if no other",
      "run's id begins so, and 'latest'."
    })
final class RunsCommand implements Callable<Integer> {
  private final Session session;

  @Option(
      names = "--study",
      paramLabel = "NAME",
      description = "Only runs of this study or workflow.")
  private Optional<String> study = Optional.empty();

  @Option(
      names = "--state",
      split = ",",
      paramLabel = "STATE",
      description = "Only runs in this state: ${COMPLETION-CANDIDATES}; repeatable.")
  private Set<RunList.State> states = new LinkedHashSet<>();

  @Option(names = "--failed", description = "Short for --state failed.")
  private boolean failed;

  @Option(
      names = "-n",
      paramLabel = "N",
      defaultValue = "20",
      description = "At most so many (default: ${DEFAULT-VALUE}).")
  private int most;

  @Option(names = "--json", description = "As JSON, with whole ids.")
  private boolean json;

  @Mixin private Servers servers = new Servers();

  RunsCommand(Session session) {
    this.session = session;
  }

  /** A run as JSON shows it. */
  private record Told(
      String run,
      String study,
      String workflow,
      String seed,
      String state,
      String submitted,
      Optional<String> ended,
      double seconds,
      int stages,
      int cached) {}

  @Override
  public Integer call() {
    if (most < 1) {
      throw new Mistake("-n is " + most + "; expected 1 or more.");
    }
    if (failed) {
      states.add(RunList.State.FAILED);
    }
    try (Backend backend = session.backends().store(servers, false)) {
      RunJournal journal = backend.journal();
      var list = new RunList(journal, backend.conductor(), Clock.systemUTC());
      List<RunList.Line> lines = list.newest(most, this::wanted, this::inState);
      if (json) {
        session.out().print(Json.pretty(lines.stream().map(RunsCommand::told).toList()));
      } else if (lines.isEmpty()) {
        session.out().println(filtered() ? "No such runs." : "No runs yet.");
      } else {
        var table = new RunsTable(journal.runs(), Clock.systemUTC(), ZoneId.systemDefault());
        session.out().print(table.render(lines, session.terminal().get().columns()));
      }
      tellOfUnknown(lines, list);
      return 0;
    }
  }

  private boolean wanted(RunJournal.Summary summary) {
    return study
        .filter(name -> !name.equals(summary.title()) && !name.equals(summary.workflow()))
        .isEmpty();
  }

  private boolean inState(RunList.Line line) {
    return states.isEmpty() || states.contains(line.state());
  }

  private boolean filtered() {
    return study.isPresent() || !states.isEmpty();
  }

  private void tellOfUnknown(List<RunList.Line> lines, RunList list) {
    list.outOfReach().ifPresent(failure -> session.err().println(failure.getMessage()));
    if (lines.stream().anyMatch(line -> line.state() == RunList.State.UNKNOWN)) {
      session
          .err()
          .println("unknown: nobody saw these runs end, and no Conductor server can be asked.");
    }
  }

  private static Told told(RunList.Line line) {
    var summary = line.summary();
    return new Told(
        summary.run(),
        summary.title(),
        summary.workflow(),
        summary.seed(),
        RunsTable.state(line.state()),
        summary.submitted(),
        summary.end().map(RunJournal.End::ended),
        line.seconds(),
        line.stages(),
        line.cached());
  }
}
