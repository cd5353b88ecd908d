package dev.palimpsest.stages;

import dev.palimpsest.base.Json;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Rows of streams that were never run. */
final class Streams {
  private Streams() {}

  /** Tasks 1 to 3 of 4 with three images each, fixed heads; task-incremental known by hand. */
  static List<AccuracyRow> three() {
    return List.of(
        row(1, List.of(0.75), List.of(0.75), List.of(0.625, 0.5, 0.5)),
        row(2, List.of(0.25, 0.5), List.of(0.875, 0.5), List.of(0.5, 0.5)),
        row(3, List.of(0.0, 0.25, 1.0), List.of(0.25, 0.625, 1.0), List.of(0.5)));
  }

  static AccuracyRow untrained() {
    return row(0, List.of(), List.of(), List.of(0.25, 0.5, 0.75, 0.5));
  }

  private static AccuracyRow row(
      int task, List<Double> classIncremental, List<Double> taskIncremental, List<Double> ahead) {
    return new AccuracyRow(
        task,
        4,
        "er",
        "fixed",
        classIncremental,
        taskIncremental,
        ahead,
        List.of(),
        List.of(3, 3, 3, 3),
        List.of(
            new AccuracyRow.Kept("network", 78042, 312168, Optional.empty()),
            new AccuracyRow.Kept("buffer", 0, 158400, Optional.of(200L))));
  }

  static MemoryContext context(long seed, List<AccuracyRow> rows) {
    var context = new MemoryContext(seed);
    rows.forEach(row -> context.with("rows/" + row.task(), Json.tree(row)));
    return context;
  }

  /** A made-up stream of any length whose learner forgets at this rate. */
  static StreamResult result(String label, long seed, int tasks, double rate) {
    List<AccuracyRow> rows =
        IntStream.rangeClosed(1, tasks).mapToObj(t -> made(label, seed, t, tasks, rate)).toList();
    var context = context(seed, rows);
    new SummariseStream().run(new SummariseStream.Parameters("", label), context);
    return Json.read("result", context.writtenDocument("result"), StreamResult.class);
  }

  static AccuracyRow made(String learner, long seed, int t, int tasks, double rate) {
    List<Double> task =
        IntStream.rangeClosed(1, t).mapToObj(k -> recalled(0.5, 0.47, rate, t, k, seed)).toList();
    List<Double> all =
        IntStream.rangeClosed(1, t).mapToObj(k -> recalled(0, 0.95, 4 * rate, t, k, seed)).toList();
    return new AccuracyRow(
        t,
        tasks,
        learner,
        "fixed",
        all,
        task,
        List.of(),
        List.of(),
        IntStream.range(0, tasks).mapToObj(k -> 1000).toList(),
        List.of(new AccuracyRow.Kept("buffer", 0, (long) (1e6 * rate), Optional.of(200L))));
  }

  private static double recalled(
      double chance, double above, double rate, int t, int k, long seed) {
    double wobble = 0.02 * StrictMath.sin(7.0 * k + 3 * t + 11 * seed);
    return Math.clamp(chance + above * StrictMath.exp(-rate * (t - k)) + wobble, 0, 1);
  }
}
