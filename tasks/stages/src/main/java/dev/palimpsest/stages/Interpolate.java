package dev.palimpsest.stages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.auto.service.AutoService;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.methods.measures.LinearInterpolation;
import dev.palimpsest.methods.measures.Losses;
import dev.palimpsest.methods.measures.Survey;
import dev.palimpsest.report.Axis;
import dev.palimpsest.report.ChartGrid;
import dev.palimpsest.report.LineChart;
import dev.palimpsest.report.Series;
import dev.palimpsest.report.Theme;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Measures networks on the straight lines from one checkpoint to others. */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class Interpolate implements Stage<LinearInterpolation.Parameters> {
  @Override
  public String name() {
    return "interpolate";
  }

  @Override
  public String summary() {
    return "Loss and accuracy, clean and triggered, on the straight line between checkpoints.";
  }

  @Override
  public Lane lane() {
    return Lane.GPU;
  }

  @Override
  public Class<LinearInterpolation.Parameters> parameters() {
    return LinearInterpolation.Parameters.class;
  }

  @Override
  public List<Port> inputs() {
    return List.of(
        Port.of("from", ArtifactType.CHECKPOINT, "the network at alpha 0"),
        Port.many(
            "to",
            ArtifactType.CHECKPOINT,
            "the networks at alpha 1; their names stand in the figure"),
        Port.of("test", ArtifactType.DATASET, "the test set"),
        Port.optional("plan", ArtifactType.POISON_PLAN, "the poison plan, for triggered images"),
        Port.optional(
            "statistics",
            ArtifactType.DATASET,
            "training images, to re-estimate running statistics from"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("metrics", ArtifactType.METRICS, "a line for each end point and alpha"),
        Port.of("figure", ArtifactType.FIGURE, "losses and accuracies over alpha"));
  }

  @Override
  public List<String> needed(LinearInterpolation.Parameters parameters) {
    return parameters.statistics() == LinearInterpolation.Statistics.REESTIMATED
        ? List.of("statistics")
        : List.of();
  }

  @Override
  public void run(LinearInterpolation.Parameters parameters, StageContext context) {
    boolean reestimated = parameters.statistics() == LinearInterpolation.Statistics.REESTIMATED;
    if (reestimated && !context.has("statistics")) {
      throw new Mistake(
          "statistics is reestimated, and no images 'statistics' are given; expected training"
              + " images, or statistics interpolated.");
    }
    List<String> ends = List.copyOf(context.many("to").keySet());
    if (ends.isEmpty()) {
      throw new Mistake("no network is given in 'to'; expected one or more.");
    }
    Tensors from = context.tensors("from");
    Checkpoint.fits(from, new DataSet(context.tensors("test")));
    try (Compute compute = Compute.open(context.device(), context.numerics().threads());
        TestBench bench = TestBench.of(context, compute, parameters.images(), Precision.F32);
        Net net = Checkpoint.load(from, compute)) {
      Tensors start = net.state();
      Optional<Images> images =
          reestimated
              ? Optional.of(new DataSet(context.tensors("statistics")).on(compute))
              : Optional.empty();
      List<Survey> surveys = new ArrayList<>();
      for (String end : ends) {
        Tensors to = context.tensors("to/" + end);
        requireSameNetwork(from, end, to);
        net.load(to);
        surveys.add(
            Survey.of(
                LinearInterpolation.points(
                    net, start, net.state(), parameters.alphas(), images, context::step),
                () -> bench.losses(net)));
      }
      try (Stepwise work = new Chain(List.<Stepwise>copyOf(surveys))) {
        Course.steps(context, work);
      } finally {
        images.ifPresent(Images::close);
      }
      context.writeLines("metrics", lines(parameters, ends, surveys));
      context.writeFigure(
          "figure", figure(parameters, shown(ends, context), surveys, bench.images(), context));
    }
  }

  private static void requireSameNetwork(Tensors from, String end, Tensors to) {
    if (!Checkpoint.network(to).equals(Checkpoint.network(from))) {
      throw new Mistake(
          "'to', '"
              + end
              + "' is a network "
              + Json.line(Checkpoint.network(to))
              + " and 'from' is "
              + Json.line(Checkpoint.network(from))
              + "; expected the same network with the same normalisation.");
    }
  }

  /** The defences that made the end points, where these tell them apart; else their own names. */
  private static List<String> shown(List<String> ends, StageContext context) {
    List<String> defences =
        ends.stream().map(end -> Checkpoint.defence(context, "to/" + end).orElse(end)).toList();
    return defences.stream().distinct().count() == ends.size() ? defences : ends;
  }

  private static List<JsonNode> lines(
      LinearInterpolation.Parameters parameters, List<String> ends, List<Survey> surveys) {
    double[] alphas = parameters.alphas();
    var lines = new ArrayList<JsonNode>();
    for (int e = 0; e < ends.size(); e++) {
      for (int i = 0; i < alphas.length; i++) {
        ObjectNode line = Json.object();
        line.put("to", ends.get(e));
        line.put("alpha", alphas[i]);
        surveys.get(e).losses().get(i).named().forEach(line::put);
        lines.add(line);
      }
    }
    return lines;
  }

  /** A shown measure of a point; empty where there is no trigger. */
  private interface Shown {
    Optional<Double> of(Losses losses);
  }

  private static String figure(
      LinearInterpolation.Parameters parameters,
      List<String> ends,
      List<Survey> surveys,
      int images,
      StageContext context) {
    var charts = new ArrayList<LineChart>();
    chart(
            "Clean loss",
            Axis.of("cross-entropy", ""),
            l -> Optional.of(l.loss()),
            parameters,
            ends,
            surveys)
        .ifPresent(charts::add);
    chart(
            "Backdoor loss",
            Axis.of("cross-entropy towards the target", ""),
            l -> l.backdoor().map(Losses.Backdoor::loss),
            parameters,
            ends,
            surveys)
        .ifPresent(charts::add);
    Axis percent = new Axis("share", "%", OptionalDouble.of(0), OptionalDouble.of(100));
    chart(
            "Clean accuracy",
            percent,
            l -> Optional.of(100 * l.accuracy()),
            parameters,
            ends,
            surveys)
        .ifPresent(charts::add);
    chart(
            "Attack success rate",
            percent,
            l -> l.backdoor().map(b -> 100 * b.asr()),
            parameters,
            ends,
            surveys)
        .ifPresent(charts::add);
    return new ChartGrid(
            "On the straight line between networks",
            "running statistics "
                + (parameters.statistics() == LinearInterpolation.Statistics.INTERPOLATED
                    ? "interpolated"
                    : "re-estimated")
                + "; "
                + images
                + " test images; seed "
                + context.seed(),
            charts,
            2)
        .svg(Theme.LIGHT);
  }

  private static Optional<LineChart> chart(
      String title,
      Axis axis,
      Shown shown,
      LinearInterpolation.Parameters parameters,
      List<String> ends,
      List<Survey> surveys) {
    var series = new ArrayList<Series>();
    for (int e = 0; e < ends.size(); e++) {
      double[] values =
          surveys.get(e).losses().stream()
              .flatMap(losses -> shown.of(losses).stream())
              .mapToDouble(value -> value)
              .toArray();
      if (values.length == parameters.points()) {
        series.add(Series.of(ends.get(e), parameters.alphas(), values));
      }
    }
    return series.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new LineChart(title, Axis.of("\u03b1: 0 start, 1 end point", ""), axis, series));
  }
}
