package dev.palimpsest.console.web;

import dev.palimpsest.report.CsvTable;
import dev.palimpsest.report.LatexTable;
import dev.palimpsest.report.MarkdownTable;
import dev.palimpsest.report.Table;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A table of results within a page: {@code web/table.jte} shows it, with links that sort it and as
 * text to copy.
 *
 * @param groups headings over neighbouring columns; none where no column has one
 */
public record TableView(
    String title,
    List<Group> groups,
    List<Head> heads,
    List<List<Cell>> rows,
    List<String> notes,
    List<Copy> copies) {
  /** A heading over {@code span} columns. */
  public record Group(String name, int span) {}

  /**
   * The head of a column.
   *
   * @param sorted {@code ascending} or {@code descending} where the rows stand in its order
   * @param href sorts by it
   */
  public record Head(String name, boolean number, Optional<String> sorted, String href) {}

  /** A cell as readers see it. */
  public record Cell(String text, boolean number) {}

  /** The table in another form. */
  public record Copy(String form, String text) {}

  /** An order of rows: by a column, counted from 0. */
  public record Order(int column, boolean descending) {}

  /**
   * @param order empty for the table's own
   * @param url where {@code sort=0} is put behind: ends in {@code ?} or {@code &}
   */
  public static TableView of(Table table, Optional<Order> order, String url) {
    Optional<Order> by =
        order.filter(each -> each.column() >= 0 && each.column() < table.columns().size());
    List<List<String>> columns =
        IntStream.range(0, table.columns().size()).mapToObj(table::texts).toList();
    List<Integer> places =
        new ArrayList<>(IntStream.range(0, table.rows().size()).boxed().toList());
    by.ifPresent(each -> sort(places, table, each));
    return new TableView(
        table.title(),
        groups(table),
        heads(table, by, url),
        places.stream().map(row -> cells(table, columns, row)).toList(),
        table.notes(),
        List.of(
            new Copy("CSV", CsvTable.render(table)),
            new Copy("Markdown", MarkdownTable.render(table)),
            new Copy("LaTeX", LatexTable.render(table))));
  }

  private static void sort(List<Integer> places, Table table, Order by) {
    Comparator<Integer> order =
        Comparator.comparing(
            (Integer row) -> table.rows().get(row).get(by.column()), TableView::compare);
    if (by.descending()) {
      // Reversed first, so that equal rows keep their order.
      Collections.reverse(places);
      places.sort(order);
      Collections.reverse(places);
    } else {
      places.sort(order);
    }
  }

  private static int compare(Table.Cell a, Table.Cell b) {
    return switch (a) {
      case Table.Value one when b instanceof Table.Value other ->
          Double.compare(one.value(), other.value());
      case Table.Text one when b instanceof Table.Text other -> one.text().compareTo(other.text());
      case Table.Text one -> -1;
      case Table.Value one -> 1;
    };
  }

  private static List<Group> groups(Table table) {
    var groups = new ArrayList<Group>();
    if (table.columns().stream().allMatch(column -> column.group().isEmpty())) {
      return groups;
    }
    for (Table.Column column : table.columns()) {
      Optional<Group> last = groups.isEmpty() ? Optional.empty() : Optional.of(groups.getLast());
      if (last.filter(group -> group.name().equals(column.group())).isPresent()) {
        groups.set(groups.size() - 1, new Group(column.group(), last.get().span() + 1));
      } else {
        groups.add(new Group(column.group(), 1));
      }
    }
    return groups;
  }

  private static List<Head> heads(Table table, Optional<Order> by, String url) {
    var heads = new ArrayList<Head>();
    for (int i = 0; i < table.columns().size(); i++) {
      int column = i;
      Optional<Order> here = by.filter(order -> order.column() == column);
      boolean descend = here.map(order -> !order.descending()).orElse(number(table, i));
      heads.add(
          new Head(
              table.columns().get(i).heading(),
              number(table, i),
              here.map(order -> order.descending() ? "descending" : "ascending"),
              url + "sort=" + i + (descend ? "&desc=1" : "")));
    }
    return heads;
  }

  private static boolean number(Table table, int column) {
    return table.columns().get(column).align() == Table.Align.RIGHT;
  }

  private static List<Cell> cells(Table table, List<List<String>> columns, int row) {
    return IntStream.range(0, columns.size())
        .mapToObj(column -> new Cell(columns.get(column).get(row), number(table, column)))
        .toList();
  }

  /** The order that a request's {@code sort} and {@code desc} ask for. */
  public static Optional<Order> order(Request request) {
    return request
        .query("sort")
        .filter(column -> column.matches("[0-9]{1,4}"))
        .map(column -> new Order(Integer.parseInt(column), request.query("desc").isPresent()));
  }
}
