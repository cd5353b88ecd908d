package dev.palimpsest.report;

import java.util.List;

/**
 * Lines over a common x axis, each labelled at its end.
 *
 * @param title may be empty
 * @param series at least one
 */
public record LineChart(String title, Axis x, Axis y, List<Series> series) {
  public LineChart {
    series = List.copyOf(series);
    if (series.isEmpty()) {
      throw new IllegalArgumentException("chart '" + title + "' has no series");
    }
  }

  /** The chart as an SVG drawing, 640 by 380 pixels. */
  public String svg(Theme theme) {
    return svg(theme, 640, 380);
  }

  /**
   * The chart as an SVG drawing.
   *
   * @param width in pixels, at least 240
   * @param height in pixels, at least 180
   */
  public String svg(Theme theme, int width, int height) {
    return new ChartGrid("", "", List.of(this), 1).svg(theme, width, height);
  }

  /** Its title, or what it shows. */
  public String name() {
    return title.isEmpty() ? y.caption() + " by " + x.caption() : title;
  }
}
