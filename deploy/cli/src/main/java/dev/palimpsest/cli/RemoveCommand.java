package dev.palimpsest.cli;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.workflows.Removal;
import dev.palimpsest.workflows.RunList;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
      "What they made stays, as the cache for other runs, until 'palimpsest gc'.",
      "Runs that are pinned stay: 'palimpsest note RUN --unpin' lets them go."
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
      // What local mode's Conductor knows of a run does no harm.
      var removal =
          new Removal(backend.store(), backend.conductor(), servers.elsewhere(), Clock.systemUTC());
      List<RunList.Line> lines =
          chosen ? removal.before(Instant.now().minus(age), failed) : removal.named(runs);
      if (lines.isEmpty()) {
        session.out().println("No such runs.");
        return 0;
      }
      var table =
          new RunsTable(backend.journal().runs(), Clock.systemUTC(), ZoneId.systemDefault());
      session.out().print(table.render(lines, session.terminal().get().columns()));
      if (!consent.given(session, "Remove " + Words.count(lines.size(), "run") + "?")) {
        session.out().println("Nothing is removed.");
        return 0;
      }
      lines.forEach(removal::remove);
      session
          .out()
          .println(
              "Removed "
                  + Words.count(lines.size(), "run")
                  + "; 'palimpsest gc' removes what nothing refers to any more.");
      return 0;
    }
  }
}
