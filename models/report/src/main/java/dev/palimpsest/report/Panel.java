package dev.palimpsest.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Draws one chart into a frame of a larger drawing. */
final class Panel {
  /** Lines of at most this many points have dots, and their spread is bars, not a band. */
  private static final int FEW = 12;

  private static final double LABEL_GAP = 15;
  private static final double BELOW = 42;

  /**
   * Where a chart is drawn, in pixels.
   *
   * @param before room for the numbers of the y axis
   * @param after room for the labels of the series
   */
  record Frame(double x, double y, double width, double height, double before, double after) {}

  /** From a range of values to a range of pixels. */
  private record Scale(double low, double high, double from, double to) {
    double at(double value) {
      return from + (value - low) / (high - low) * (to - from);
    }
  }

  private final Svg svg;
  private final Theme theme;
  private final LineChart chart;
  private final List<String> names;

  /**
   * A drawer of this chart.
   *
   * @param names of all series of the drawing; the place of a name decides the series' colour
   */
  Panel(Svg svg, Theme theme, LineChart chart, List<String> names) {
    this.svg = svg;
    this.theme = theme;
    this.chart = chart;
    this.names = names;
  }

  static double leftMargin(LineChart chart, double height) {
    double[] range = yRange(chart, height);
    Ticks ticks = yTicks(range[1] - range[0], height);
    return 8
        + ticks.within(range[0], range[1]).stream()
            .mapToDouble(v -> TextWidth.of(Numbers.shown(v, ticks.decimals()), Theme.SMALL))
            .max()
            .orElse(0);
  }

  static double rightMargin(LineChart chart, double width) {
    double widest =
        chart.series().stream()
            .mapToDouble(series -> TextWidth.of(series.name(), Theme.SMALL))
            .max()
            .orElse(0);
    return Math.min(20 + widest, 0.4 * width);
  }

  void draw(Frame frame, boolean alone) {
    double top = frame.y() + headings(frame, alone);
    double bottom = frame.y() + frame.height() - BELOW;
    double left = frame.x() + frame.before();
    double right = frame.x() + frame.width() - frame.after();
    double[] yRange = yRange(chart, frame.height());
    double[] xRange = xRange(right - left);
    var x = new Scale(xRange[0], xRange[1], left, right);
    var y = new Scale(yRange[0], yRange[1], bottom, top);
    svg.begin("g")
        .with("data-chart", chart.title())
        .with("data-plot", pair(left, top) + " " + pair(right - left, bottom - top))
        .with("data-x-range", Numbers.exact(x.low()) + " " + Numbers.exact(x.high()))
        .with("data-y-range", Numbers.exact(y.low()) + " " + Numbers.exact(y.high()))
        .with("data-x-unit", chart.x().unit())
        .with("data-y-unit", chart.y().unit());
    yAxis(x, y, frame.height());
    xAxis(x, bottom);
    for (Series series : chart.series()) {
      spread(series, x, y);
    }
    for (Series series : chart.series()) {
      line(series, x, y);
    }
    labels(x, y, frame);
    svg.end();
  }

  /** Title and caption of the y axis; the room they take. */
  private double headings(Frame frame, boolean alone) {
    double y = frame.y();
    double size = alone ? Theme.LARGE : Theme.MEDIUM;
    if (!chart.title().isEmpty()) {
      List<String> lines =
          alone
              ? TextWidth.wrap(chart.title(), size, frame.width())
              : List.of(TextWidth.fit(chart.title(), size, frame.width()));
      for (String line : lines) {
        y += size + (line.equals(lines.getFirst()) ? 0 : 4);
        svg.text(frame.x(), y - 2, "start", theme.text())
            .with("font-size", size)
            .with("font-weight", 600)
            .end(line);
      }
      y += 6;
    }
    if (!chart.y().caption().isEmpty()) {
      y += Theme.SMALL + 2;
      svg.text(frame.x(), y - 2, "start", theme.muted())
          .end(TextWidth.fit(chart.y().caption(), Theme.SMALL, frame.width()));
    }
    return y - frame.y() + 14;
  }

