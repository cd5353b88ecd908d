package dev.palimpsest.console.web;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.report.Axis;
import dev.palimpsest.report.HeatMap;
import dev.palimpsest.report.LineChart;
import dev.palimpsest.report.Series;
import dev.palimpsest.report.Theme;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Charts within pages: they follow the page's colours, are drawn for a wide and for a narrow
 * window, and {@code charts.js} reads their values under the pointer and by the arrow keys.
 */
public final class Charts {
  private static final int WIDE = 620;
  private static final int NARROW = 340;
  private static final int HEIGHT = 300;

  /** More points than a line of this width can show are thinned out. */
  private static final int MOST_POINTS = 120;

  private static final MathContext DIGITS = new MathContext(5);

  private Charts() {}

  /**
   * The chart as HTML that escapes all it holds; stands in an element of the class {@code charts}.
   */
  public static String html(LineChart chart) {
    return piece(chart, "wide", WIDE) + piece(chart, "narrow", NARROW);
  }

  /** The matrices as HTML, which scrolls within itself where it is wider than the window. */
  public static String html(HeatMap map) {
    return "<div class=\"scroll\">" + map.svg(Theme.PAGE) + "</div>";
  }

  private static String piece(LineChart chart, String kind, int width) {
    return "<div class=\"chart "
        + kind
        + "\" tabindex=\"0\" role=\"group\" aria-label=\"Chart; the arrow keys read its values\""
        + " data-readout>"
        + chart.svg(Theme.PAGE, width, HEIGHT)
        + "</div>";
  }

  /**
   * Curves of what stages measured, a chart for each unit: the loss, and shares in percent.
   *
   * @param lines by the name of their curve (empty where there is one alone), each line a JSON
   *     object with {@code epoch} and fractions or losses by name, in the order of epochs
   */
  public static List<LineChart> of(Map<String, List<JsonNode>> lines) {
    var losses = new ArrayList<Series>();
    var shares = new ArrayList<Series>();
    for (String measure : measures(lines)) {
      lines.forEach((name, each) -> {
        SequencedMap<Double, Double> values = values(each, measure);
        if (!values.isEmpty()) {
          boolean loss = isLoss(measure);
          Series series = series(label(name, measure), values, loss ? 1 : 100);
          (loss ? losses : shares).add(series);
        }
      });
    }
    var charts = new ArrayList<LineChart>();
    Axis epochs = Axis.of("epoch", "");
    if (!losses.isEmpty()) {
      charts.add(new LineChart("", epochs, Axis.of("loss", ""), losses));
    }
    if (!shares.isEmpty()) {
      charts.add(new LineChart("", epochs, Axis.of("share", "%").from(0, 100), shares));
    }
    return charts;
  }

  /**
   * The same curves laid over each other, a chart for each measure, a curve keeping its colour.
   *
   * @param lines as {@link #of} takes them
   */
  public static List<LineChart> overlaid(SequencedMap<String, List<JsonNode>> lines) {
    List<String> names = List.copyOf(lines.keySet());
    var charts = new ArrayList<LineChart>();
    for (String measure : measures(lines)) {
      boolean loss = isLoss(measure);
      var curves = new ArrayList<Series>();
      lines.forEach((name, each) -> {
        SequencedMap<Double, Double> values = values(each, measure);
        if (!values.isEmpty()) {
          curves.add(series(name, values, loss ? 1 : 100).colour(names.indexOf(name)));
        }
      });
      if (!curves.isEmpty()) {
        Axis y = Axis.of(label("", measure), loss ? "" : "%");
        charts.add(new LineChart("", Axis.of("epoch", ""), loss ? y : y.from(0, 100), curves));
      }
    }
    return charts;
  }

  /** Loss first, then accuracy and ASR, then what else there is. */
  private static LinkedHashSet<String> measures(Map<String, List<JsonNode>> lines) {
    var found = new LinkedHashSet<String>();
    lines
        .values()
        .forEach(each -> each.forEach(line -> line.fieldNames().forEachRemaining(found::add)));
    var ordered = new LinkedHashSet<>(List.of("loss", "accuracy", "asr"));
    ordered.retainAll(found);
    ordered.addAll(found);
    ordered.removeAll(List.of("epoch", "gradientEvaluations"));
    return ordered;
  }

  private static boolean isLoss(String measure) {
    return measure.toLowerCase(Locale.ROOT).contains("loss");
  }

  private static SequencedMap<Double, Double> values(List<JsonNode> lines, String measure) {
    var values = new LinkedHashMap<Double, Double>();
    double last = Double.NEGATIVE_INFINITY;
    for (JsonNode line : lines) {
      double epoch = line.path("epoch").asDouble(Double.NaN);
      JsonNode value = line.path(measure);
      if (value.isNumber() && Double.isFinite(value.asDouble()) && epoch >= last) {
        values.put(epoch, value.asDouble());
        last = epoch;
      }
    }
    return values;
  }

  private static String label(String name, String measure) {
    String shown =
        measure.equals("asr")
            ? "ASR"
            : measure.replaceAll("([a-z])([A-Z])", "$1 $2").toLowerCase(Locale.ROOT);
    return name.isEmpty() ? shown : name + " " + shown;
  }

  private static Series series(String name, SequencedMap<Double, Double> values, double scale) {
    List<Double> epochs = List.copyOf(values.keySet());
    int points = Math.min(MOST_POINTS, epochs.size());
    double[] x = new double[points];
    double[] y = new double[points];
    for (int i = 0; i < points; i++) {
      // The first and the last stay.
      int at = points == 1 ? 0 : (int) ((long) i * (epochs.size() - 1) / (points - 1));
      x[i] = epochs.get(at);
      y[i] = rounded(values.getOrDefault(epochs.get(at), 0.0) * scale);
    }
    return Series.of(name, x, y);
  }

  private static double rounded(double value) {
    return new BigDecimal(value).round(DIGITS).doubleValue();
  }
}
