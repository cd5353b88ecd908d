package dev.palimpsest.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Small multiples: charts of one size side by side, a series having one colour in all of them.
 *
 * @param title may be empty
 * @param subtitle one line below the title; may be empty
 * @param charts at least one, row by row
 * @param columns charts in a row, at least 1
 */
public record ChartGrid(String title, String subtitle, List<LineChart> charts, int columns) {
  private static final double PADDING = 20;
  private static final double GAP = 28;

  public ChartGrid {
    charts = List.copyOf(charts);
    if (charts.isEmpty() || columns < 1) {
      throw new IllegalArgumentException(
          "grid '" + title + "' has " + charts.size() + " charts in " + columns + " columns");
    }
  }

  /** The grid as an SVG drawing, each chart 400 by 300 pixels. */
  public String svg(Theme theme) {
    int rows = (charts.size() + columns - 1) / columns;
    double width = 2 * PADDING + columns * 400 + (columns - 1) * GAP;
    double height = 2 * PADDING + heading().height() + rows * 300 + (rows - 1) * GAP;
    return svg(theme, (int) width, (int) height);
  }

  /**
   * The grid as an SVG drawing.
   *
   * @param width in pixels, at least 240 for each column
   * @param height in pixels, at least 180 for each row
   */
  public String svg(Theme theme, int width, int height) {
    int rows = (charts.size() + columns - 1) / columns;
    if (width < 240 * columns || height < 180 * rows) {
      throw new IllegalArgumentException(
          width
              + " by "
              + height
              + " pixels are too few for "
              + columns
              + " by "
              + rows
              + " charts; expected at least 240 by 180 for each");
    }
    var names = new ArrayList<>(names());
    double cellWidth = (width - 2 * PADDING - (columns - 1) * GAP) / columns;
    double cellHeight = (height - 2 * PADDING - heading().height() - (rows - 1) * GAP) / rows;
    double left = charts.stream().mapToDouble(c -> Panel.leftMargin(c, cellHeight)).max().orElse(0);
    double right =
        charts.stream().mapToDouble(c -> Panel.rightMargin(c, cellWidth)).max().orElse(0);
    var svg = new Svg(width, height, name(), theme);
    heading().draw(svg, theme, PADDING, width - 2 * PADDING);
    for (int i = 0; i < charts.size(); i++) {
      double x = PADDING + (i % columns) * (cellWidth + GAP);
      int row = i / columns;
      double y = PADDING + heading().height() + row * (cellHeight + GAP);
      new Panel(svg, theme, charts.get(i), names)
          .draw(new Panel.Frame(x, y, cellWidth, cellHeight, left, right), charts.size() == 1);
    }
    return svg.finish();
  }

  private Heading heading() {
    return new Heading(title, subtitle);
  }

  private LinkedHashSet<String> names() {
    return charts.stream()
        .flatMap(chart -> chart.series().stream())
        .map(Series::name)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private String name() {
    return title.isEmpty()
        ? charts.stream().map(LineChart::name).collect(Collectors.joining("; "))
        : title;
  }
}