  private void yAxis(Scale x, Scale y, double height) {
    Ticks ticks = yTicks(y.high() - y.low(), height);
    for (double value : ticks.within(y.low(), y.high())) {
      double at = y.at(value);
      boolean base = value == 0 || value == y.low();
      svg.line(x.from(), at, x.to(), at, base ? theme.strong() : theme.line()).end();
      svg.text(x.from() - 8, at + 4, "end", theme.muted())
          .end(Numbers.shown(value, ticks.decimals()));
    }
  }

  private void xAxis(Scale x, double bottom) {
    boolean whole = whole();
    Ticks ticks = xTicks(x.high() - x.low(), x.to() - x.from());
    List<Double> values = new ArrayList<>(ticks.within(x.low(), x.high()));
    // Epochs are counted from 1: the first is shown, if it stands clear of the next tick.
    if (whole
        && !values.isEmpty()
        && values.getFirst() > x.low()
        && x.at(values.getFirst()) - x.from() > 24) {
      values.addFirst(x.low());
    }
    for (double value : values) {
      svg.line(x.at(value), bottom, x.at(value), bottom + 4, theme.strong()).end();
      svg.text(x.at(value), bottom + 17, "middle", theme.muted())
          .end(Numbers.shown(value, ticks.decimals()));
    }
    svg.text((x.from() + x.to()) / 2, bottom + 36, "middle", theme.muted())
        .end(chart.x().caption());
  }

  /** The band or the bars of a series, below all lines. */
  private void spread(Series series, Scale x, Scale y) {
    List<Series.Point> points = series.points();
    if (points.stream().noneMatch(Series.Point::spread)) {
      return;
    }
    String colour = colour(series);
    if (!few()) {
      Stream<String> upper = points.stream().map(p -> pair(x.at(p.x()), y.at(p.high())));
      Stream<String> lower = points.reversed().stream().map(p -> pair(x.at(p.x()), y.at(p.low())));
      svg.begin("polygon")
          .with("points", Stream.concat(upper, lower).collect(Collectors.joining(" ")))
          .with("fill", colour)
          .with("fill-opacity", 0.14)
          .end();
      return;
    }
    for (Series.Point point : points) {
      double at = x.at(point.x());
      svg.begin("path")
          .with(
              "d",
              "M"
                  + pair(at - 3, y.at(point.low()))
                  + "h6m-3 0V"
                  + Numbers.brief(y.at(point.high()), 2)
                  + "m-3 0h6")
          .with("stroke", colour)
          .with("stroke-opacity", 0.6)
          .with("fill", "none")
          .end();
    }
  }

  private void line(Series series, Scale x, Scale y) {
    String colour = colour(series);
    List<Series.Point> points = series.points();
    svg.begin("g")
        .with("data-series", series.name())
        .with("data-x", values(series, Series.Point::x))
        .with("data-y", values(series, Series.Point::y));
    if (points.stream().anyMatch(Series.Point::spread)) {
      svg.with("data-low", values(series, Series.Point::low))
          .with("data-high", values(series, Series.Point::high));
    }
    svg.begin("polyline")
        .with(
            "points",
            points.stream()
                .map(p -> pair(x.at(p.x()), y.at(p.y())))
                .collect(Collectors.joining(" ")))
        .with("fill", "none")
        .with("stroke", colour)
        .with("stroke-width", 1.75)
        .with("stroke-linejoin", "round")
        .with("stroke-linecap", series.dashed() ? "butt" : "round");
    if (series.dashed()) {
      svg.with("stroke-dasharray", "5 3");
    }
    svg.end();
    List<Series.Point> dots = few() ? points : List.of(series.last());
    for (Series.Point point : dots) {
      svg.begin("circle")
          .with("cx", x.at(point.x()))
          .with("cy", y.at(point.y()))
          .with("r", 2.5)
          .with("fill", colour)
          .end();
    }
    if (series.ring().isPresent()) {
      Series.Point point = points.get(series.ring().getAsInt());
      svg.begin("circle")
          .with("cx", x.at(point.x()))
          .with("cy", y.at(point.y()))
          .with("r", 5)
          .with("fill", "none")
          .with("stroke", colour)
          .with("stroke-width", 1.5)
          .with("data-ring", Numbers.exact(point.x()) + " " + Numbers.exact(point.y()))
          .end();
    }
    svg.end();
  }

