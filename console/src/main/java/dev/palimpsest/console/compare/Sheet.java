package dev.palimpsest.console.compare;

import dev.palimpsest.report.Table;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A table of the page, which can be copied.
 *
 * @param key names it in the URL of its text
 * @param table what is copied
 * @param remark such as that all runs have the same; may be empty
 */
record Sheet(String key, Table table, String remark) {
  /** A heading over {@code span} columns. */
  record Group(String name, int span) {}

  /**
   * A column's heading.
   *
   * @param style as the style sheet names it: of numbers, of text, the first of a group
   */
  record Head(String name, String style) {}

  /**
   * A cell as it is shown.
   *
   * @param difference to the first run's; empty for none
   */
  record Shown(String text, String style, Optional<Difference> difference) {}

  /**
   * A difference.
   *
   * @param style as the style sheet names it
   */
  record Difference(String text, String style) {
    static Difference of(double value, int decimals) {
      if (value == 0) {
        return new Difference("=", "same");
      }
      return value > 0
          ? new Difference("+" + fixed(value, decimals), "up")
          : new Difference("\u2212" + fixed(-value, decimals), "down");
    }
  }

  /** The columns but those of differences, which stand beside what differs. */
  private List<Integer> columns() {
    return IntStream.range(0, table.columns().size())
        .filter(i -> !table.columns().get(i).name().equals(Tables.DIFFERENCE))
        .boxed()
        .toList();
  }

  boolean grouped() {
    return table.columns().stream().anyMatch(column -> !column.group().isEmpty());
  }

  List<Group> groups() {
    var groups = new ArrayList<Group>();
    for (int i : columns()) {
      String name = table.columns().get(i).group();
      if (!groups.isEmpty() && !name.isEmpty() && groups.getLast().name().equals(name)) {
        groups.set(groups.size() - 1, new Group(name, groups.getLast().span() + 1));
      } else {
        groups.add(new Group(name, 1));
      }
    }
    return groups;
  }

  List<Head> heads() {
    return columns().stream().map(this::head).toList();
  }

  private Head head(int i) {
    Table.Column column = table.columns().get(i);
    String unit = column.unit().isEmpty() ? "" : " " + column.unit();
    return new Head(column.name() + unit, style(i));
  }

  private String style(int i) {
    Table.Column column = table.columns().get(i);
    boolean opens = i > 0 && !column.group().equals(table.columns().get(i - 1).group());
    return (column.align() == Table.Align.RIGHT ? "num" : "text") + (opens ? " opens" : "");
  }

  List<List<Shown>> rows() {
    return table.rows().stream()
        .map(row -> columns().stream().map(i -> shown(row, i)).toList())
        .toList();
  }

  private Shown shown(List<Table.Cell> row, int i) {
    Table.Column column = table.columns().get(i);
    boolean beside =
        i + 1 < row.size() && table.columns().get(i + 1).name().equals(Tables.DIFFERENCE);
    Optional<Difference> difference =
        beside && row.get(i + 1) instanceof Table.Value value
            ? Optional.of(Difference.of(value.value(), column.decimals()))
            : Optional.empty();
    return new Shown(text(row.get(i), column.decimals()), style(i), difference);
  }

  private static String text(Table.Cell cell, int decimals) {
    return switch (cell) {
      case Table.Text text -> text.text();
      case Table.Value value ->
          fixed(value.value(), decimals)
              + (value.spread().isPresent()
                  ? " ± " + fixed(value.spread().getAsDouble(), decimals)
                  : "");
    };
  }

  private static String fixed(double value, int decimals) {
    return new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN).toPlainString();
  }
}
