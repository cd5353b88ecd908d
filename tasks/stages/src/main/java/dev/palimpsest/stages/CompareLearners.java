package dev.palimpsest.stages;

import com.google.auto.service.AutoService;
import dev.palimpsest.base.Json;
import dev.palimpsest.report.Axis;
import dev.palimpsest.report.ChartGrid;
import dev.palimpsest.report.HeatMap;
import dev.palimpsest.report.LineChart;
import dev.palimpsest.report.Series;
import dev.palimpsest.report.Table;
import dev.palimpsest.report.Theme;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Puts the results of several learners and seeds side by side. */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class CompareLearners implements Stage<CompareLearners.Parameters> {
  /** What table and figures are called. */
  public record Parameters(@Param(help = "title of table and figures") String title) {}

  @Override
  public String name() {
    return "compare-learners";
  }

  @Override
  public String summary() {
    return "Learners of one stream of tasks side by side, each over its seeds.";
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
            "results", ArtifactType.RESULT, "results of summarise-stream, rows by their number"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("table", ArtifactType.TABLE, "accuracy, forgetting and memory of every learner"),
        Port.of("result", ArtifactType.RESULT, "means and deviations over seeds"),
        Port.of("curves", ArtifactType.FIGURE, "average accuracy after each task"),
        Port.of("recall", ArtifactType.FIGURE, "accuracy by the number of tasks learned since"),
        Port.of("matrix", ArtifactType.FIGURE, "the mean accuracy matrices as heat maps"));
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    Comparison comparison =
        Comparison.of(
            Repeats.byNumber(context.many("results").keySet()).stream()
                .map(name -> result("results/" + name, context))
                .toList());
    String title = parameters.title();
    context.write("result", comparison);
    context.write("table", table(title, comparison));
    context.writeFigure("curves", curves(title, comparison));
    context.writeFigure("recall", recall(title, comparison));
    context.writeFigure("matrix", matrices(title, comparison));
  }

  private static StreamResult result(String input, StageContext context) {
    return Json.read("input '" + input + "'", context.document(input), StreamResult.class);
  }

  private static Table table(String title, Comparison comparison) {
    ByteUnit unit =
        ByteUnit.of(comparison.learners().stream().mapToDouble(each -> each.keptBytes().mean()));
    var rows = new ArrayList<List<Table.Cell>>();
    for (Comparison.Learned learned : comparison.learners()) {
      rows.add(
          List.of(
              Table.Cell.of(learned.label()),
              percent(Optional.of(learned.classIncremental().average())),
              percent(learned.classIncremental().forgetting()),
              percent(Optional.of(learned.taskIncremental().average())),
              percent(learned.taskIncremental().forgetting()),
              percent(learned.taskIncremental().backwardTransfer()),
              unit.cell(learned.keptBytes().mean()),
              Table.Cell.of(learned.seeds().size())));
    }
    return new Table(
        title,
        List.of(
            Table.Column.text("learner"),
            Table.Column.number("class-incremental", "accuracy", "%", 1),
            Table.Column.number("class-incremental", "forgetting", "", 1),
            Table.Column.number("task-incremental", "accuracy", "%", 1),
            Table.Column.number("task-incremental", "forgetting", "", 1),
            Table.Column.number("task-incremental", "backward", "", 1),
            unit.column("", "kept"),
            Table.Column.number("", "seeds", "", 0)),
        rows,
        notes(comparison));
  }

  private static Table.Cell percent(Optional<Mean> fraction) {
    return fraction.map(Mean::percent).orElse(Table.Cell.none());
  }

  private static List<String> notes(Comparison comparison) {
    var notes = new ArrayList<String>();
    notes.add(
        "Accuracy: mean over "
            + (comparison.tasks() == 1 ? "task 1" : "tasks 1 to " + comparison.tasks())
            + " after the last of them; forgetting and backward transfer in percentage points; "
            + spread(comparison)
            + ".");
    notes.add("Kept: what a learner stores beside the network after the last task.");
    notes.addAll(
        Repeats.notes(
            "learners",
            comparison.learners().stream().map(Comparison.Learned::label).toList(),
            seeds(comparison)));
    return notes;
  }

  private static String spread(Comparison comparison) {
    return Repeats.spread(seeds(comparison));
  }

  private static List<List<Long>> seeds(Comparison comparison) {
    return comparison.learners().stream().map(Comparison.Learned::seeds).toList();
  }

  private static String curves(String title, Comparison comparison) {
    return StreamFigures.svg(
        new ChartGrid(
            title,
            "average accuracy over the tasks learned; " + spread(comparison),
            List.of(
                averages("Class-incremental", comparison, Comparison.Learned::classIncremental),
                averages("Task-incremental", comparison, Comparison.Learned::taskIncremental)),
            2));
  }

  private static LineChart averages(
      String title, Comparison comparison, Function<Comparison.Learned, Comparison.Setting> asked) {
    return new LineChart(
        title,
        Axis.of("tasks learned", ""),
        Axis.of("accuracy", "%"),
        lines(comparison, 1, learned -> asked.apply(learned).averages()));
  }

  private static String recall(String title, Comparison comparison) {
    return StreamFigures.svg(
        new ChartGrid(
            title,
            "recall by the age of a task; " + spread(comparison),
            List.of(
                new LineChart(
                    "",
                    Axis.of("tasks learned since", ""),
                    Axis.of("task-incremental accuracy", "%"),
                    lines(
                        comparison,
                        0,
                        learned ->
                            learned.recall().stream().map(Comparison.Recall::accuracy).toList()))),
            1));
  }

  /** A line for each learner; where colours come again, lines are broken. */
  private static List<Series> lines(
      Comparison comparison, int first, Function<Comparison.Learned, List<Mean>> values) {
    var lines = new ArrayList<Series>();
    for (Comparison.Learned learned : comparison.learners()) {
      Series line = StreamFigures.spread(learned.label(), first, values.apply(learned));
      lines.add(lines.size() / Theme.COLOURS % 2 == 0 ? line : line.broken());
    }
    return lines;
  }

  private static String matrices(String title, Comparison comparison) {
    var matrices = new ArrayList<HeatMap.Matrix>();
    for (Comparison.Learned learned : comparison.learners()) {
      matrices.add(
          StreamFigures.matrix(
              learned.label() + ", class-incremental", learned.classIncremental().matrix()));
      matrices.add(
          StreamFigures.matrix(
              learned.label() + ", task-incremental", learned.taskIncremental().matrix()));
    }
    String subtitle = spread(comparison).replace(" and standard deviation", "");
    return new HeatMap(title, subtitle, matrices, comparison.learners().size() > 2 ? 4 : 2)
        .svg(Theme.LIGHT);
  }
}
