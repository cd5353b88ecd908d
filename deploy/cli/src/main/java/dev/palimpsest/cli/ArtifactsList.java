package dev.palimpsest.cli;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.report.Table;
import dev.palimpsest.report.TextTable;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.ArtifactType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists what runs made. */
@Command(
    name = "ls",
    description = {
      "Lists the artifacts of a run, or those of one type over the newest runs.",
      "⚠ marks what stems from poisoned data: such a checkpoint may hold a backdoor. Below the"
          + " table is why."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  palimpsest artifacts ls RUN",
      "  palimpsest artifacts ls --type checkpoint"
    })
final class ArtifactsList implements Callable<Integer> {
  private static final int DIGITS = 8;

  private final Session session;

  @Parameters(arity = "0..1", paramLabel = "RUN", description = Words.RUN)
  private Optional<String> run = Optional.empty();

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description =
          "Only this type: dataset, poison-plan, checkpoint, memory, metrics, result, figure or table.")
  private Optional<String> type = Optional.empty();

  @Mixin private Servers servers = new Servers();

  ArtifactsList(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if (run.isEmpty() && type.isEmpty()) {
      throw new Mistake("Neither a run nor --type is given; expected one of them, or both.");
    }
    type.ifPresent(ArtifactsList::known);
    try (Backend backend = session.backends().store(servers, false)) {
      var outputs = new Outputs(backend);
      List<String> runs = run.map(backend.journal()::find).map(List::of).orElseGet(outputs::newest);
      List<Outputs.Output> found =
          runs.stream()
              .flatMap(each -> outputs.of(each).stream())
              .filter(
                  output -> type.filter(t -> !t.equals(output.reference().artifact())).isEmpty())
              .toList();
      show(found);
      return 0;
    }
  }

  private void show(List<Outputs.Output> found) {
    if (found.isEmpty()) {
      session.out().println("No artifacts yet.");
      return;
    }
    var columns = new ArrayList<Table.Column>();
    if (run.isEmpty()) {
      columns.add(Table.Column.text("run"));
    }
    columns.add(Table.Column.text("task"));
    columns.add(Table.Column.text("output"));
    columns.add(Table.Column.text("type"));
    columns.add(new Table.Column("", "size", "", 0, Table.Align.RIGHT));
    columns.add(Table.Column.text("digest"));
    columns.add(Table.Column.text(""));
    var rows = new ArrayList<List<Table.Cell>>();
    var marks = new LinkedHashMap<String, String>();
    Set<Object> seen = new HashSet<>();
    for (Outputs.Output output : found) {
      // Cached stages give many runs the same artifact.
      if (run.isPresent() || seen.add(output.reference())) {
        rows.add(row(output, marks));
      }
    }
    // A pipe has no width: there each artifact keeps its line.
    Terminal terminal = session.terminal().get();
    int width = terminal.live() ? terminal.columns() : 400;
    session.out().print(TextTable.render(new Table("", columns, rows, notes(marks)), width));
  }

  /** Why something is tainted is told once, below the table. */
  private static List<String> notes(Map<String, String> marks) {
    var notes = new ArrayList<String>();
    marks.forEach((taint, mark) -> notes.add(mark + " " + taint));
    return notes;
  }

  private static String mark(Reference reference, Map<String, String> marks) {
    return reference.tainted()
        ? marks.computeIfAbsent(
            String.join("; ", reference.taint()), taint -> "⚠" + (marks.size() + 1))
        : "";
  }

  private List<Table.Cell> row(Outputs.Output output, Map<String, String> marks) {
    Stream<String> first = run.isEmpty() ? Stream.of(RunsTable.start(output.run())) : Stream.of();
    Stream<String> rest =
        Stream.of(
            output.task(),
            output.name(),
            output.reference().artifact(),
            Words.size(output.reference().bytes()),
            output.reference().sha256().hex().substring(0, DIGITS),
            mark(output.reference(), marks));
    return Stream.concat(first, rest).map(Table.Cell::of).toList();
  }

  private static void known(String type) {
    List<String> types = Stream.of(ArtifactType.values()).map(ArtifactType::label).toList();
    if (!types.contains(type)) {
      throw new Mistake("--type: " + Names.unknown("type", type, types));
    }
  }
}
