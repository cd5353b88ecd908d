package dev.palimpsest.report;

import java.util.List;

/**
 * Accuracy matrices of continual learning side by side: a row for each task learned, a column for
 * each task tested, so that a column read downwards shows how a task is forgotten.
 *
 * @param title may be empty
 * @param subtitle one line below the title; may be empty
 * @param matrices at least one, row by row
 * @param columns matrices in a row, at least 1
 */
public record HeatMap(String title, String subtitle, List<Matrix> matrices, int columns) {
  private static final double PADDING = 20;
  private static final double GAP = 28;

  /** Room for the numbers at the left, and for the heads above and below the cells. */
  private static final double LEFT = 24;

  private static final double ABOVE = 36;
  private static final double BELOW = 40;
  private static final double NARROWEST = 220;
  private static final double LEGEND = 44;
  private static final double LEGEND_WIDTH = 300;

  /** Cells from this many tasks on are too small for a digit after the point. */
  private static final int MANY = 11;

  /**
   * A matrix.
   *
   * @param title may be empty
   * @param rows accuracies in percent; row t, counted from 1, has those of tasks 1 to t
   */
  public record Matrix(String title, List<List<Double>> rows) {
    /** Throws {@link IllegalArgumentException} for another shape and what is no percentage. */
    public Matrix {
      rows = rows.stream().map(List::copyOf).toList();
      if (rows.isEmpty()) {
        throw new IllegalArgumentException("matrix '" + title + "' has no rows");
      }
      for (int t = 1; t <= rows.size(); t++) {
        List<Double> row = rows.get(t - 1);
        if (row.size() != t || !row.stream().allMatch(value -> value >= 0 && value <= 100)) {
          throw new IllegalArgumentException(
              "row "
                  + t
                  + " of matrix '"
                  + title
                  + "' is "
                  + row
                  + "; expected "
                  + t
                  + " values from 0 to 100");
        }
      }
    }

    int tasks() {
      return rows.size();
    }
  }

  /** Throws {@link IllegalArgumentException} without a matrix or a column. */
  public HeatMap {
    matrices = List.copyOf(matrices);
    if (matrices.isEmpty() || columns < 1) {
      throw new IllegalArgumentException(
          "heat map '"
              + title
              + "' has "
              + matrices.size()
              + " matrices in "
              + columns
              + " columns");
    }
  }

  /** The matrices as an SVG drawing. */
  public String svg(Theme theme) {
    var heading = new Heading(title, subtitle);
    int tasks = matrices.stream().mapToInt(Matrix::tasks).max().orElse(1);
    // Whole pixels, so that cells are of one size and their edges sharp.
    double cell = Math.rint(Math.clamp(360.0 / tasks, 22, 44));
    double panelWidth = Math.max(NARROWEST, LEFT + tasks * cell);
    double panelHeight = ABOVE + tasks * cell + BELOW;
    int across = Math.min(columns, matrices.size());
    int down = (matrices.size() + across - 1) / across;
    double width =
        Math.ceil(
            2 * PADDING
                + Math.max(
                    LEGEND_WIDTH,
                    Math.max(
                        across * panelWidth + (across - 1) * GAP, Math.min(480, heading.width()))));
    double top = PADDING + heading.height();
    double bottom = top + down * panelHeight + (down - 1) * GAP;
    var svg = new Svg(width, bottom + LEGEND + PADDING, name(), theme);
    heading.draw(svg, theme, PADDING, width - 2 * PADDING);
    for (int i = 0; i < matrices.size(); i++) {
      double x = PADDING + (i % across) * (panelWidth + GAP);
      double y = top + (i / across) * (panelHeight + GAP);
      panel(svg, theme, matrices.get(i), x, y, cell, panelWidth);
    }
    legend(svg, theme, bottom + 12);
    return svg.finish();
  }

  private static void panel(
      Svg svg, Theme theme, Matrix matrix, double x, double y, double cell, double width) {
    svg.text(x, y + 10, "start", theme.text())
        .with("font-size", Theme.MEDIUM)
        .with("font-weight", 600)
        .end(TextWidth.fit(matrix.title(), Theme.MEDIUM, width));
    svg.text(x, y + 27, "start", theme.muted()).end("after task");
    double left = x + LEFT;
    double top = y + ABOVE;
    double bottom = top + matrix.tasks() * cell;
    for (int t = 1; t <= matrix.tasks(); t++) {
      svg.text(left - 8, top + (t - 0.5) * cell + 4, "end", theme.muted()).end(Integer.toString(t));
      svg.text(left + (t - 0.5) * cell, bottom + 16, "middle", theme.muted())
          .end(Integer.toString(t));
      for (int k = 1; k <= t; k++) {
        double value = matrix.rows().get(t - 1).get(k - 1);
        cell(svg, theme, matrix, t, k, value, left + (k - 1) * cell, top + (t - 1) * cell, cell);
      }
    }
    svg.text(left + matrix.tasks() * cell / 2, bottom + 33, "middle", theme.muted()).end("task");
  }

  private static void cell(
      Svg svg,
      Theme theme,
      Matrix matrix,
      int t,
      int k,
      double value,
      double x,
      double y,
      double size) {
    svg.begin("g").with("data-cell", t + " " + k).with("data-value", Numbers.exact(value));
    svg.begin("title")
        .end("task " + k + " after task " + t + ": " + Numbers.fixed(value, 2) + " %");
    // A pixel less than its place, so that the ground draws the lines between the cells.
    svg.begin("rect")
        .with("x", x)
        .with("y", y)
        .with("width", size - 1)
        .with("height", size - 1)
        .with("fill", theme.heat(value / 100))
        .end();
    boolean many = matrix.tasks() >= MANY;
    svg.text(
            x + (size - 1) / 2,
            y + (size - 1) / 2 + (many ? 3 : 4),
            "middle",
            theme.onHeat(value / 100))
        .with("font-size", many ? 9 : Theme.SMALL)
        .end(Numbers.fixed(value, many ? 0 : 1));
    svg.end();
  }

  /** The scale of colours with its ends and its middle. */
  private static void legend(Svg svg, Theme theme, double y) {
    int steps = 50;
    double step = 4;
    svg.text(PADDING, y + 9, "start", theme.muted()).end("accuracy (%)");
    double left = PADDING + 84;
    for (int i = 0; i < steps; i++) {
      svg.begin("rect")
          .with("x", left + i * step)
          .with("y", y)
          .with("width", step)
          .with("height", 12)
          .with("fill", theme.heat((double) i / (steps - 1)))
          .end();
    }
    for (int percent = 0; percent <= 100; percent += 50) {
      double at = left + percent / 100.0 * steps * step;
      svg.text(at, y + 27, "middle", theme.muted()).end(Integer.toString(percent));
    }
  }

  private String name() {
    return title.isEmpty()
        ? String.join("; ", matrices.stream().map(Matrix::title).toList())
        : title;
  }
}
