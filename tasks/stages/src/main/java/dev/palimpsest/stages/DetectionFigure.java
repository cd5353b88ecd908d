package dev.palimpsest.stages;

import dev.palimpsest.methods.detectors.Finding;
import dev.palimpsest.report.Axis;
import dev.palimpsest.report.ChartGrid;
import dev.palimpsest.report.ContactSheet;
import dev.palimpsest.report.LineChart;
import dev.palimpsest.report.Series;
import dev.palimpsest.report.Theme;
import dev.palimpsest.tensors.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * What a detector found as a drawing: its pictures class by class, or how the scores of images are
 * spread and how well they tell poisoned images from clean ones.
 *
 * @param poisoned which of the scored are; empty where nobody knows
 */
record DetectionFigure(
    String title,
    long seed,
    List<String> classes,
    Finding finding,
    Optional<boolean[]> poisoned,
    Optional<Double> auroc) {
  /** Points of a line at most. */
  private static final int POINTS = 200;

  String svg() {
    return finding.pictures().isEmpty() ? charts() : pictures();
  }

  private String pictures() {
    var rows = new ArrayList<ContactSheet.Row>();
    for (Map.Entry<String, Tensor> picture : finding.pictures().entrySet()) {
      rows.add(
          new ContactSheet.Row(
              picture.getKey(), picture.getValue(), rows.isEmpty() ? classes : scores()));
    }
    return new ContactSheet(
            title,
            "below: how suspicious each class is"
                + (poisoned.isPresent() ? "; * the attack\u2019s target" : "")
                + "; seed "
                + seed,
            rows)
        .svg(Theme.LIGHT);
  }

  private List<String> scores() {
    return IntStream.range(0, finding.scores().size())
        .mapToObj(i ->
            String.format(Locale.ROOT, "%.2f", finding.scores().get(i)).replace('-', '\u2212')
                + (poisoned.isPresent() && poisoned.get()[i] ? " *" : ""))
        .toList();
  }

  private String charts() {
    var charts = new ArrayList<LineChart>();
    Axis share =
        new Axis("images with a higher score", "%", OptionalDouble.of(0), OptionalDouble.of(100));
    var spread = new ArrayList<Series>();
    if (poisoned.isEmpty()) {
      spread.add(above("suspects", sorted(Optional.empty())));
    } else {
      double[] with = sorted(Optional.of(true));
      double[] without = sorted(Optional.of(false));
      if (with.length > 0) {
        spread.add(above("poisoned", with));
      }
      if (without.length > 0) {
        spread.add(above("clean", without));
      }
      if (auroc.isPresent()) {
        charts.add(
            new LineChart(
                String.format(Locale.ROOT, "AUROC %.4f", auroc.get()),
                new Axis("clean images flagged", "%", OptionalDouble.of(0), OptionalDouble.of(100)),
                new Axis(
                    "poisoned images flagged", "%", OptionalDouble.of(0), OptionalDouble.of(100)),
                List.of(operating(with, without))));
      }
    }
    charts.add(new LineChart("Spread of the scores", Axis.of("score", ""), share, spread));
    return new ChartGrid(title, finding.scores().size() + " images; seed " + seed, charts, 2)
        .svg(Theme.LIGHT);
  }

  /** Ascending. */
  private double[] sorted(Optional<Boolean> which) {
    return IntStream.range(0, finding.scores().size())
        .filter(i -> which.isEmpty() || poisoned.orElseThrow()[i] == which.get())
        .mapToDouble(i -> finding.scores().get(i))
        .sorted()
        .toArray();
  }

  /** The share of images whose score is higher, over the score. */
  private static Series above(String name, double... sorted) {
    int[] places = places(sorted.length);
    return Series.of(
        name,
        IntStream.of(places).mapToDouble(i -> sorted[i]).toArray(),
        IntStream.of(places)
            .mapToDouble(i -> 100.0 * (sorted.length - 1 - i) / sorted.length)
            .toArray());
  }

  /** The flagged of both as the threshold falls. */
  private static Series operating(double[] with, double[] without) {
    int[] places = places(without.length + 1);
    double[] x = new double[places.length];
    double[] y = new double[places.length];
    for (int i = 0; i < places.length; i++) {
      int from = without.length - 1 - places[i];
      double threshold = from < 0 ? Double.NEGATIVE_INFINITY : without[from];
      x[i] = 100.0 * higher(without, threshold) / without.length;
      y[i] = 100.0 * higher(with, threshold) / with.length;
    }
    return Series.of("", x, y);
  }

  private static int higher(double[] sorted, double threshold) {
    int count = 0;
    for (double value : sorted) {
      count += value > threshold ? 1 : 0;
    }
    return count;
  }

  /** Evenly spread places among {@code n}, both ends included. */
  private static int[] places(int n) {
    int points = Math.min(n, POINTS);
    return IntStream.range(0, points)
        .map(i -> points == 1 ? 0 : (int) ((long) i * (n - 1) / (points - 1)))
        .toArray();
  }
}
