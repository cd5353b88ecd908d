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
 * @param table with exact numbers
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
   * @param difference to the first run's, by its sign; empty for none
   */
  record Shown(String text, String style, Optional<String> difference) {}

  /** The table for readers: a difference is that of the numbers as they are shown. */
  Table shown() {
    return new Table(
        table.title(),
        table.columns(),
        table.rows().stream().map(this::rounded).toList(),
        table.notes());
  }

  private List<Table.Cell> rounded(List<Table.Cell> row) {
    return IntStream.range(0, row.size())
        .mapToObj(i ->
            isDifference(i) && row.get(i) instanceof Table.Value
                ? Table.Cell.of(difference(row, i).doubleValue())
                : row.get(i))
        .toList();
  }

  private boolean isDifference(int i) {
    return table.columns().get(i).name().equals(Tables.DIFFERENCE);
  }

  /** The number left of column {@code i} less the first of its group, both as they are shown. */
  private BigDecimal difference(List<Table.Cell> row, int i) {
    int first = i - 1;
    while (first > 0
        && table.columns().get(first - 1).group().equals(table.columns().get(i).group())) {
      first--;
    }
    return number(row, i - 1).subtract(number(row, first));
  }

  private BigDecimal number(List<Table.Cell> row, int i) {
    double value = ((Table.Value) row.get(i)).value();
    return rounded(value, table.columns().get(i).decimals());
  }

  /** The columns but those of differences, which stand beside what differs. */
  private List<Integer> columns() {
    return IntStream.range(0, table.columns().size())
        .filter(i -> !isDifference(i))
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
    Optional<String> difference =
        i + 1 < row.size() && isDifference(i + 1) && row.get(i + 1) instanceof Table.Value exact
            ? Optional.of(exact.value() == 0 ? "=" : signed(difference(row, i + 1)))
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

  /** None for what is too little to be seen. */
  private static String signed(BigDecimal value) {
    String sign = value.signum() > 0 ? "+" : value.signum() < 0 ? "\u2212" : "";
    return sign + value.abs().toPlainString();
  }

  private static String fixed(double value, int decimals) {
    return rounded(value, decimals).toPlainString();
  }

  private static BigDecimal rounded(double value, int decimals) {
    return new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN);
  }
}
