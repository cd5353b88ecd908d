package dev.palimpsest.console.compare;

import dev.palimpsest.console.compare.DefinitionLines.Line;
import dev.palimpsest.console.web.FlatInputs;
import dev.palimpsest.report.Table;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.RunJournal.StageEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Runs side by side.
 *
 * @param runs the first is what the others are compared with
 */
record Comparison(List<Compared> runs) {
  static final String INPUTS = "inputs";
  static final String STAGES = "stages";

  List<String> labels() {
    return runs.stream().map(Compared::label).toList();
  }

  /** What the runs were given that is not the same. */
  Sheet inputs() {
    List<SequencedMap<String, String>> flat = runs.stream().map(Comparison::given).toList();
    Table table = Inputs.differing(labels(), flat);
    return new Sheet(INPUTS, table, table.rows().isEmpty() ? "the same in all runs" : "");
  }

  private static SequencedMap<String, String> given(Compared run) {
    SequencedMap<String, String> flat = FlatInputs.of(run.run().inputs());
    flat.put("workflow", run.run().study());
    run.run().code().forEach((name, value) -> flat.put("submitted by: " + name, value));
    return flat;
  }

  /** Where the definition of each later run differs from the first one's, by its label. */
  SequencedMap<String, List<Line>> definitions() {
    var differences = new LinkedHashMap<String, List<Line>>();
    Compared first = runs.getFirst();
    for (Compared run : runs.subList(1, runs.size())) {
      List<Line> lines = DefinitionLines.between(first.run().definition(), run.run().definition());
      if (!lines.isEmpty()) {
        differences.put(run.label(), lines);
      }
    }
    return differences;
  }

  /** The tables that runs made, the last one first, as {@code task/output}. */
  List<String> tables() {
    return List.copyOf(Compared.outputs(runs, ArtifactType.TABLE.label())).reversed();
  }

  /** The curves that runs made, as {@code task/output}. */
  List<String> curves() {
    return List.copyOf(Compared.outputs(runs, ArtifactType.METRICS.label()));
  }

  List<Optional<Reference>> references(String output) {
    String[] path = output.split("/", 2);
    return runs.stream().map(run -> run.output(path[0], path[1])).toList();
  }

  /** Whether every run made the same bytes there. */
  boolean same(String output) {
    return references(output).stream().map(each -> each.map(Reference::sha256)).distinct().count()
        == 1;
  }

  /** How long each stage took, and whose outputs are those of the first run. */
  Sheet stages() {
    var tasks = new LinkedHashSet<String>();
    runs.forEach(run -> run.stages().forEach(stage -> tasks.add(stage.task())));
    var columns = new ArrayList<Table.Column>();
    columns.add(Table.Column.text("task"));
    columns.add(Table.Column.text("stage"));
    runs.forEach(run -> {
      columns.add(Table.Column.number(run.label(), "time", "s", 1));
      columns.add(new Table.Column(run.label(), "outputs", "", 0, Table.Align.LEFT));
    });
    var rows = new ArrayList<List<Table.Cell>>();
    for (String task : tasks) {
      var row = new ArrayList<Table.Cell>();
      row.add(Table.Cell.of(task));
      row.add(Table.Cell.of(stageName(task)));
      runs.forEach(run -> {
        row.add(time(run.stage(task)));
        row.add(Table.Cell.of(outputs(run, task)));
      });
      rows.add(row);
    }
    long same = tasks.stream().filter(this::sameOutputs).count();
    return new Sheet(
        STAGES,
        new Table("Stages", columns, rows, List.of()),
        same + " of " + tasks.size() + " with the same outputs");
  }

  private String stageName(String task) {
    return runs.stream()
        .flatMap(run -> run.stage(task).stream())
        .map(StageEntry::stage)
        .findFirst()
        .orElse("");
  }

  private static Table.Cell time(Optional<StageEntry> stage) {
    return stage
        .map(each -> each.cached() ? Table.Cell.of("cached") : Table.Cell.of(each.seconds()))
        .orElse(Table.Cell.none());
  }

  private String outputs(Compared run, String task) {
    if (run.stage(task).isEmpty()) {
      return run.unanswered(task);
    }
    if (run == runs.getFirst()) {
      return "";
    }
    return runs.getFirst()
        .stage(task)
        .map(first ->
            Compared.digests(first).equals(Compared.digests(run.stage(task).orElseThrow()))
                ? "same"
                : "other")
        .orElse("");
  }

  private boolean sameOutputs(String task) {
    return runs.stream().map(run -> run.stage(task).map(Compared::digests)).distinct().count() == 1;
  }
}