  /** The names at the lines' ends, pushed apart, with a thin line to those that had to move. */
  private void labels(Scale x, Scale y, Frame frame) {
    List<Series> series = chart.series();
    double[] wanted = series.stream().mapToDouble(s -> y.at(s.last().y())).toArray();
    double[] places = Spread.apart(wanted, LABEL_GAP, y.to(), y.from());
    double left = x.to() + 16;
    for (int i = 0; i < places.length; i++) {
      String colour = colour(series.get(i));
      double end = x.at(series.get(i).last().x());
      boolean early = end < x.to() - 1;
      if (early || Math.abs(places[i] - wanted[i]) > 2) {
        String bend = early ? pair(x.to() + 4, wanted[i]) + " " : "";
        svg.begin("polyline")
            .with("points", pair(end + 5, wanted[i]) + " " + bend + pair(left - 3, places[i]))
            .with("fill", "none")
            .with("stroke", colour)
            .with("stroke-opacity", 0.6);
        if (early) {
          svg.with("stroke-dasharray", "1 3");
        }
        svg.end();
      }
      svg.text(left, places[i] + 4, "start", colour)
          .with("font-weight", 600)
          .end(TextWidth.fit(series.get(i).name(), Theme.SMALL, frame.after() - 16));
    }
  }

  /** All lines of a chart are drawn in one way. */
  private boolean few() {
    return chart.series().stream().allMatch(series -> series.points().size() <= FEW);
  }

  private String colour(Series series) {
    return series.shade().isPresent()
        ? theme.shade(series.shade().getAsDouble())
        : theme.series(series.colour().orElse(names.indexOf(series.name())));
  }

  private double[] xRange(double width) {
    double[] range = range(chart, chart.x(), Series.Point::x, Series.Point::x);
    if (!whole()) {
      // An axis that starts or ends within half a step of a tick reaches out to it.
      Ticks ticks = xTicks(range[1] - range[0], width);
      double half = ticks.step().doubleValue() * 0.5000001;
      double below = ticks.below(range[0]);
      double above = ticks.above(range[1]);
      range[0] = range[0] - below <= half ? below : range[0];
      range[1] = above - range[1] <= half ? above : range[1];
    }
    return range;
  }

  /** Whether x counts something, such as epochs. */
  private boolean whole() {
    return chart.series().stream()
        .flatMap(series -> series.points().stream())
        .allMatch(point -> point.x() == Math.rint(point.x()));
  }

  private Ticks xTicks(double range, double width) {
    return Ticks.of(range, (int) Math.max(1, width / 56), whole());
  }

  /** What the axis shows: the data, and what it was asked to reach. */
  private static double[] range(
      LineChart chart,
      Axis axis,
      ToDoubleFunction<Series.Point> lower,
      ToDoubleFunction<Series.Point> upper) {
    double low = axis.min().orElse(Double.POSITIVE_INFINITY);
    double high = axis.max().orElse(Double.NEGATIVE_INFINITY);
    for (Series series : chart.series()) {
      for (Series.Point point : series.points()) {
        low = Math.min(low, lower.applyAsDouble(point));
        high = Math.max(high, upper.applyAsDouble(point));
      }
    }
    if (low == high) {
      double half = low == 0 ? 1 : Math.abs(low) / 2;
      return new double[] {low - half, high + half};
    }
    return new double[] {low, high};
  }

  private static double[] yRange(LineChart chart, double height) {
    double[] range = range(chart, chart.y(), Series.Point::low, Series.Point::high);
    if (range[0] > 0 && range[0] < 0.4 * range[1] && chart.y().min().isEmpty()) {
      range[0] = 0;
    }
    Ticks ticks = yTicks(range[1] - range[0], height);
    return new double[] {ticks.below(range[0]), ticks.above(range[1])};
  }

  private static Ticks yTicks(double range, double height) {
    return Ticks.of(range, (int) Math.max(2, Math.min(6, (height - 80) / 36)), false);
  }

  private static String values(Series series, ToDoubleFunction<Series.Point> value) {
    return series.points().stream()
        .map(point -> Numbers.exact(value.applyAsDouble(point)))
        .collect(Collectors.joining(" "));
  }

  private static String pair(double x, double y) {
    return Numbers.brief(x, 2) + " " + Numbers.brief(y, 2);
  }
}
