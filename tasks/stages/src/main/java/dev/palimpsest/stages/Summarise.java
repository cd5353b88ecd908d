package dev.palimpsest.stages;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.auto.service.AutoService;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.report.Axis;
import dev.palimpsest.report.ChartGrid;
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
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * Puts the measures of a study of defences into one table and the courses of the defences into one
 * figure. Evaluations and courses are named {@code row/column}, trainings {@code row/part}.
 */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class Summarise implements Stage<Summarise.Parameters> {
  /** What the rows and columns are. */
  public record Parameters(
      @Param(help = "title of table and figure") String title,
      @Param(help = "names of the rows, the models, in order") List<String> rows,
      @Param(help = "names of the column groups in order") List<String> columns) {}

  @Override
  public String name() {
    return "summarise";
  }

  @Override
  public String summary() {
    return "One table of accuracy and ASR before and after each defence, and the curves between.";
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
        Port.many("evaluations", ArtifactType.RESULT, "measures, named row/column"),
        Port.many("courses", ArtifactType.METRICS, "defences' courses, named row/column"),
        Port.many("trainings", ArtifactType.METRICS, "trainings' metrics, named row/part"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("table", ArtifactType.TABLE, "accuracy and ASR of every model"),
        Port.of("courses", ArtifactType.FIGURE, "accuracy and ASR over the defences' epochs"));
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    context.write("table", table(parameters, context));
    context.writeFigure("courses", figure(parameters, context));
  }

  private static Table table(Parameters parameters, StageContext context) {
    var columns = new ArrayList<Table.Column>();
    columns.add(Table.Column.text("model"));
    for (String group : parameters.columns()) {
      columns.add(Table.Column.number(group, "acc", "%", 1));
      columns.add(Table.Column.number(group, "ASR", "%", 1));
    }
    var rows = new ArrayList<List<Table.Cell>>();
    for (String row : parameters.rows()) {
      var cells = new ArrayList<Table.Cell>();
      cells.add(Table.Cell.of(row));
      for (String group : parameters.columns()) {
        JsonNode measures = evaluation(context, row, group).path("measures");
        cells.add(percent(measures.path("cleanAccuracy")));
        cells.add(percent(measures.path("asr")));
      }
      rows.add(cells);
    }
    return new Table(parameters.title(), columns, rows, notes(parameters, context));
  }

  private static JsonNode evaluation(StageContext context, String row, String group) {
    String name = row + "/" + group;
    if (!context.many("evaluations").containsKey(name)) {
      throw new Mistake(
          "no evaluation is named '"
              + name
              + "'; expected one for each row and column, found "
              + String.join(", ", context.many("evaluations").keySet())
              + ".");
    }
    return context.document("evaluations/" + name);
  }

  private static Table.Cell percent(JsonNode fraction) {
    return fraction.isNumber() ? Table.Cell.of(100 * fraction.doubleValue()) : Table.Cell.none();
  }

  private static List<String> notes(Parameters parameters, StageContext context) {
    var notes = new ArrayList<String>();
    int images =
        evaluation(context, parameters.rows().getFirst(), parameters.columns().getFirst())
            .path("images")
            .asInt();
    notes.add(
        "acc: clean accuracy on "
            + images
            + " test images; ASR: share of triggered images of other classes taken for the target.");
    Map<String, Long> evaluations = new TreeMap<>();
    for (String name : context.many("trainings").keySet()) {
      List<JsonNode> lines = context.lines("trainings/" + name);
      evaluations.merge(row(name), lines.getLast().path("gradientEvaluations").asLong(), Long::sum);
    }
    for (String row : parameters.rows()) {
      if (evaluations.containsKey(row)) {
        notes.add(
            row
                + ": "
                + String.format(Locale.ROOT, "%,d", evaluations.get(row))
                + " gradient evaluations (samples times backward passes) in training before any defence.");
      }
    }
    notes.add(
        "This is seed "
            + context.seed()
            + " alone, and one seed misleads: repeat with others (--set seed=...) before you"
            + " believe a difference.");
    return notes;
  }

  private static String figure(Parameters parameters, StageContext context) {
    return new ChartGrid(
            parameters.title(),
            "over the defence\u2019s epochs; seed " + context.seed(),
            List.of(
                chart("Attack success rate", "ASR", "asr", parameters, context),
                chart("Clean accuracy", "accuracy", "cleanAccuracy", parameters, context)),
            2)
        .svg(Theme.LIGHT);
  }

  /** A model keeps its colour; the lines of all defences but the first are broken. */
  private static LineChart chart(
      String title, String axis, String measure, Parameters parameters, StageContext context) {
    List<String> names = List.copyOf(context.many("courses").keySet());
    List<String> defences = names.stream().map(Summarise::column).distinct().sorted().toList();
    var series = new ArrayList<Series>();
    for (String name : names) {
      List<JsonNode> lines = context.lines("courses/" + name);
      Series line =
          Series.of(
                  name.replace("/", ", "),
                  lines.stream().mapToDouble(epoch -> epoch.path("epoch").doubleValue()).toArray(),
                  lines.stream()
                      .mapToDouble(epoch -> 100 * epoch.path(measure).doubleValue())
                      .toArray())
              .colour(Math.max(0, parameters.rows().indexOf(row(name))));
      series.add(defences.indexOf(column(name)) == 0 ? line : line.broken());
    }
    return new LineChart(
        title,
        Axis.of("epoch", ""),
        new Axis(axis, "%", OptionalDouble.of(0), OptionalDouble.of(100)),
        series);
  }

  private static String row(String name) {
    return name.substring(0, Math.max(0, name.indexOf('/')));
  }

  private static String column(String name) {
    return name.substring(name.indexOf('/') + 1);
  }
}
