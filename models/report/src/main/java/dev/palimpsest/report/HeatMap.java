package dev.palimpsest.report;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Matrices of percentages side by side: accuracies of continual learning (a row for each task
 * learned, a column for each task tested, so that a column read downwards shows how a task is
 * forgotten), or confusions (a row for each true class, a column for each predicted one).
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

  private static final double WIDEST_HEAD = 110;

  private static final double ABOVE = 36;
  private static final double BELOW = 40;
  private static final double NARROWEST = 220;
  private static final double LEGEND = 44;
  private static final double LEGEND_WIDTH = 300;

  /** Cells from this many columns on are too small for a digit after the point. */
  private static final int MANY = 11;

  /** Cells from this many columns on are too small for a number. */
  private static final int TOO_MANY = 31;

  /** What rows and columns are. */
  private enum Of {
    TASKS("after task", "task", "accuracy (%)"),
    CLASSES("true class", "predicted class", "share of row (%)");

    private final String rows;
    private final String columns;
    private final String values;

    Of(String rows, String columns, String values) {
      this.rows = rows;
      this.columns = columns;
      this.values = values;
    }
  }

  /** A matrix. */
  public static final class Matrix {
    private final String title;
    private final Of of;
    private final List<String> names;
    private final List<List<Double>> rows;

    /**
     * Accuracies task by task.
     *
     * @param title may be empty
     * @param rows accuracies in percent; row t, counted from 1, has those of tasks 1 to t
     */
    public Matrix(String title, List<List<Double>> rows) {
      this(
          title,
          Of.TASKS,
          IntStream.rangeClosed(1, rows.size()).mapToObj(Integer::toString).toList(),
          rows);
    }

    private Matrix(String title, Of of, List<String> names, List<List<Double>> rows) {
      this.title = title;
      this.of = of;
      this.names = List.copyOf(names);
      this.rows = rows.stream().map(List::copyOf).toList();
      if (rows.isEmpty()) {
        throw new IllegalArgumentException("matrix '" + title + "' has no rows");
      }
      for (int t = 1; t <= rows.size(); t++) {
        List<Double> row = rows.get(t - 1);
        int expected = of == Of.TASKS ? t : names.size();
        if (row.size() != expected || !row.stream().allMatch(value -> value >= 0 && value <= 100)) {
          throw new IllegalArgumentException(
              "row "
                  + t
                  + " of matrix '"
                  + title
                  + "' is "
                  + row
                  + "; expected "
                  + expected
                  + " values from 0 to 100");
        }
      }
    }

    /**
     * Which class is taken for which.
     *
     * @param classes their names
     * @param rows by true class, in percent of its images; as many and as long as there are classes
     */
    public static Matrix confusion(String title, List<String> classes, List<List<Double>> rows) {
      if (rows.size() != classes.size()) {
        throw new IllegalArgumentException(
            "matrix '"
                + title
                + "' has "
                + rows.size()
                + " rows for "
                + classes.size()
                + " classes");
      }
      return new Matrix(title, Of.CLASSES, classes, rows);
    }

    private int size() {
      return rows.size();
    }

    /** What stands at the left of a row; columns have its first word. */
    private String head(int row) {
      return of == Of.TASKS ? names.get(row) : row + " " + names.get(row);
    }

    /** What stands below a column. */
    private String foot(int column) {
      return of == Of.TASKS ? names.get(column) : Integer.toString(column);
    }

    private String told(int row, int column) {
      return of == Of.TASKS
          ? "task " + names.get(column) + " after task " + names.get(row)
          : names.get(row) + " taken for " + names.get(column);
    }

    /** Room for the heads of the rows. */
    private double left() {
      double widest =
          IntStream.range(0, size())
              .mapToDouble(row -> TextWidth.of(head(row), Theme.SMALL))
              .max()
              .orElse(0);
      return Math.max(LEFT, Math.rint(Math.min(widest, WIDEST_HEAD) + 10));
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
    int most = matrices.stream().mapToInt(Matrix::size).max().orElse(1);
    // Whole pixels, so that cells are of one size and their edges sharp.
    double cell =
        Math.rint(Math.clamp(most < TOO_MANY ? 360.0 / most : 0, most < TOO_MANY ? 22 : 12, 44));
    double left = matrices.stream().mapToDouble(Matrix::left).max().orElse(LEFT);
    double panelWidth = Math.max(NARROWEST, left + most * cell);
    double panelHeight = ABOVE + most * cell + BELOW;
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
      panel(svg, theme, matrices.get(i), x, y, left, cell, panelWidth);
    }
    legend(svg, theme, bottom + 12);
    return svg.finish();
  }

  private static void panel(
      Svg svg,
      Theme theme,
      Matrix matrix,
      double x,
      double y,
      double heads,
      double cell,
      double width) {
    svg.text(x, y + 10, "start", theme.text())
        .with("font-size", Theme.MEDIUM)
        .with("font-weight", 600)
        .end(TextWidth.fit(matrix.title, Theme.MEDIUM, width));
    svg.text(x, y + 27, "start", theme.muted()).end(matrix.of.rows);
    double left = x + heads;
    double top = y + ABOVE;
    double bottom = top + matrix.size() * cell;
    // Numbers below narrow columns would touch each other.
    int every = cell < 22 ? 5 : 1;
    for (int t = 0; t < matrix.size(); t++) {
      svg.text(left - 8, top + (t + 0.5) * cell + 4, "end", theme.muted())
          .end(TextWidth.fit(matrix.head(t), Theme.SMALL, heads - 8));
      if (t % every == 0) {
        svg.text(left + (t + 0.5) * cell, bottom + 16, "middle", theme.muted()).end(matrix.foot(t));
      }
      for (int k = 0; k < matrix.rows.get(t).size(); k++) {
        cell(svg, theme, matrix, t, k, left + k * cell, top + t * cell, cell);
      }
    }
    svg.text(left + matrix.size() * cell / 2, bottom + 33, "middle", theme.muted())
        .end(matrix.of.columns);
  }

  private static void cell(
      Svg svg, Theme theme, Matrix matrix, int row, int column, double x, double y, double size) {
    double value = matrix.rows.get(row).get(column);
    svg.begin("g")
        .with("data-cell", matrix.foot(row) + " " + matrix.foot(column))
        .with("data-value", Numbers.exact(value));
    svg.begin("title").end(matrix.told(row, column) + ": " + Numbers.fixed(value, 2) + " %");
    // A pixel less than its place, so that the ground draws the lines between the cells.
    svg.begin("rect")
        .with("x", x)
        .with("y", y)
        .with("width", size - 1)
        .with("height", size - 1)
        .with("fill", theme.heat(value / 100))
        .end();
    if (matrix.size() < TOO_MANY) {
      boolean many = matrix.size() >= MANY;
      svg.text(
              x + (size - 1) / 2,
              y + (size - 1) / 2 + (many ? 3 : 4),
              "middle",
              theme.onHeat(value / 100))
          .with("font-size", many ? 9 : Theme.SMALL)
          .end(Numbers.fixed(value, many ? 0 : 1));
    }
    svg.end();
  }

  /** The scale of colours with its ends and its middle. */
  private void legend(Svg svg, Theme theme, double y) {
    int steps = 50;
    double step = 4;
    String values = matrices.getFirst().of.values;
    svg.text(PADDING, y + 9, "start", theme.muted()).end(values);
    double left = PADDING + Math.max(84, 8 + Math.rint(TextWidth.of(values, Theme.SMALL)));
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
        ? String.join("; ", matrices.stream().map(matrix -> matrix.title).toList())
        : title;
  }
}
