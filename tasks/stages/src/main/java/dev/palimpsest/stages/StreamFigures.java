package dev.palimpsest.stages;

import dev.palimpsest.report.ChartGrid;
import dev.palimpsest.report.HeatMap;
import dev.palimpsest.report.Series;
import dev.palimpsest.report.Theme;
import java.util.List;
import java.util.stream.IntStream;

/** What the figures of streams have in common: fractions in, percentages drawn. */
final class StreamFigures {
  private static final int WIDTH = 480;

  private StreamFigures() {}

  static HeatMap.Matrix matrix(String title, List<List<Double>> fractions) {
    return new HeatMap.Matrix(
        title,
        fractions.stream()
            .map(row -> row.stream().map(fraction -> 100 * fraction).toList())
            .toList());
  }

  /** A line through values at {@code first}, {@code first} + 1 and so on. */
  static Series line(String name, int first, List<Double> fractions) {
    return Series.of(
        name,
        IntStream.range(first, first + fractions.size()).asDoubleStream().toArray(),
        fractions.stream().mapToDouble(fraction -> 100 * fraction).toArray());
  }

  /** A line through means with their deviations, as far as these are accuracies. */
  static Series spread(String name, int first, List<Mean> fractions) {
    return Series.of(
        name,
        IntStream.range(first, first + fractions.size()).asDoubleStream().toArray(),
        percent(fractions, 0),
        percent(fractions, -1),
        percent(fractions, 1));
  }

  private static double[] percent(List<Mean> fractions, int deviations) {
    return fractions.stream()
        .mapToDouble(each -> each.mean() + deviations * each.deviation().orElse(0.0))
        .map(value -> 100 * Math.clamp(value, 0, 1))
        .toArray();
  }

  /** The charts as a drawing that is high enough for a label at each line. */
  static String svg(ChartGrid grid) {
    int lines = grid.charts().stream().mapToInt(chart -> chart.series().size()).max().orElse(0);
    int height = Math.max(380, 190 + 15 * lines);
    int across = Math.min(grid.columns(), grid.charts().size());
    int rows = (grid.charts().size() + across - 1) / across;
    return grid.svg(Theme.LIGHT, across == 1 ? 640 : across * WIDTH, rows * height);
  }
}
