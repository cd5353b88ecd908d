package dev.palimpsest.cli;

import dev.palimpsest.base.Json;
import dev.palimpsest.report.Table;
import dev.palimpsest.report.TextTable;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.workflows.why.Reason;
import dev.palimpsest.workflows.why.Why;
import dev.palimpsest.workflows.why.WhyWords;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says why stages were computed. */
@Command(
    name = "why",
    description = {
      "Says why a stage of a run was computed: which part of its key differs from the nearest"
          + " earlier one, down to the parameter, the input or the class.",
      "Without STAGE, a line for each stage of the run."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {"", "Examples:", "  palimpsest why latest", "  palimpsest why 0f1c5a2e task1"})
final class WhyCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(index = "0", paramLabel = "RUN", description = Words.RUN)
  private String run = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "STAGE",
      description = "The stage's task in the run, as 'palimpsest status RUN' shows it.")
  private Optional<String> task = Optional.empty();

  @Option(names = "--json", description = "As JSON, with whole ids and digests.")
  private boolean json;

  @Mixin private Servers servers = new Servers();

  WhyCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Backend backend = session.backends().store(servers, false)) {
      String id = backend.journal().find(run);
      var why =
          new Why(backend.journal(), new StoredLedger(backend.store(), backend.artifacts()), id);
      if (task.isPresent()) {
        Reason reason = why.task(task.get());
        if (json) {
          session.out().print(Json.pretty(reason));
        } else {
          int width = session.terminal().get().columns();
          new WhyWords(id, width).told(reason).forEach(session.out()::println);
        }
      } else if (json) {
        session.out().print(Json.pretty(why.all()));
      } else {
        table(id, why.all());
      }
      return 0;
    }
  }

  private void table(String id, List<Reason> reasons) {
    var columns =
        List.of(
            Table.Column.text("task"),
            Table.Column.text("stage"),
            Table.Column.text("answer"),
            Table.Column.text("why"));
    List<List<Table.Cell>> rows =
        reasons.stream()
            .map(reason ->
                List.of(
                    Table.Cell.of(reason.task()),
                    Table.Cell.of(reason.stage()),
                    Table.Cell.of(WhyWords.answer(reason)),
                    Table.Cell.of(WhyWords.brief(id, reason))))
            .toList();
    int width = session.terminal().get().columns();
    session.out().print(TextTable.render(new Table("", columns, rows, List.of()), width));
    reasons.stream()
        .filter(reason -> reason.cause() == Reason.Cause.CHANGED)
        .findFirst()
        .ifPresent(reason ->
            session
                .out()
                .println(
                    "'palimpsest why "
                        + WhyWords.brief(id)
                        + " "
                        + reason.task()
                        + "' tells all about one."));
  }
}
