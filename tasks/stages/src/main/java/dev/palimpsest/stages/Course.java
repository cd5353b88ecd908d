package dev.palimpsest.stages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.engine.Progress;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Runs work step by step to its end: reports progress, saves state, stops when told to, and keeps
 * one line of metrics an epoch.
 */
final class Course {
  private static final String LINES = "course.lines";

  private final StageContext context;
  private final Supplier<Map<String, Double>> measure;
  private final List<JsonNode> lines = new ArrayList<>();

  private Course(StageContext context, Supplier<Map<String, Double>> measure) {
    this.context = context;
    this.measure = measure;
  }

  /** Runs work to its end; returns a line an epoch with its loss and accuracy. */
  static List<JsonNode> run(StageContext context, Stepwise work) {
    return new Course(context, Map::of).run(work, false);
  }

  /**
   * Runs work to its end and measures the network before it and after each epoch.
   *
   * @param measure values by name, fractions
   */
  static List<JsonNode> run(
      StageContext context, Stepwise work, Supplier<Map<String, Double>> measure) {
    return new Course(context, measure).run(work, true);
  }

  /** Runs work to its end that has no epochs. */
  static void steps(StageContext context, Stepwise work) {
    context.restored().ifPresent(work::restore);
    while (!work.finished()) {
      Progress progress = work.step();
      context.report(
          new StageContext.Progress(
              work.done(),
              work.total(),
              "step " + work.done() + "/" + work.total(),
              progress.metrics()));
      context.checkpoint(new StageContext.StateSource(work.done(), work::state));
    }
  }

  private List<JsonNode> run(Stepwise work, boolean before) {
    context.restored().ifPresent(state -> restore(work, state));
    Map<String, Double> last = Map.of();
    if (before && lines.isEmpty()) {
      last = measure.get();
      lines.add(line(0, 0, last));
    }
    while (!work.finished()) {
      Progress progress = work.step();
      if (progress.endsEpoch()) {
        var metrics = new TreeMap<>(progress.metrics());
        metrics.putAll(measure.get());
        last = metrics;
        lines.add(line(progress.epoch(), work.gradientEvaluations(), metrics));
        context.note(sentence(progress, metrics));
      }
      var shown = new TreeMap<>(last);
      shown.putAll(progress.metrics());
      context.report(
          new StageContext.Progress(
              progress.done(),
              progress.total(),
              "epoch " + progress.epoch() + "/" + progress.epochs(),
              shown));
      context.checkpoint(new StageContext.StateSource(work.done(), () -> state(work)));
    }
    return lines;
  }

  private static ObjectNode line(int epoch, long evaluations, Map<String, Double> metrics) {
    ObjectNode line = Json.object();
    line.put("epoch", epoch);
    line.put("gradientEvaluations", evaluations);
    new TreeMap<>(metrics).forEach(line::put);
    return line;
  }

  private static String sentence(Progress progress, Map<String, Double> metrics) {
    var text = new StringBuilder("epoch " + progress.epoch() + "/" + progress.epochs());
    metrics.forEach(
        (name, value) -> text.append(String.format(Locale.ROOT, "  %s %.4f", name, value)));
    return text.toString();
  }

  private Tensors state(Stepwise work) {
    Tensors state = work.state();
    var saved = new Tensors.Builder();
    state.tensors().forEach(saved::put);
    state.metadata().forEach(saved::text);
    return saved.text(LINES, Json.line(lines)).build();
  }

  private void restore(Stepwise work, Tensors state) {
    Json.read("the saved metrics", state.text(LINES), JsonNode.class).forEach(lines::add);
    var rest = new Tensors.Builder();
    state.tensors().forEach(rest::put);
    work.restore(rest.build());
    if (work.done() == 0) {
      // Work in one step begins again, and tells its line again.
      lines.clear();
    }
    context.note("goes on after step " + work.done() + " of " + work.total());
  }
}
