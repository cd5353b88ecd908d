package dev.palimpsest.stages;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.methods.measures.LossLandscape;
import dev.palimpsest.methods.measures.LossLandscape.Normalisation;
import dev.palimpsest.methods.measures.Losses;
import dev.palimpsest.methods.measures.Survey;
import dev.palimpsest.report.Axis;
import dev.palimpsest.report.LossMap;
import dev.palimpsest.report.Theme;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Measures the loss of a network on a plane of its weight space. */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class Landscape implements Stage<LossLandscape.Parameters> {
  /**
   * What was measured.
   *
   * @param places along both axes
   * @param cleanLoss row by row upwards, from the least to the greatest place in each
   * @param backdoorLoss likewise; absent without a plan
   */
  record Result(
      List<Double> places,
      List<List<Double>> cleanLoss,
      List<List<Double>> cleanAccuracy,
      Optional<List<List<Double>>> backdoorLoss,
      Optional<List<List<Double>>> asr,
      Normalisation normalisation,
      int images) {}

  @Override
  public String name() {
    return "landscape";
  }

  @Override
  public String summary() {
    return "Clean and backdoor loss on a plane of two drawn directions through a network.";
  }

  @Override
  public Lane lane() {
    return Lane.GPU;
  }

  @Override
  public Class<LossLandscape.Parameters> parameters() {
    return LossLandscape.Parameters.class;
  }

  @Override
  public List<Port> inputs() {
    return List.of(
        Port.of("checkpoint", ArtifactType.CHECKPOINT, "the network in the middle"),
        Port.of("test", ArtifactType.DATASET, "the test set"),
        Port.optional("plan", ArtifactType.POISON_PLAN, "the poison plan, for the backdoor loss"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("result", ArtifactType.RESULT, "losses and accuracies point by point"),
        Port.of("figure", ArtifactType.FIGURE, "the losses as maps with contour lines"));
  }

  @Override
  public void run(LossLandscape.Parameters parameters, StageContext context) {
    Tensors checkpoint = context.tensors("checkpoint");
    Checkpoint.fits(checkpoint, new DataSet(context.tensors("test")));
    Randomness randomness = Randomness.of(context.seed()).within("landscape");
    try (Compute compute = Compute.open(context.device(), context.numerics().threads());
        TestBench bench = TestBench.of(context, compute, parameters.images(), Precision.F32);
        Net net = Checkpoint.load(checkpoint, compute);
        Survey survey =
            Survey.of(
                LossLandscape.plane(
                    net,
                    direction(net, parameters, randomness.within("right")),
                    direction(net, parameters, randomness.within("up")),
                    parameters.places()),
                () -> bench.losses(net))) {
      Course.steps(context, survey);
      boolean triggered = survey.losses().getFirst().backdoor().isPresent();
      var result =
          new Result(
              Arrays.stream(parameters.places()).boxed().toList(),
              rows(survey, parameters.grid(), Losses::loss),
              rows(survey, parameters.grid(), Losses::accuracy),
              triggered
                  ? Optional.of(
                      rows(survey, parameters.grid(), l -> l.backdoor().orElseThrow().loss()))
                  : Optional.empty(),
              triggered
                  ? Optional.of(
                      rows(survey, parameters.grid(), l -> l.backdoor().orElseThrow().asr()))
                  : Optional.empty(),
              parameters.normalisation(),
              bench.images());
      context.write("result", result);
      context.writeFigure("figure", figure(parameters, result, context));
    }
  }

  private static Tensors direction(
      Net net, LossLandscape.Parameters parameters, Randomness randomness) {
    return LossLandscape.direction(net, parameters.normalisation(), randomness);
  }

  private static List<List<Double>> rows(Survey survey, int grid, Function<Losses, Double> value) {
    List<Double> all = survey.losses().stream().map(value).toList();
    var rows = new ArrayList<List<Double>>();
    for (int from = 0; from < all.size(); from += grid) {
      rows.add(all.subList(from, from + grid));
    }
    return rows;
  }

  private static String figure(
      LossLandscape.Parameters parameters, Result result, StageContext context) {
    var maps = new ArrayList<LossMap.Surface>();
    maps.add(new LossMap.Surface("Clean loss", result.cleanLoss()));
    result.backdoorLoss().ifPresent(rows -> maps.add(new LossMap.Surface("Backdoor loss", rows)));
    return new LossMap(
            "Loss around " + Checkpoint.named(context, "checkpoint"),
            (parameters.normalisation() == Normalisation.FILTER
                    ? "filter-normalised directions"
                    : "directions normalised by input position")
                + "; "
                + result.images()
                + " test images; seed "
                + context.seed(),
            maps,
            result.places(),
            Axis.of("first direction", ""),
            Axis.of("second direction", ""),
            new LossMap.Range(parameters.low(), parameters.high()))
        .svg(Theme.LIGHT);
  }
}
