package dev.palimpsest.stages;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.auto.service.AutoService;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Training;
import dev.palimpsest.methods.attacks.Poison;
import dev.palimpsest.methods.measures.Retuning;
import dev.palimpsest.report.Axis;
import dev.palimpsest.report.ChartGrid;
import dev.palimpsest.report.LineChart;
import dev.palimpsest.report.Series;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** Tunes a defended network on a few poisoned samples, and measures how the backdoor returns. */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class ReAttack implements Stage<ReAttack.Parameters> {
  /** The samples and the tuning. */
  public record Parameters(
      @Param(help = "samples and tuning") Retuning.Parameters retuning,
      @Param(help = "augmentation, before the trigger is put on")
          AugmentationSettings augmentation) {}

  @Override
  public String name() {
    return "re-attack";
  }

  @Override
  public String summary() {
    return "Tunes a defended network on a few poisoned samples and measures how ASR returns.";
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
        Port.of("checkpoint", ArtifactType.CHECKPOINT, "the defended network"),
        Port.of("data", ArtifactType.DATASET, "clean samples, of which some are poisoned"),
        Port.of("plan", ArtifactType.POISON_PLAN, "the poison plan: trigger and target"),
        Port.of("test", ArtifactType.DATASET, "the test set, to measure only"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("checkpoint", ArtifactType.CHECKPOINT, "the tuned network"),
        Port.of("course", ArtifactType.METRICS, "accuracy and ASR before it and by epoch"),
        Port.of("figure", ArtifactType.FIGURE, "the same, drawn"));
  }

  @Override
  public List<String> taints(Parameters parameters) {
    return List.of("re-attacked with " + parameters.retuning().poisoned() + " poisoned samples");
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    Tensors checkpoint = context.tensors("checkpoint");
    var data = new DataSet(context.tensors("data"));
    Checkpoint.fits(checkpoint, data);
    Randomness randomness = Randomness.of(context.seed()).within("re-attack");
    try (Compute compute = Compute.open(context.device(), context.numerics().threads());
        TestBench bench = TestBench.of(context, compute);
        Net net = Checkpoint.load(checkpoint, compute)) {
      Poison poison = bench.poison().orElseThrow();
      int[] chosen = chosen(parameters.retuning(), data, poison, randomness);
      try (Images samples = data.pick(chosen).on(compute);
          Training training =
              Retuning.start(
                  parameters.retuning(),
                  net,
                  samples,
                  poison,
                  parameters.augmentation().toAugmentation(),
                  randomness)) {
        List<JsonNode> course = Course.run(context, training, () -> bench.measure(net));
        context.write("checkpoint", Checkpoint.of(net, checkpoint));
        context.writeLines("course", course);
        context.writeFigure("figure", figure(parameters.retuning(), course, context));
      }
    }
  }

  private static String figure(
      Retuning.Parameters retuning, List<JsonNode> course, StageContext context) {
    return StreamFigures.svg(
        new ChartGrid(
            "Return of the backdoor: " + Checkpoint.named(context, "checkpoint"),
            retuning.poisoned()
                + " poisoned and "
                + retuning.clean()
                + " clean samples; seed "
                + context.seed(),
            List.of(
                new LineChart(
                    "",
                    Axis.of("epoch of the tuning", ""),
                    new Axis("share", "%", OptionalDouble.of(0), OptionalDouble.of(100)),
                    List.of(
                        line("ASR", "asr", course), line("accuracy", "cleanAccuracy", course)))),
            1));
  }

  private static Series line(String name, String measure, List<JsonNode> course) {
    return StreamFigures.line(
        name, 0, course.stream().map(epoch -> epoch.path(measure).doubleValue()).toList());
  }

  /**
   * The places of the samples to poison, of which the attack wants something, then of the clean.
   */
  private static int[] chosen(
      Retuning.Parameters parameters, DataSet data, Poison poison, Randomness randomness) {
    long[] labels = data.labels().longs();
    long[] wanted = poison.plan().targetMap();
    int[] order = randomness.stream("chosen").permutation(labels.length);
    int[] poisoned =
        Arrays.stream(order)
            .filter(i -> wanted[(int) labels[i]] != labels[i])
            .limit(parameters.poisoned())
            .toArray();
    int[] clean =
        Arrays.stream(order)
            .filter(i -> Arrays.stream(poisoned).noneMatch(taken -> taken == i))
            .limit(parameters.clean())
            .toArray();
    if (poisoned.length < parameters.poisoned() || clean.length < parameters.clean()) {
      throw new Mistake(
          "of "
              + labels.length
              + " samples "
              + poisoned.length
              + " can be poisoned and "
              + clean.length
              + " stay clean beside them; expected "
              + parameters.poisoned()
              + " and "
              + parameters.clean()
              + ": lower 'poisoned' or 'clean', or give more data.");
    }
    return IntStream.concat(Arrays.stream(poisoned), Arrays.stream(clean)).toArray();
  }
}
