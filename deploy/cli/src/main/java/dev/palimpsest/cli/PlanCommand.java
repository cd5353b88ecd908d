package dev.palimpsest.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.report.Table;
import dev.palimpsest.report.TextTable;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.StageKeys;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.DefinitionCheck;
import dev.palimpsest.workflows.PastTimes;
import dev.palimpsest.workflows.Plan;
import dev.palimpsest.workflows.Plan.Planned;
import dev.palimpsest.workflows.Plan.State;
import dev.palimpsest.workflows.Planner;
import dev.palimpsest.workflows.RunInputs;
import dev.palimpsest.workflows.Study;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Foretells what a run would compute. */
@Command(
    name = "plan",
    description = {
      "Shows what a run of a study would do: which tasks are cached, which will run, which"
          + " depend on what others make, and how long each took last time.",
      "Nothing is started, and no data are uploaded."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  palimpsest plan examples/sbl-quickstart",
      "  palimpsest plan examples/sbl-quickstart --set defences.ft.lr=0.02 --parameters"
    })
final class PlanCommand implements Callable<Integer> {
  /** Of how many runs the times are looked at. */
  private static final int NEWEST = 20;

  private final Session session;

  @Mixin private StudyOptions study = new StudyOptions();

  @Mixin private Servers servers = new Servers();

  @Option(
      names = "--parameters",
      description = "Show the parameters that are not the stages' defaults.")
  private boolean parameters;

  @Option(names = "--json", description = "Print the plan as JSON.")
  private boolean json;

  PlanCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Study read = study.read(session);
    Definition definition = read.definition();
    Catalogue catalogue = Catalogue.load();
    boolean elsewhere = servers.elsewhere();
    try (DataImport data = DataImport.of(read, catalogue)) {
      RunInputs.Known known =
          ImportedInputs.of(
              RunInputs.of(read.content().inputs(), definition, data.json(), study.settings()),
              data.facts(),
              () -> session.backends().looked(servers));
      ObjectNode inputs = known.inputs();
      var asked = new DefinitionCheck(catalogue).check(definition, inputs, known.known());
      if (!elsewhere) {
        RunInputs.computedLocally(asked);
      }
      try (Backend backend = session.backends().looked(servers)) {
        show(plan(catalogue, backend, definition, inputs));
      }
    }
    return 0;
  }

  private static Plan plan(
      Catalogue catalogue, Backend backend, Definition definition, ObjectNode inputs) {
    List<String> runs = backend.journal().runs().stream().limit(NEWEST).toList();
    var times = new PastTimes(backend.journal(), backend.ledger(), runs);
    return new Planner(
            catalogue, new StageKeys(catalogue, backend.artifacts())::of, backend.ledger(), times)
        .of(definition, inputs);
  }

  private void show(Plan plan) {
    if (json) {
      session.out().print(Json.pretty(plan));
      return;
    }
    var columns = new ArrayList<Table.Column>();
    columns.add(Table.Column.text("task"));
    columns.add(Table.Column.text("stage"));
    columns.add(Table.Column.text("plan"));
    columns.add(new Table.Column("", "last time", "", 0, Table.Align.RIGHT));
    if (parameters) {
      columns.add(Table.Column.text("not the default"));
    }
    List<List<Table.Cell>> rows = plan.tasks().stream().map(this::row).toList();
    session
        .out()
        .print(
            TextTable.render(
                new Table("", columns, rows, List.of()), session.terminal().get().columns()));
    session.out().println(total(plan));
  }

  private List<Table.Cell> row(Planned task) {
    var cells = new ArrayList<String>();
    cells.add(task.task());
    cells.add(task.stage());
    cells.add(
        switch (task.state()) {
          case CACHED -> "cached";
          case RUNS -> "will run";
          case SHARED -> "the same as " + task.awaits().getFirst();
          case UNKNOWN -> "known after " + String.join(", ", task.awaits());
        });
    cells.add(task.seconds().isEmpty() ? "" : Words.duration(task.seconds().getAsDouble()));
    if (parameters) {
      cells.add(String.join(", ", task.settings()));
    }
    return cells.stream().map(Table.Cell::of).toList();
  }

  /** How much of it is known, and what it takes. */
  private static String total(Plan plan) {
    long unknown = plan.count(State.UNKNOWN);
    long runs = plan.count(State.RUNS);
    String counts =
        plan.count(State.CACHED)
            + " of "
            + Words.count(plan.tasks().size(), "task")
            + " cached, "
            + runs
            + " will run, "
            + unknown
            + " not yet known.";
    if (runs + unknown == 0) {
      return counts;
    }
    long timeless =
        plan.tasks().stream()
            .filter(task -> task.state() == State.RUNS || task.state() == State.UNKNOWN)
            .filter(task -> task.seconds().isEmpty())
            .count();
    if (timeless == runs + unknown) {
      return counts + "\nOf none of them is known how long it takes.";
    }
    double sure = plan.seconds(State.RUNS);
    return counts
        + "\nComputing took "
        + Words.duration(sure)
        + " last time"
        + (unknown == 0
            ? ""
            : ", " + Words.duration(sure + plan.seconds(State.UNKNOWN)) + " if all unknown run")
        + (timeless == 0 ? "." : "; of " + Words.count(timeless, "task") + " no time is known.");
  }
}
