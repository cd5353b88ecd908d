package dev.palimpsest.report;

import java.util.ArrayList;
import java.util.List;

/** Lines of equal height on a grid, by marching squares with straight lines between neighbours. */
final class Contours {
  private Contours() {}

  /** A piece of a line within one square of the grid; places in rows and columns. */
  record Piece(double column1, double row1, double column2, double row2) {}

  private record Point(double column, double row) {}

  /**
   * The pieces, square by square.
   *
   * @param heights [rows][columns]
   */
  static List<Piece> of(double[][] heights, double level) {
    var pieces = new ArrayList<Piece>();
    for (int i = 0; i + 1 < heights.length; i++) {
      for (int j = 0; j + 1 < heights[i].length; j++) {
        List<Point> crossings = crossings(heights, i, j, level);
        if (crossings.size() == 2) {
          pieces.add(piece(crossings.get(0), crossings.get(1)));
        } else if (crossings.size() == 4) {
          // A saddle: the middle tells which corners belong together.
          double middle =
              (heights[i][j] + heights[i][j + 1] + heights[i + 1][j] + heights[i + 1][j + 1]) / 4;
          boolean joined = middle >= level == heights[i][j] >= level;
          pieces.add(piece(crossings.get(0), crossings.get(joined ? 1 : 3)));
          pieces.add(piece(crossings.get(2), crossings.get(joined ? 3 : 1)));
        }
      }
    }
    return pieces;
  }

  private static Piece piece(Point from, Point to) {
    return new Piece(from.column(), from.row(), to.column(), to.row());
  }

  /** Where the level crosses the sides of a square, around it from its first corner. */
  private static List<Point> crossings(double[][] heights, int i, int j, double level) {
    var crossings = new ArrayList<Point>();
    int[][] corners = {{i, j}, {i, j + 1}, {i + 1, j + 1}, {i + 1, j}};
    for (int side = 0; side < 4; side++) {
      int[] from = corners[side];
      int[] to = corners[(side + 1) % 4];
      double a = heights[from[0]][from[1]];
      double b = heights[to[0]][to[1]];
      if (a >= level != b >= level) {
        double part = (level - a) / (b - a);
        crossings.add(
            new Point(from[1] + part * (to[1] - from[1]), from[0] + part * (to[0] - from[0])));
      }
    }
    return crossings;
  }
}
