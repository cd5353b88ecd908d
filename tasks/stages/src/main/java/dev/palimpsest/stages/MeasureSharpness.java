package dev.palimpsest.stages;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.methods.measures.HessianEigenvalue;
import dev.palimpsest.methods.measures.Losses;
import dev.palimpsest.methods.measures.MeanLoss;
import dev.palimpsest.methods.measures.Sharpness;
import dev.palimpsest.methods.measures.Survey;
import dev.palimpsest.report.Table;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Measures how sharp the clean and the backdoor loss are at a checkpoint. */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class MeasureSharpness implements Stage<Sharpness.Parameters> {
  private static final int DIGITS = 3;

  /**
   * What was measured.
   *
   * @param backdoor absent without a plan
   * @param images test images; the backdoor loss leaves out those of which the attack wants nothing
   */
  record Result(Loss clean, Optional<Loss> backdoor, int images) {
    Table table(String title) {
      var columns =
          new ArrayList<>(
              List.of(
                  Table.Column.text("loss"),
                  Table.Column.number("", "value", "", 0),
                  Table.Column.number("largest eigenvalue", "estimate", "", 0),
                  Table.Column.number("largest eigenvalue", "residual", "", 0)));
      clean.rises().stream()
          .map(rise ->
              Table.Column.number("mean rise at radius", Double.toString(rise.radius()), "", 0))
          .forEach(columns::add);
      var rows = new ArrayList<List<Table.Cell>>();
      rows.add(clean.row("clean"));
      backdoor.ifPresent(its -> rows.add(its.row("backdoor")));
      return new Table(
          title,
          columns,
          rows,
          List.of(
              "Over "
                  + images
                  + " test images; residual: how far the nearest eigenvalue can be from the"
                  + " estimate; rise: of the loss under random displacement."));
    }
  }

  /**
   * Of one loss.
   *
   * @param loss at the network itself
   * @param eigenvalue the Hessian's largest
   * @param residual how far the nearest eigenvalue can be from it
   * @param converged whether it came to rest within the iterations
   * @param rises the loss after a random displacement minus the loss, by radius
   */
  record Loss(
      double loss,
      double eigenvalue,
      double residual,
      boolean converged,
      long iterations,
      List<Rise> rises) {
    private List<Table.Cell> row(String name) {
      var cells = new ArrayList<Table.Cell>(List.of(Table.Cell.of(name)));
      DoubleStream.concat(
              DoubleStream.of(loss, eigenvalue, residual), rises.stream().mapToDouble(Rise::mean))
          .mapToObj(value -> Table.Cell.significant(value, DIGITS))
          .forEach(cells::add);
      return cells;
    }
  }

  /** Over the displacements of one radius. */
  record Rise(double radius, int draws, double mean, double max) {}

  @Override
  public String name() {
    return "sharpness";
  }

  @Override
  public String summary() {
    return "Largest Hessian eigenvalue, and rise of the loss under random displacement.";
  }

  @Override
  public Lane lane() {
    return Lane.GPU;
  }

  @Override
  public Class<Sharpness.Parameters> parameters() {
    return Sharpness.Parameters.class;
  }

  @Override
  public List<Port> inputs() {
    return List.of(
        Port.of("checkpoint", ArtifactType.CHECKPOINT, "the network"),
        Port.of("test", ArtifactType.DATASET, "the images that the loss is over"),
        Port.optional("plan", ArtifactType.POISON_PLAN, "the poison plan, for the backdoor loss"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("result", ArtifactType.RESULT, "eigenvalues and rises"),
        Port.of("table", ArtifactType.TABLE, "the same, to read"));
  }

  @Override
  public void run(Sharpness.Parameters parameters, StageContext context) {
    Tensors checkpoint = context.tensors("checkpoint");
    Checkpoint.fits(checkpoint, new DataSet(context.tensors("test")));
    Randomness randomness = Randomness.of(context.seed()).within("sharpness");
    try (Compute compute = Compute.open(context.device(), context.numerics().threads());
        TestBench bench = TestBench.of(context, compute, parameters.images(), Precision.F64);
        Net net = Checkpoint.load(checkpoint, compute, Precision.F64)) {
      var losses = new ArrayList<MeanLoss>();
      losses.add(MeanLoss.of(net, bench.test(), context::step));
      bench
          .poison()
          .map(poison -> MeanLoss.of(net, bench.test(), poison, context::step))
          .filter(loss -> loss.size() > 0)
          .ifPresent(losses::add);
      List<HessianEigenvalue> eigenvalues =
          IntStream.range(0, losses.size())
              .mapToObj(i ->
                  HessianEigenvalue.of(
                      losses.get(i),
                      parameters.iterations(),
                      parameters.tolerance(),
                      randomness.within("eigenvector " + i)))
              .toList();
      Survey survey =
          Survey.of(
              Sharpness.displaced(net, parameters.radii(), parameters.draws(), randomness),
              () -> bench.losses(net));
      List<Stepwise> links = new ArrayList<>(eigenvalues);
      links.add(survey);
      try (var work = new Chain(links)) {
        Course.steps(context, work);
        var result =
            new Result(
                loss(parameters, eigenvalues.getFirst(), survey, Losses::loss),
                losses.size() < 2
                    ? Optional.empty()
                    : Optional.of(
                        loss(
                            parameters,
                            eigenvalues.getLast(),
                            survey,
                            each -> each.backdoor().orElseThrow().loss())),
                bench.images());
        context.write("result", result);
        context.write(
            "table", result.table("Sharpness: " + Checkpoint.named(context, "checkpoint")));
      }
    }
  }

  private static Loss loss(
      Sharpness.Parameters parameters,
      HessianEigenvalue eigenvalue,
      Survey survey,
      ToDoubleFunction<Losses> value) {
    double[] values = survey.losses().stream().mapToDouble(value).toArray();
    var rises = new ArrayList<Rise>();
    for (int r = 0; r < parameters.radii().size(); r++) {
      int from = 1 + r * parameters.draws();
      DoubleSummaryStatistics rise =
          IntStream.range(from, from + parameters.draws())
              .mapToDouble(i -> values[i] - values[0])
              .summaryStatistics();
      rises.add(
          new Rise(
              parameters.radii().get(r), parameters.draws(), rise.getAverage(), rise.getMax()));
    }
    return new Loss(
        values[0],
        eigenvalue.value(),
        eigenvalue.residual(),
        eigenvalue.converged(),
        eigenvalue.done(),
        rises);
  }
}
