package dev.palimpsest.report;

import java.util.ArrayList;
import java.util.List;

/** The cells of a table as text on one line each, and its header groups. */
final class Shown {
  private Shown() {}

  /**
   * A run of neighbouring columns under one heading.
   *
   * @param name the shared heading; empty for none
   * @param from first column
   * @param to one past the last column
   */
  record Group(String name, int from, int to) {}

  /** The groups from left to right; every column is in one. */
  static List<Group> groups(Table table) {
    var groups = new ArrayList<Group>();
    List<Table.Column> columns = table.columns();
    int from = 0;
    for (int c = 1; c <= columns.size(); c++) {
      String group = columns.get(from).group();
      if (c == columns.size() || group.isEmpty() || !columns.get(c).group().equals(group)) {
        groups.add(new Group(group, from, c));
        from = c;
      }
    }
    return groups;
  }

  static boolean hasGroups(Table table) {
    return table.columns().stream().anyMatch(column -> !column.group().isEmpty());
  }

  /** The cells of one column; where some have a spread, the values of all stand in line. */
  static List<String> column(Table table, int column) {
    int decimals = table.columns().get(column).decimals();
    List<Table.Cell> cells = table.rows().stream().map(row -> row.get(column)).toList();
    int width = cells.stream().mapToInt(cell -> spread(cell, decimals).length()).max().orElse(0);
    return cells.stream()
        .map(cell ->
            switch (cell) {
              case Table.Text text -> oneLine(text.text());
              case Table.Value number ->
                  Numbers.fixed(number.value(), decimals)
                      + pad(spread(cell, decimals), width, Table.Align.RIGHT);
            })
        .toList();
  }

  private static String spread(Table.Cell cell, int decimals) {
    return cell instanceof Table.Value number && number.spread().isPresent()
        ? " ± " + Numbers.fixed(number.spread().getAsDouble(), decimals)
        : "";
  }

  /** On one line and without control characters, which become blanks. */
  static String oneLine(String text) {
    var out = new StringBuilder();
    text.codePoints().map(c -> Character.isISOControl(c) ? ' ' : c).forEach(out::appendCodePoint);
    return out.toString().strip();
  }

  /** The text with blanks up to {@code width} characters. */
  static String pad(String text, int width, Table.Align align) {
    String blanks = " ".repeat(Math.max(0, width - length(text)));
    return align == Table.Align.LEFT ? text + blanks : blanks + text;
  }

  static int length(String text) {
    return text.codePointCount(0, text.length());
  }
}
