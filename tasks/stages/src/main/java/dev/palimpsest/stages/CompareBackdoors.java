package dev.palimpsest.stages;

import com.google.auto.service.AutoService;
import dev.palimpsest.base.Json;
import dev.palimpsest.report.Table;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Puts several ways to train a backdoored network side by side, each over its seeds. */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class CompareBackdoors implements Stage<CompareBackdoors.Parameters> {
  /** What table and figure are called. */
  public record Parameters(@Param(help = "title of table and figure") String title) {}

  @Override
  public String name() {
    return "compare-backdoors";
  }

  @Override
  public String summary() {
    return "Ways to train a backdoored network side by side, before and after each defence.";
  }

  @Override
  public Lane lane() {
    return Lane.CPU;
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public List<Port> inputs() {
    return List.of(
        Port.many(
            "results", ArtifactType.RESULT, "results of summarise-backdoor, rows by their number"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("table", ArtifactType.TABLE, "accuracy and ASR of every way and defence"),
        Port.of("tableBySeed", ArtifactType.TABLE, "the ASR after each defence, seed by seed"),
        Port.of("result", ArtifactType.RESULT, "means and deviations over seeds"),
        Port.of("courses", ArtifactType.FIGURE, "accuracy and ASR over the defences' epochs"));
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    BackdoorComparison comparison =
        BackdoorComparison.of(
            Repeats.byNumber(context.many("results").keySet()).stream()
                .map(name -> result("results/" + name, context))
                .toList());
    String title = parameters.title();
    context.write("result", comparison);
    context.write("table", table(title, comparison));
    context.write("tableBySeed", seeds(title + ", seed by seed", comparison));
    context.writeFigure("courses", BackdoorFigures.courses(title, comparison, ""));
  }

  private static BackdoorResult result(String input, StageContext context) {
    return Json.read("input '" + input + "'", context.document(input), BackdoorResult.class);
  }

  private static Table table(String title, BackdoorComparison comparison) {
    var columns = new ArrayList<Table.Column>();
    columns.add(Table.Column.text("backdoor"));
    columns.add(Table.Column.number("before", "acc", "%", 1));
    columns.add(Table.Column.number("before", "ASR", "%", 1));
    for (String defence : comparison.defences()) {
      columns.add(Table.Column.number(defence, "acc", "%", 1));
      columns.add(Table.Column.number(defence, "ASR", "%", 1));
    }
    var rows = new ArrayList<List<Table.Cell>>();
    for (BackdoorComparison.Arm arm : comparison.arms()) {
      var cells = new ArrayList<Table.Cell>();
      cells.add(Table.Cell.of(arm.label()));
      cells.add(arm.cleanAccuracy().percent());
      cells.add(arm.asr().percent());
      for (BackdoorComparison.Defended defended : arm.defences()) {
        cells.add(defended.cleanAccuracy().percent());
        cells.add(defended.asr().percent());
      }
      rows.add(cells);
    }
    return new Table(title, columns, rows, notes(comparison));
  }

  private static List<String> notes(BackdoorComparison comparison) {
    var notes = new ArrayList<String>();
    notes.add(BackdoorComparison.measures(comparison.images()));
    notes.add(
        "Numbers: "
            + Repeats.spread(comparison.seeds())
            + "; the defence's last epoch, not its best.");
    notes.add(
        "Gradient evaluations (samples times backward passes) in training before any defence: "
            + comparison.arms().stream()
                .map(arm ->
                    String.format(Locale.ROOT, "%s %,.0f", arm.label(), arm.gradientEvaluations()))
                .collect(Collectors.joining("; "))
            + ".");
    notes.addAll(Repeats.notes("ways", comparison.labels(), comparison.seeds()));
    return notes;
  }

  private static Table seeds(String title, BackdoorComparison comparison) {
    var columns = new ArrayList<Table.Column>();
    columns.add(Table.Column.text("backdoor"));
    columns.add(Table.Column.number("", "seed", "", 0));
    for (String defence : comparison.defences()) {
      columns.add(Table.Column.number("ASR after", defence, "%", 1));
    }
    var rows = new ArrayList<List<Table.Cell>>();
    for (BackdoorComparison.Arm arm : comparison.arms()) {
      for (int i = 0; i < arm.seeds().size(); i++) {
        int at = i;
        var cells = new ArrayList<Table.Cell>();
        cells.add(Table.Cell.of(arm.label()));
        cells.add(Table.Cell.of(arm.seeds().get(i)));
        arm.defences().forEach(each -> cells.add(Table.Cell.of(100 * each.asrs().get(at))));
        rows.add(cells);
      }
    }
    return new Table(
        title, columns, rows, List.of(BackdoorComparison.measures(comparison.images())));
  }
}
