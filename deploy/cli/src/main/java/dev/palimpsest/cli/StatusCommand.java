package dev.palimpsest.cli;

import dev.palimpsest.local.LocalServices;
import dev.palimpsest.report.Table;
import dev.palimpsest.report.TextTable;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.RunView.StageState;
import dev.palimpsest.workflows.RunView.StageView;
import dev.palimpsest.workflows.Runs;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
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
  private static final int NEWEST = 10;

  private final Session session;

  @Parameters(arity = "0..1", paramLabel = "RUN", description = "The run's id.")
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
      Runs runs = backend.runs(Catalogue.load());
      Terminal terminal = session.terminal().get();
      if (run.isPresent()) {
        one(runs.view(run.get()), terminal);
      } else {
        session.out().println("Conductor  " + backend.connected().url());
        session.out().println("Store      " + backend.store().where());
        session.out().println();
        all(runs.newest(NEWEST), terminal);
      }
      return 0;
    }
  }

  private void all(List<RunView> newest, Terminal terminal) {
    if (newest.isEmpty()) {
      session.out().println("No runs yet.");
      return;
    }
    var columns =
        List.of(
            Table.Column.text("run"),
            Table.Column.text("workflow"),
            Table.Column.text("state"),
            new Table.Column("", "stages", "", 0, Table.Align.RIGHT));
    List<List<Table.Cell>> rows = newest.stream().map(StatusCommand::row).toList();
    Table table = new Table("", columns, rows, List.of());
    session.out().print(TextTable.render(table, terminal.columns()));
  }

  private static List<Table.Cell> row(RunView view) {
    long ended =
        view.stages().stream()
            .filter(s -> s.state() == StageState.DONE || s.state() == StageState.CACHED)
            .count();
    return List.of(
        Table.Cell.of(view.run()),
        Table.Cell.of(view.study()),
        Table.Cell.of(view.state().name().toLowerCase(Locale.ROOT)),
        Table.Cell.of(ended + "/" + view.stages().size()));
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
