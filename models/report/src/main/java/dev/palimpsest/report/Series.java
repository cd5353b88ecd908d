package dev.palimpsest.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * One line of a chart.
 *
 * @param name the label at its end
 * @param points from left to right; at least one
 * @param colour number of its colour in the palette; if absent, its place among the names decides
 * @param shade its place on the scale of shades instead, 0 faint to 1 full, for lines in an order
 * @param dashed whether the line is broken
 * @param ring the point that gets a ring, such as the best epoch
 */
public record Series(
    String name,
    List<Point> points,
    OptionalInt colour,
    OptionalDouble shade,
    boolean dashed,
    OptionalInt ring) {

  /**
   * A point with its spread.
   *
   * @param low lower end of its band, at most {@code y}
   * @param high upper end of its band, at least {@code y}
   */
  public record Point(double x, double y, double low, double high) {
    /** Throws {@link IllegalArgumentException} for what is not finite or not in order. */
    public Point {
      if (!Double.isFinite(x) || !Double.isFinite(high - low) || !(low <= y && y <= high)) {
        throw new IllegalArgumentException(
            "point x "
                + x
                + ", y "
                + y
                + " from "
                + low
                + " to "
                + high
                + " cannot be drawn: expected finite values with low <= y <= high");
      }
    }

    boolean spread() {
      return low < high;
    }
  }

  /** Throws {@link IllegalArgumentException} when points are missing or run backwards. */
  public Series {
    points = List.copyOf(points);
    if (points.isEmpty()) {
      throw new IllegalArgumentException("series '" + name + "' has no points");
    }
    for (int i = 1; i < points.size(); i++) {
      if (points.get(i).x() < points.get(i - 1).x()) {
        throw new IllegalArgumentException(
            "series '" + name + "' runs backwards at x " + points.get(i).x());
      }
    }
    if (ring.isPresent() && (ring.getAsInt() < 0 || ring.getAsInt() >= points.size())) {
      throw new IllegalArgumentException(
          "series '" + name + "' has no point " + ring.getAsInt() + " to ring");
    }
  }

  /** A solid line through {@code (x[i], y[i])}. */
  public static Series of(String name, double[] x, double[] y) {
    return of(name, x, y, y, y);
  }

  /** A solid line with a band from {@code low[i]} to {@code high[i]}. */
  public static Series of(String name, double[] x, double[] y, double[] low, double[] high) {
    if (y.length != x.length || low.length != x.length || high.length != x.length) {
      throw new IllegalArgumentException(
          "series '" + name + "' has arrays of different lengths for x and y");
    }
    var points = new ArrayList<Point>();
    for (int i = 0; i < x.length; i++) {
      points.add(new Point(x[i], y[i], low[i], high[i]));
    }
    return new Series(
        name, points, OptionalInt.empty(), OptionalDouble.empty(), false, OptionalInt.empty());
  }

  /** In the palette's colour {@code index}, 0 or more; colours repeat after five. */
  public Series colour(int index) {
    return new Series(name, points, OptionalInt.of(index), shade, dashed, ring);
  }

  /** In a shade from 0, faint, to 1, full. */
  public Series shade(double share) {
    return new Series(name, points, colour, OptionalDouble.of(share), dashed, ring);
  }

  /** As a broken line. */
  public Series broken() {
    return new Series(name, points, colour, shade, true, ring);
  }

  /** With a ring around point {@code index}. */
  public Series ring(int index) {
    return new Series(name, points, colour, shade, dashed, OptionalInt.of(index));
  }

  Point last() {
    return points.getLast();
  }
}
