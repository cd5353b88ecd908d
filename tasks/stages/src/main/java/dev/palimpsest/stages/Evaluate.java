package dev.palimpsest.stages;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.auto.service.AutoService;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Net;
import dev.palimpsest.methods.measures.Confusion;
import dev.palimpsest.methods.measures.DefenceEffect;
import dev.palimpsest.methods.measures.Outcome;
import dev.palimpsest.report.HeatMap;
import dev.palimpsest.report.Theme;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Measures a network on test images, as they are and with the trigger. */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class Evaluate implements Stage<Evaluate.Parameters> {
  /** None. */
  public record Parameters() {}

  /**
   * What was measured.
   *
   * @param measures fractions by name: cleanAccuracy, asr, robustAccuracy; with an evaluation from
   *     before a defence also der and rir
   * @param images test images
   * @param classes class by class, in the order of their labels
   * @param confusion numbers of images by true and by predicted class
   * @param triggered likewise with the trigger on every image; absent without a plan
   */
  record Result(
      Map<String, Double> measures,
      int images,
      List<OfClass> classes,
      List<List<Long>> confusion,
      Optional<List<List<Long>>> triggered) {}

  /**
   * Of one class.
   *
   * @param images test images of this class
   * @param accuracy the share of them that is taken for it; absent without any
   */
  record OfClass(String name, long images, Optional<Double> accuracy) {}

  @Override
  public String name() {
    return "evaluate";
  }

  @Override
  public String summary() {
    return "Clean accuracy, attack success rate, robust accuracy and confusion of a network.";
  }

  @Override
  public Lane lane() {
    return Lane.GPU;
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public List<Port> inputs() {
    return List.of(
        Port.of("checkpoint", ArtifactType.CHECKPOINT, "the network"),
        Port.of("test", ArtifactType.DATASET, "the test set"),
        Port.optional("plan", ArtifactType.POISON_PLAN, "the poison plan, for ASR"),
        Port.optional(
            "before", ArtifactType.RESULT, "the evaluation before a defence, for DER and RIR"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("result", ArtifactType.RESULT, "the measures, and the confusion of classes"),
        Port.of("confusion", ArtifactType.FIGURE, "which class is taken for which"));
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    Tensors checkpoint = context.tensors("checkpoint");
    var test = new DataSet(context.tensors("test"));
    Checkpoint.fits(checkpoint, test);
    List<String> names = test.classes();
    try (Compute compute = Compute.open(context.device(), context.numerics().threads());
        TestBench bench = TestBench.of(context, compute);
        Net net = Checkpoint.load(checkpoint, compute)) {
      Outcome outcome = bench.outcome(net);
      List<List<Long>> clean = rows(Confusion.clean(outcome, names.size()));
      Optional<List<List<Long>>> triggered =
          bench.poison().map(poison -> rows(Confusion.triggered(outcome, names.size())));
      context.write(
          "result",
          new Result(
              measures(outcome, context),
              bench.images(),
              IntStream.range(0, names.size())
                  .mapToObj(i -> ofClass(names.get(i), i, clean.get(i)))
                  .toList(),
              clean,
              triggered));
      var maps = new ArrayList<HeatMap.Matrix>();
      maps.add(HeatMap.Matrix.confusion("Clean images", names, percent(clean)));
      triggered.ifPresent(rows ->
          maps.add(HeatMap.Matrix.confusion("Images with the trigger", names, percent(rows))));
      context.writeFigure(
          "confusion",
          new HeatMap("Which class is taken for which", bench.images() + " test images", maps, 2)
              .svg(Theme.LIGHT));
    }
  }

  private static Map<String, Double> measures(Outcome outcome, StageContext context) {
    var measures = new TreeMap<>(TestBench.measures(outcome));
    Optional<DefenceEffect.Measured> after = DefenceEffect.Measured.of(outcome);
    if (context.has("before") && after.isPresent()) {
      JsonNode evaluation = context.document("before");
      if (evaluation.path("images").asLong() != outcome.size()) {
        throw new Mistake(
            "the evaluation 'before' is of "
                + evaluation.path("images").asText("no")
                + " images; expected one of the same "
                + outcome.size()
                + " test images.");
      }
      JsonNode former = evaluation.path("measures");
      var before =
          new DefenceEffect.Measured(
              former(former, "cleanAccuracy"),
              former(former, "asr"),
              former(former, "robustAccuracy"));
      measures.put("der", DefenceEffect.effectiveness(before, after.get()));
      measures.put("rir", DefenceEffect.robustImprovement(before, after.get()));
    }
    return measures;
  }

  private static double former(JsonNode measures, String name) {
    if (!measures.path(name).isNumber()) {
      throw new Mistake(
          "the evaluation 'before' has no " + name + "; expected one made with a poison plan.");
    }
    return measures.path(name).doubleValue();
  }

  private static OfClass ofClass(String name, int label, List<Long> row) {
    long images = row.stream().mapToLong(Long::longValue).sum();
    return new OfClass(
        name,
        images,
        images == 0 ? Optional.empty() : Optional.of((double) row.get(label) / images));
  }

  private static List<List<Long>> rows(Tensor matrix) {
    List<Long> all = Arrays.stream(matrix.longs()).boxed().toList();
    int columns = (int) matrix.shape()[1];
    return IntStream.range(0, all.size() / columns)
        .mapToObj(row -> all.subList(row * columns, (row + 1) * columns))
        .toList();
  }

  /** Of the images of each row; a row without any stays empty. */
  private static List<List<Double>> percent(List<List<Long>> counts) {
    return counts.stream()
        .map(row -> {
          long images = Math.max(1, row.stream().mapToLong(Long::longValue).sum());
          return row.stream().map(count -> 100.0 * count / images).toList();
        })
        .toList();
  }
}
