package dev.palimpsest.stages;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.TreeMap;

/** Puts together what one backdoored network was like before and after each defence. */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class SummariseBackdoor implements Stage<SummariseBackdoor.Parameters> {
  /** What tables call it. */
  public record Parameters(
      @Param(help = "title of table and figure") String title,
      @Param(help = "what tables call the way in which the network was trained") String label) {}

  @Override
  public String name() {
    return "summarise-backdoor";
  }

  @Override
  public String summary() {
    return "Accuracy and ASR of one backdoored network before and after each defence.";
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
        Port.of("before", ArtifactType.RESULT, "its evaluation before any defence"),
        Port.many("defended", ArtifactType.RESULT, "results of defend, in order of their number"),
        Port.many("trainings", ArtifactType.METRICS, "its trainings' metrics, for their cost"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("result", ArtifactType.RESULT, "all measures, and the defences' courses"),
        Port.of("table", ArtifactType.TABLE, "accuracy and ASR before and after each defence"),
        Port.of("courses", ArtifactType.FIGURE, "accuracy and ASR over the defences' epochs"));
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    JsonNode before = context.document("before");
    var measures = new TreeMap<String, Double>();
    before
        .path("measures")
        .properties()
        .forEach(measure -> measures.put(measure.getKey(), measure.getValue().doubleValue()));
    long evaluations = 0;
    for (String training : context.many("trainings").keySet()) {
      List<JsonNode> lines = context.lines("trainings/" + training);
      evaluations += lines.getLast().path("gradientEvaluations").asLong();
    }
    var result =
        new BackdoorResult(
            parameters.label(),
            context.seed(),
            before.path("images").asInt(),
            evaluations,
            measures,
            Repeats.byNumber(context.many("defended").keySet()).stream()
                .map(name -> defended("defended/" + name, context))
                .toList());
    BackdoorComparison alone = BackdoorComparison.of(List.of(result));
    context.write("result", result);
    context.write("table", table(parameters.title(), result, alone.arms().getFirst()));
    context.writeFigure(
        "courses", BackdoorFigures.courses(parameters.title(), alone, result.label() + "; "));
  }

  private static BackdoorResult.Defended defended(String input, StageContext context) {
    return BackdoorResult.Defended.of(
        Json.read("input '" + input + "'", context.document(input), Defend.Result.class));
  }

  private static Table table(String title, BackdoorResult result, BackdoorComparison.Arm arm) {
    var rows = new ArrayList<List<Table.Cell>>();
    rows.add(List.of(Table.Cell.of("none"), arm.cleanAccuracy().percent(), arm.asr().percent()));
    for (BackdoorComparison.Defended defended : arm.defences()) {
      rows.add(
          List.of(
              Table.Cell.of(defended.label()),
              defended.cleanAccuracy().percent(),
              defended.asr().percent()));
    }
    return new Table(
        title + ": " + result.label(),
        List.of(
            Table.Column.text("defence"),
            Table.Column.number("", "acc", "%", 1),
            Table.Column.number("", "ASR", "%", 1)),
        rows,
        List.of(
            BackdoorComparison.measures(result.images()),
            String.format(
                Locale.ROOT,
                "%,d gradient evaluations (samples times backward passes) in training before any defence.",
                result.gradientEvaluations()),
            "This is seed "
                + result.seed()
                + " alone, and one seed misleads: repeat with others before you believe a"
                + " difference."));
  }
}
