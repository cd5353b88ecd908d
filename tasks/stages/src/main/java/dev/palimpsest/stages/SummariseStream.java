package dev.palimpsest.stages;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.auto.service.AutoService;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.methods.measures.AccuracyMatrix;
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
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Puts the rows of a stream's accuracy matrix together: its measures and its figures. */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class SummariseStream implements Stage<SummariseStream.Parameters> {
  /** What table and figures are called. */
  public record Parameters(
      @Param(help = "title of table and figures") String title,
      @Param(help = "what tables call the learner; empty: its name", value = "\"\"")
          String label) {}

  @Override
  public String name() {
    return "summarise-stream";
  }

  @Override
  public String summary() {
    return "Accuracy matrix, forgetting and transfer of a stream of tasks, as table and figures.";
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
        Port.many("rows", ArtifactType.RESULT, "accuracies after each task, in any order"),
        Port.optional(
            "untrained", ArtifactType.RESULT, "accuracies before the first task, for transfer"),
        new Port(
            "metrics", ArtifactType.METRICS, "trainings' metrics, for their cost", true, true));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("result", ArtifactType.RESULT, "the matrices and all measures"),
        Port.of("table", ArtifactType.TABLE, "accuracy, forgetting and transfer"),
        Port.of("tasks", ArtifactType.TABLE, "average accuracy and what is kept after each task"),
        Port.of("matrix", ArtifactType.FIGURE, "the accuracy matrices as heat maps"),
        Port.of("curves", ArtifactType.FIGURE, "accuracy over the tasks learned"),
        Port.of("recall", ArtifactType.FIGURE, "accuracy by the number of tasks learned since"));
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    List<AccuracyRow> rows = rows(context);
    AccuracyRow last = rows.getLast();
    AccuracyMatrix taskIncremental =
        new AccuracyMatrix(
            rows.stream().map(AccuracyRow::taskIncremental).toList(), ahead(rows, context));
    Optional<AccuracyMatrix> bare =
        rows.stream().allMatch(row -> row.bare().isEmpty())
            ? Optional.empty()
            : Optional.of(matrix(rows.stream().map(SummariseStream::bare).toList()));
    var result =
        new StreamResult(
            parameters.label().isBlank() ? last.learner() : parameters.label(),
            last.learner(),
            context.seed(),
            rows.size(),
            rows.getFirst().heads(),
            StreamResult.Setting.of(
                matrix(rows.stream().map(AccuracyRow::classIncremental).toList())),
            StreamResult.Setting.of(taskIncremental),
            StreamResult.Recall.of(taskIncremental, bare),
            rows.stream().map(AccuracyRow::kept).toList());
    String subtitle = result.label() + "; seed " + result.seed();
    context.write("result", result);
    context.write("table", table(parameters.title(), result, last, context));
    context.write("tasks", tasks(parameters.title() + ", task by task", result));
    context.writeFigure("matrix", matrices(parameters.title(), subtitle, result));
    context.writeFigure("curves", curves(parameters.title(), subtitle, result));
    context.writeFigure("recall", recall(parameters.title(), subtitle, result));
  }

  /** One for each task from 1 on. */
  private static List<AccuracyRow> rows(StageContext context) {
    List<AccuracyRow> rows =
        context.many("rows").keySet().stream()
            .map(name -> row("rows/" + name, context))
            .sorted(Comparator.comparingInt(AccuracyRow::task))
            .toList();
    List<Integer> tasks = rows.stream().map(AccuracyRow::task).toList();
    if (tasks.isEmpty() || !tasks.equals(IntStream.rangeClosed(1, tasks.size()).boxed().toList())) {
      throw new Mistake(
          "the rows are of tasks " + tasks + "; expected one of each task from 1 on.");
    }
    List<String> learners = rows.stream().map(AccuracyRow::learner).distinct().toList();
    if (learners.size() > 1) {
      throw new Mistake(
          "the rows are of learners " + String.join(", ", learners) + "; expected one learner.");
    }
    return rows;
  }

  private static AccuracyRow row(String input, StageContext context) {
    return Json.read("input '" + input + "'", context.document(input), AccuracyRow.class);
  }

  private static AccuracyMatrix matrix(List<List<Double>> rows) {
    return new AccuracyMatrix(rows, Optional.empty());
  }

  /** Before there are rectifiers, reading without them is reading. */
  private static List<Double> bare(AccuracyRow row) {
    return row.bare().isEmpty() ? row.taskIncremental() : row.bare();
  }

  /** Known only where a network has the classes of tasks to come. */
  private static Optional<AccuracyMatrix.Ahead> ahead(
      List<AccuracyRow> rows, StageContext context) {
    List<AccuracyRow> before = rows.subList(0, rows.size() - 1);
    if (!context.has("untrained") || before.stream().anyMatch(row -> row.ahead().isEmpty())) {
      return Optional.empty();
    }
    AccuracyRow untrained = row("untrained", context);
    if (untrained.task() != 0 || untrained.ahead().size() < rows.size()) {
      throw new Mistake(
          "the untrained row is of "
              + untrained.task()
              + " tasks learned and "
              + untrained.ahead().size()
              + " to come; expected 0 learned and "
              + rows.size()
              + " or more to come.");
    }
    return Optional.of(
        new AccuracyMatrix.Ahead(
            before.stream().map(row -> row.ahead().getFirst()).toList(),
            untrained.ahead().subList(1, rows.size())));
  }

  private static Table table(
      String title, StreamResult result, AccuracyRow last, StageContext context) {
    return new Table(
        title,
        List.of(
            Table.Column.text(result.label()),
            Table.Column.number("", "average accuracy", "%", 1),
            Table.Column.number("", "forgetting", "", 1),
            Table.Column.number("transfer", "backward", "", 1),
            Table.Column.number("transfer", "forward", "", 1)),
        List.of(
            cells("class-incremental", result.classIncremental()),
            cells("task-incremental", result.taskIncremental())),
        notes(result, last, context));
  }

  private static List<Table.Cell> cells(String name, StreamResult.Setting setting) {
    return List.of(
        Table.Cell.of(name),
        Table.Cell.of(100 * setting.average()),
        points(setting.forgetting()),
        points(setting.backwardTransfer()),
        points(setting.forwardTransfer()));
  }

  private static Table.Cell points(Optional<Double> fraction) {
    return fraction.map(value -> Table.Cell.of(100 * value)).orElse(Table.Cell.none());
  }

  private static List<String> notes(StreamResult result, AccuracyRow last, StageContext context) {
    var notes = new ArrayList<String>();
    int images = last.images().stream().limit(last.task()).mapToInt(Integer::intValue).sum();
    notes.add(
        "Mean over "
            + (result.tasks() == 1 ? "task 1" : "tasks 1 to " + result.tasks())
            + " of "
            + last.tasks()
            + " after the last of them, on "
            + counted(images)
            + " test images; forgetting and transfer in percentage points.");
    notes.add(
        "Kept after the last task, "
            + last.kept().stream().map(SummariseStream::kept).collect(Collectors.joining("; "))
            + ".");
    long evaluations = 0;
    for (String name : context.many("metrics").keySet()) {
      List<JsonNode> lines = context.lines("metrics/" + name);
      evaluations += lines.isEmpty() ? 0 : lines.getLast().path("gradientEvaluations").asLong();
    }
    if (evaluations > 0) {
      notes.add(
          counted(evaluations)
              + " gradient evaluations (samples times backward passes, replayed ones too) in training;"
              + " consolidation is not counted.");
    }
    notes.add(
        "This is seed "
            + result.seed()
            + " alone, and one seed misleads: repeat with others (--set seed=...) before you"
            + " believe a difference.");
    return notes;
  }

  private static String kept(AccuracyRow.Kept kept) {
    var what = new ArrayList<String>();
    kept.samples().ifPresent(samples -> what.add(counted(samples) + " samples"));
    if (kept.numbers() > 0) {
      what.add(counted(kept.numbers()) + " numbers");
    }
    what.add(counted(kept.bytes()) + " bytes");
    return kept.part() + ": " + String.join(", ", what);
  }

  private static String counted(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static Table tasks(String title, StreamResult result) {
    ByteUnit unit =
        ByteUnit.of(
            result.kept().stream().flatMap(List::stream).mapToDouble(AccuracyRow.Kept::bytes));
    var rows = new ArrayList<List<Table.Cell>>();
    for (int t = 1; t <= result.tasks(); t++) {
      long all = result.kept().get(t - 1).stream().mapToLong(AccuracyRow.Kept::numbers).sum();
      List<AccuracyRow.Kept> beside = result.beside(t);
      long numbers = beside.stream().mapToLong(AccuracyRow.Kept::numbers).sum();
      rows.add(
          List.of(
              Table.Cell.of(t),
              Table.Cell.of(100 * result.classIncremental().averages().get(t - 1)),
              Table.Cell.of(100 * result.taskIncremental().averages().get(t - 1)),
              Table.Cell.of(all - numbers),
              Table.Cell.of(numbers),
              unit.cell(beside.stream().mapToLong(AccuracyRow.Kept::bytes).sum())));
    }
    return new Table(
        title,
        List.of(
            Table.Column.number("", "after task", "", 0),
            Table.Column.number("average accuracy", "class-incr.", "%", 1),
            Table.Column.number("average accuracy", "task-incr.", "%", 1),
            Table.Column.number("network", "numbers", "", 0),
            Table.Column.number("kept beside it", "numbers", "", 0),
            unit.column("kept beside it", "size")),
        rows,
        List.of(
            "Average accuracy: mean over the tasks learned so far. Numbers: values of floating"
                + " point; the network's are its weights and running statistics."));
  }

  private static String matrices(String title, String subtitle, StreamResult result) {
    return new HeatMap(
            title,
            subtitle,
            List.of(
                StreamFigures.matrix("Class-incremental", result.classIncremental().matrix()),
                StreamFigures.matrix("Task-incremental", result.taskIncremental().matrix())),
            2)
        .svg(Theme.LIGHT);
  }

  private static String curves(String title, String subtitle, StreamResult result) {
    List<List<Double>> matrix = result.taskIncremental().matrix();
    int tasks = result.tasks();
    var each = new ArrayList<Series>();
    for (int task = 1; task <= tasks; task++) {
      int k = task;
      Series line =
          StreamFigures.line(
              "task " + k,
              k,
              IntStream.rangeClosed(k, tasks).mapToObj(t -> matrix.get(t - 1).get(k - 1)).toList());
      each.add(tasks == 1 ? line : line.shade((double) (tasks - k) / (tasks - 1)));
    }
    return StreamFigures.svg(
        new ChartGrid(
            title,
            subtitle,
            List.of(
                new LineChart(
                    "Average over the tasks learned",
                    Axis.of("tasks learned", ""),
                    Axis.of("accuracy", "%"),
                    List.of(
                        StreamFigures.line(
                            "task-incremental", 1, result.taskIncremental().averages()),
                        StreamFigures.line(
                            "class-incremental", 1, result.classIncremental().averages()))),
                new LineChart(
                    "Each task, task-incremental",
                    Axis.of("tasks learned", ""),
                    Axis.of("accuracy", "%"),
                    each)),
            2));
  }

  private static String recall(String title, String subtitle, StreamResult result) {
    var series = new ArrayList<Series>();
    List<StreamResult.Recall> recall = result.recall();
    boolean rectified = recall.getFirst().bare().isPresent();
    series.add(
        StreamFigures.line(
            rectified ? "with rectifiers" : result.label(),
            0,
            recall.stream().map(StreamResult.Recall::accuracy).toList()));
    if (rectified) {
      series.add(
          StreamFigures.line(
                  "without", 0, recall.stream().flatMap(age -> age.bare().stream()).toList())
              .broken());
    }
    return StreamFigures.svg(
        new ChartGrid(
            title,
            subtitle,
            List.of(
                new LineChart(
                    "Recall by the age of a task",
                    Axis.of("tasks learned since", ""),
                    Axis.of("task-incremental accuracy", "%"),
                    series)),
            1));
  }
}
