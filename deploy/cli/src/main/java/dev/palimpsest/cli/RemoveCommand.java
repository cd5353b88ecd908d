package dev.palimpsest.cli;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.RunList;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Removes runs. */
@Command(
    name = "rm",
    description = {
      "Removes runs that have ended: what the store keeps of them, and on a cluster what",
      "Conductor does.",
      "What they made stays, as the cache for other runs, until 'palimpsest gc'."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  palimpsest rm 0f1c5a2e",
      "  palimpsest rm --failed --older-than 30d",
    })
final class RemoveCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(arity = "0..*", paramLabel = "RUN", description = Words.RUN)
  private List<String> runs = new ArrayList<>();

  @Option(
      names = "--older-than",
      paramLabel = "TIME",
      description = "All that were submitted longer ago: 30d, 12h, 45m.")
  private Optional<String> olderThan = Optional.empty();

  @Option(names = "--failed", description = "All that have failed.")
  private boolean failed;

  @Mixin private Consent consent = new Consent();

  @Mixin private Servers servers = new Servers();

  RemoveCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    boolean chosen = olderThan.isPresent() || failed;
    if (runs.isEmpty() == !chosen) {
      throw new Mistake(
          chosen
              ? "Runs are given beside --older-than or --failed; expected one or the other."
              : "No run is given; expected runs, --older-than or --failed.");
    }
    Duration age = olderThan.map(time -> Words.time("--older-than", time)).orElse(Duration.ZERO);
    try (Backend backend = session.backends().store(servers, false)) {
      RunJournal journal = backend.journal();
      var list = new RunList(journal, backend.conductor(), Clock.systemUTC());
      List<RunList.Line> lines = chosen ? old(list, age) : named(journal, list);
      if (lines.isEmpty()) {
        session.out().println("No such runs.");
        return 0;
      }
      var table = new RunsTable(journal.runs(), Clock.systemUTC(), ZoneId.systemDefault());
      session.out().print(table.render(lines, session.terminal().get().columns()));
      if (!consent.given(session, "Remove " + Words.count(lines.size(), "run") + "?")) {
        session.out().println("Nothing is removed.");
        return 0;
      }
      for (RunList.Line line : lines) {
        String run = line.summary().run();
        // On SQLite, removing locks the database against itself: Conductor answers nobody for 15 s.
        if (servers.elsewhere()) {
          backend.conductor().ifPresent(conductor -> conductor.remove(run));
        }
        journal.remove(run);
      }
      session
          .out()
          .println(
              "Removed "
                  + Words.count(lines.size(), "run")
                  + "; 'palimpsest gc' removes what nothing refers to any more.");
      return 0;
    }
  }

  /** Those that were named; {@link Mistake} for one that may go on. */
  private List<RunList.Line> named(RunJournal journal, RunList list) {
    Set<String> ids = new LinkedHashSet<>();
    runs.forEach(run -> ids.add(journal.find(run)));
    List<RunList.Line> lines =
        ids.stream().flatMap(id -> journal.summary(id).stream()).map(list::line).toList();
    for (RunList.Line line : lines) {
      if (!ended(line)) {
        throw new Mistake(
            "Run "
                + line.summary().run()
                + (line.state() == RunList.State.RUNNING
                    ? " goes on; cancel it first: 'palimpsest cancel "
                    : " may go on once Conductor runs; start the services with 'palimpsest up', or"
                        + " name Conductor with --conductor, and cancel it: 'palimpsest cancel ")
                + line.summary().run().split("-", 2)[0]
                + "'.");
      }
    }
    return lines;
  }

  /** Those that fit the options and have ended. */
  private List<RunList.Line> old(RunList list, Duration age) {
    Instant limit = Instant.now().minus(age);
    return list.newest(
        Integer.MAX_VALUE,
        summary -> Instant.parse(summary.submitted()).isBefore(limit),
        line -> failed ? line.state() == RunList.State.FAILED : ended(line));
  }

  private static boolean ended(RunList.Line line) {
    return line.state() != RunList.State.RUNNING && line.state() != RunList.State.UNKNOWN;
  }
}
