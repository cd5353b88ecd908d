package dev.palimpsest.report;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Losses on a plane through a network as maps side by side, on one logarithmic scale of colours,
 * with contour lines at its marks; a ring is the network itself, at 0.
 *
 * @param title may be empty
 * @param subtitle one line below the title; may be empty
 * @param surfaces at least one
 * @param places along both axes, ascending, evenly spaced, two or more
 * @param range of the scale of colours; what lies beyond it is drawn as its ends, and said so
 */
public record LossMap(
    String title,
    String subtitle,
    List<Surface> surfaces,
    List<Double> places,
    Axis x,
    Axis y,
    Range range) {
  private static final double PADDING = 20;
  private static final double GAP = 28;
  private static final double SIDE = 320;
  private static final double LEFT = 44;
  private static final double ABOVE = 40;
  private static final double BELOW = 44;
  private static final double LEGEND = 56;
  private static final double LEGEND_WIDTH = 320;

  /**
   * A map.
   *
   * @param rows losses above 0 from the lowest place on the y axis up, each from the left
   */
  public record Surface(String title, List<List<Double>> rows) {
    public Surface {
      rows = rows.stream().map(List::copyOf).toList();
    }

    private DoubleStream values() {
      return rows.stream().flatMapToDouble(row -> row.stream().mapToDouble(value -> value));
    }
  }

  /** The ends of the scale of colours, 0 &lt; low &lt; high. */
  public record Range(double low, double high) {
    /** Throws {@link IllegalArgumentException} for ends that a logarithm cannot have. */
    public Range {
      if (!(0 < low && low < high && high < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("no logarithmic scale runs from " + low + " to " + high);
      }
    }

    /** The place on the scale, 0 to 1. */
    double share(double value) {
      return (log(Math.clamp(value, low, high)) - log(low)) / (log(high) - log(low));
    }

    private static double log(double value) {
      return StrictMath.log10(value);
    }

    /** 1, 2 and 5 times the powers of ten between the ends, both included. */
    List<Double> levels() {
      return IntStream.rangeClosed((int) Math.floor(log(low)) - 1, (int) Math.ceil(log(high)))
          .boxed()
          .flatMap(
              power -> DoubleStream.of(1, 2, 5).mapToObj(m -> Double.parseDouble(m + "e" + power)))
          .filter(level -> level >= low * (1 - 1e-9) && level <= high * (1 + 1e-9))
          .toList();
    }
  }

  /** Throws {@link IllegalArgumentException} for shapes that do not fit and what is no loss. */
  public LossMap {
    surfaces = List.copyOf(surfaces);
    places = List.copyOf(places);
    int n = places.size();
    if (surfaces.isEmpty() || n < 2) {
      throw new IllegalArgumentException(
          "map '" + title + "' has " + surfaces.size() + " surfaces of " + n + " places a side");
    }
    for (Surface surface : surfaces) {
      boolean square =
          surface.rows().size() == n && surface.rows().stream().allMatch(row -> row.size() == n);
      if (!square || !surface.values().allMatch(value -> value >= 0 && Double.isFinite(value))) {
        throw new IllegalArgumentException(
            "surface '"
                + surface.title()
                + "' is no "
                + n
                + " by "
                + n
                + " matrix of finite losses of at least 0");
      }
    }
  }

  /** The maps as an SVG drawing. */
  public String svg(Theme theme) {
    var heading = new Heading(title, subtitle);
    double cell = Math.max(2, Math.rint(SIDE / places.size()));
    double side = cell * places.size();
    double panel = LEFT + side + 12;
    double width =
        Math.ceil(
            2 * PADDING
                + Math.max(
                    LEFT + LEGEND_WIDTH + 60,
                    Math.max(
                        surfaces.size() * panel + (surfaces.size() - 1) * GAP,
                        Math.min(480, heading.width()))));
    double top = PADDING + heading.height();
    double bottom = top + ABOVE + side + BELOW;
    var svg = new Svg(width, bottom + LEGEND + PADDING, title.isEmpty() ? "losses" : title, theme);
    heading.draw(svg, theme, PADDING, width - 2 * PADDING);
    for (int i = 0; i < surfaces.size(); i++) {
      new Drawing(svg, theme, surfaces.get(i), PADDING + i * (panel + GAP), top, cell).draw();
    }
    legend(svg, theme, bottom + 12);
    return svg.finish();
  }

  /** One surface being drawn. */
  private final class Drawing {
    private final Svg svg;
    private final Theme theme;
    private final Surface surface;
    private final double left;
    private final double top;
    private final double above;
    private final double cell;
    private final double side;

    Drawing(Svg svg, Theme theme, Surface surface, double left, double top, double cell) {
      this.svg = svg;
      this.theme = theme;
      this.surface = surface;
      this.left = left + LEFT;
      this.above = top;
      this.top = top + ABOVE;
      this.cell = cell;
      this.side = cell * places.size();
    }

    void draw() {
      svg.begin("g").with("data-surface", surface.title());
      svg.text(left - LEFT, above + 10, "start", theme.text())
          .with("font-size", Theme.MEDIUM)
          .with("font-weight", 600)
          .end(TextWidth.fit(surface.title(), Theme.MEDIUM, side));
      svg.text(left - LEFT, above + 29, "start", theme.muted()).end(y.caption());
      cells();
      contours();
      middle();
      axes();
      svg.end();
    }

    private void cells() {
      for (int i = 0; i < places.size(); i++) {
        for (int j = 0; j < places.size(); j++) {
          double value = surface.rows().get(i).get(j);
          svg.begin("rect")
              .with("x", left + j * cell)
              .with("y", top + side - (i + 1) * cell)
              .with("width", cell)
              .with("height", cell)
              .with("fill", theme.heat(range.share(value)))
              .with("data-value", Numbers.exact(value))
              .end();
        }
      }
    }

    private void contours() {
      double[][] heights = new double[places.size()][places.size()];
      for (int i = 0; i < heights.length; i++) {
        for (int j = 0; j < heights.length; j++) {
          heights[i][j] = StrictMath.log10(Math.max(1e-300, surface.rows().get(i).get(j)));
        }
      }
      for (double level : range.levels()) {
        var path = new StringBuilder();
        for (Contours.Piece piece : Contours.of(heights, StrictMath.log10(level))) {
          path.append(path.isEmpty() ? "M" : " M")
              .append(at(piece.column1(), piece.row1()))
              .append("L")
              .append(at(piece.column2(), piece.row2()));
        }
        if (!path.isEmpty()) {
          svg.begin("path")
              .with("d", path.toString())
              .with("fill", "none")
              .with("stroke", theme.onHeat(range.share(level)))
              .with("stroke-opacity", 0.45)
              .with("data-level", Numbers.exact(level))
              .end();
        }
      }
    }

    /** A ring where both places are 0: the network itself. */
    private void middle() {
      double value = surface.rows().get(places.size() / 2).get(places.size() / 2);
      svg.begin("circle")
          .with("cx", left + along(0))
          .with("cy", top + side - along(0))
          .with("r", 4)
          .with("fill", "none")
          .with("stroke", theme.onHeat(range.share(value)))
          .with("stroke-width", 1.5)
          .end();
    }

    /** How far a place lies from the origin of an axis, in pixels. */
    private double along(double place) {
      double share = (place - places.getFirst()) / (places.getLast() - places.getFirst());
      return (share * (places.size() - 1) + 0.5) * cell;
    }

    private String at(double column, double row) {
      return Numbers.brief(left + (column + 0.5) * cell, 1)
          + " "
          + Numbers.brief(top + side - (row + 0.5) * cell, 1);
    }

    private void axes() {
      double low = places.getFirst();
      double high = places.getLast();
      Ticks ticks = Ticks.of(high - low, 4, false);
      for (double value : ticks.within(low, high)) {
        double along = along(value);
        String text = Numbers.shown(value, ticks.decimals());
        svg.line(left + along, top + side, left + along, top + side + 4, theme.strong()).end();
        svg.text(left + along, top + side + 17, "middle", theme.muted()).end(text);
        double across = top + side - along;
        svg.line(left - 4, across, left, across, theme.strong()).end();
        svg.text(left - 8, across + 4, "end", theme.muted()).end(text);
      }
      svg.text(left + side / 2, top + side + 36, "middle", theme.muted()).end(x.caption());
    }
  }

  /** The scale of colours with its levels, and what lies beyond it. */
  private void legend(Svg svg, Theme theme, double y) {
    double left = PADDING + LEFT;
    int steps = 80;
    double step = LEGEND_WIDTH / steps;
    svg.text(PADDING, y + 10, "start", theme.muted()).end("loss");
    for (int i = 0; i < steps; i++) {
      svg.begin("rect")
          .with("x", left + i * step)
          .with("y", y)
          .with("width", step)
          .with("height", 12)
          .with("fill", theme.heat((double) i / (steps - 1)))
          .end();
    }
    long above =
        surfaces.stream().flatMapToDouble(Surface::values).filter(v -> v > range.high()).count();
    long below =
        surfaces.stream().flatMapToDouble(Surface::values).filter(v -> v < range.low()).count();
    double free = Double.NEGATIVE_INFINITY;
    for (double level : range.levels()) {
      double at = left + range.share(level) * LEGEND_WIDTH;
      svg.line(at, y + 12, at, y + 16, theme.strong()).end();
      String text = Numbers.brief(level, 12);
      double half = TextWidth.of(text, Theme.SMALL) / 2;
      if (at - half > free) {
        svg.text(at, y + 28, "middle", theme.muted()).end(text);
        free = at + half + 4;
      }
    }
    if (above + below > 0) {
      svg.text(PADDING, y + 48, "start", theme.muted())
          .end("beyond the scale and drawn as its ends: " + below + " below, " + above + " above");
    }
  }
}
