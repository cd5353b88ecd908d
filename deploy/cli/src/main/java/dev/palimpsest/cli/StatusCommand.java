package dev.palimpsest.cli;

import dev.palimpsest.local.LocalServices;
import dev.palimpsest.local.Running;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.Workers;
import dev.palimpsest.workflows.RunList;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.RunView.StageView;
import java.net.URI;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows the services and the newest runs, or one run. */
@Command(
    name = "status",
    description = "Shows the services and the newest runs, or the stages of one run.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {"", "Examples:", "  palimpsest status", "  palimpsest status RUN"})
final class StatusCommand implements Callable<Integer> {
  private static final int NEWEST = 5;

  private final Session session;

  @Parameters(arity = "0..1", paramLabel = "RUN", description = Words.RUN)
  private Optional<String> run = Optional.empty();

  @Mixin private Servers servers = new Servers();

  StatusCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if (run.isEmpty() && !servers.elsewhere() && LocalServices.find(servers.home()).isEmpty()) {
      session
          .out()
          .println("No local services run on " + servers.home() + "; 'palimpsest up' starts them.");
      return 0;
    }
    try (Backend backend = session.backends().running(servers)) {
      Terminal terminal = session.terminal().get();
      if (run.isPresent()) {
        String id = backend.journal().find(run.get());
        one(backend.runs(Catalogue.load()).view(id), terminal);
        verifications(backend.journal(), id);
      } else {
        console().ifPresent(url -> session.out().println("Console    " + url));
        session.out().println("Conductor  " + backend.connected().url());
        session.out().println("Store      " + backend.store().where());
        session.out().println("Workers    " + workers(backend));
        session.out().println();
        newest(backend, terminal);
      }
      return 0;
    }
  }

  private Optional<URI> console() {
    return servers.elsewhere()
        ? Optional.empty()
        : LocalServices.find(servers.home()).flatMap(Running::console);
  }

  private void newest(Backend backend, Terminal terminal) {
    RunJournal journal = backend.journal();
    Clock clock = Clock.systemUTC();
    List<RunList.Line> lines = new RunList(journal, backend.conductor(), clock).newest(NEWEST);
    if (lines.isEmpty()) {
      session.out().println("No runs yet.");
      return;
    }
    List<String> all = journal.runs();
    var table = new RunsTable(all, clock, ZoneId.systemDefault());
    session.out().print(table.render(lines, terminal.columns()));
    if (all.size() > NEWEST) {
      session.out().println("The newest of " + all.size() + " runs; 'palimpsest runs' lists more.");
    }
  }

  /** What the run verifies, and what its own verifications found. */
  private void verifications(RunJournal journal, String run) {
    journal
        .run(run)
        .flatMap(RunJournal.Run::verifies)
        .ifPresent(verified -> session.out().println("Verifies run " + verified));
    for (RunJournal.Verified each : journal.verified(run)) {
      session
          .out()
          .println(
              each.task().map(task -> "Task '" + task + "' verified").orElse("Verified")
                  + " by run "
                  + each.run()
                  + ": "
                  + (each.differing().isEmpty()
                      ? "the same"
                      : "other outputs of " + String.join(", ", each.differing())));
    }
  }

  private static String workers(Backend backend) {
    var workers = new Workers(backend.store(), Clock.systemUTC());
    String lanes = workers.lanes().stream().map(Lane::label).collect(Collectors.joining(" and "));
    return lanes.isEmpty()
        ? "none; 'palimpsest doctor' says more"
        : workers.living().size() + ", serving " + lanes;
  }

  private void one(RunView view, Terminal terminal) {
    session
        .out()
        .println(
            "Run "
                + view.run()
                + " of workflow '"
                + view.study()
                + "': "
                + view.state().name().toLowerCase(Locale.ROOT)
                + view.error().map(error -> ": " + error).orElse(""));
    var line = new StageLine(view.stages(), terminal.columns(), terminal.colour());
    for (StageView stage : view.stages()) {
      session.out().println(line.of(stage, OptionalDouble.empty()));
    }
  }
}
