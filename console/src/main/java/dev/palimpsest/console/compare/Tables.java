package dev.palimpsest.console.compare;

import dev.palimpsest.report.Table;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** Tables of the same kind, of several runs, as one table with the differences to the first. */
final class Tables {
  static final String DIFFERENCE = "difference";

  /** What tells columns apart. */
  private record Heading(String group, String name, String unit) {
    static Heading of(Table.Column column) {
      return new Heading(column.group(), column.name(), column.unit());
    }

    String line() {
      return (group.isEmpty() ? name : group + ": " + name)
          + (unit.isEmpty() ? "" : " (" + unit + ")");
    }
  }

  private final List<String> labels;
  private final List<Optional<Table>> tables;
  private final int keys;
  private final SequencedMap<Heading, Table.Column> columns = new LinkedHashMap<>();
  private final List<Map<List<String>, List<Table.Cell>>> rows = new ArrayList<>();
  private final LinkedHashSet<List<String>> all = new LinkedHashSet<>();

  private Tables(List<String> labels, List<Optional<Table>> tables) {
    this.labels = labels;
    this.tables = tables;
    this.keys = keys();
    for (Optional<Table> table : tables) {
      rows.add(table.map(this::byKey).orElse(Map.of()));
      table.ifPresent(each ->
          each.columns().stream()
              .skip(keys)
              .forEach(column -> columns.putIfAbsent(Heading.of(column), column)));
    }
    rows.forEach(each -> all.addAll(each.keySet()));
  }

  /**
   * One table of all. Rows with the same key stand in one row: the key is the text that a row
   * begins with. Beside each number of a later run stands its difference to the first run's.
   *
   * @param labels of the runs
   * @param tables one for each run, at least one of them there
   */
  static Table together(String title, List<String> labels, List<Optional<Table>> tables) {
    return new Tables(labels, tables).table(title);
  }

  private Table table(String title) {
    var heads = new ArrayList<Table.Column>();
    Table first = tables.stream().flatMap(Optional::stream).findFirst().orElseThrow();
    for (int i = 0; i < keys; i++) {
      heads.add(Table.Column.text(first.columns().get(i).name()));
    }
    if (keys == 0) {
      heads.add(Table.Column.text("row"));
    }
    columns.forEach((heading, column) -> heads.addAll(heads(heading, column)));
    var lines = new ArrayList<List<Table.Cell>>();
    for (List<String> key : all) {
      var line = new ArrayList<Table.Cell>();
      key.forEach(text -> line.add(Table.Cell.of(text)));
      columns.forEach((heading, column) -> line.addAll(cells(key, heading, column)));
      lines.add(line);
    }
    return new Table(title, heads, lines, notes());
  }

  private List<Table.Column> heads(Heading heading, Table.Column column) {
    var heads = new ArrayList<Table.Column>();
    for (int run = 0; run < labels.size(); run++) {
      heads.add(
          new Table.Column(heading.line(), labels.get(run), "", column.decimals(), column.align()));
      if (run > 0 && isNumber(column)) {
        heads.add(
            new Table.Column(heading.line(), DIFFERENCE, "", column.decimals(), column.align()));
      }
    }
    return heads;
  }

  private List<Table.Cell> cells(List<String> key, Heading heading, Table.Column column) {
    var cells = new ArrayList<Table.Cell>();
    for (int run = 0; run < labels.size(); run++) {
      Table.Cell cell = cell(run, key, heading);
      cells.add(cell);
      if (run > 0 && isNumber(column)) {
        cells.add(
            cell instanceof Table.Value value
                    && cell(0, key, heading) instanceof Table.Value reference
                ? Table.Cell.of(value.value() - reference.value())
                : Table.Cell.none());
      }
    }
    return cells;
  }

  private Table.Cell cell(int run, List<String> key, Heading heading) {
    List<Table.Cell> row = rows.get(run).get(key);
    List<Heading> headings =
        tables
            .get(run)
            .map(table -> table.columns().stream().map(Heading::of).toList())
            .orElse(List.of());
    int at = headings.indexOf(heading);
    return row == null || at < 0 ? Table.Cell.none() : row.get(at);
  }

  /** What rows only some runs have. */
  private List<String> notes() {
    var notes = new ArrayList<String>();
    for (List<String> key : all) {
      List<String> having =
          labels.stream()
              .filter(label -> rows.get(labels.indexOf(label)).containsKey(key))
              .toList();
      if (having.size() < labels.size()) {
        notes.add(
            "Row '"
                + String.join(", ", key)
                + "' is in "
                + String.join(" and ", having)
                + " only.");
      }
    }
    return notes;
  }

  /** How many columns from the left name a row: as few as tell all rows of each table apart. */
  private int keys() {
    int most = tables.stream().flatMap(Optional::stream).mapToInt(Tables::texts).min().orElse(0);
    for (int keys = 1; keys < most; keys++) {
      int so = keys;
      if (tables.stream().flatMap(Optional::stream).allMatch(table -> unique(table, so))) {
        return keys;
      }
    }
    return most;
  }

  private static int texts(Table table) {
    int texts = 0;
    while (texts < table.columns().size() && !isNumber(table.columns().get(texts))) {
      texts++;
    }
    return texts;
  }

  private static boolean unique(Table table, int keys) {
    var seen = new HashSet<List<Table.Cell>>();
    return table.rows().stream().allMatch(row -> seen.add(row.subList(0, keys)));
  }

  private Map<List<String>, List<Table.Cell>> byKey(Table table) {
    var found = new LinkedHashMap<List<String>, List<Table.Cell>>();
    var times = new HashMap<List<String>, Integer>();
    for (List<Table.Cell> row : table.rows()) {
      List<String> key = new ArrayList<>();
      row.subList(0, keys).forEach(cell -> key.add(text(cell)));
      int time = times.merge(List.copyOf(key), 1, Integer::sum);
      if (keys == 0) {
        key.add(String.valueOf(time));
      } else if (time > 1) {
        key.set(keys - 1, key.getLast() + " (" + time + ")");
      }
      found.put(key, row);
    }
    return found;
  }

  private static String text(Table.Cell cell) {
    return switch (cell) {
      case Table.Text text -> text.text();
      case Table.Value value -> String.valueOf(value.value());
    };
  }

  private static boolean isNumber(Table.Column column) {
    return column.align() == Table.Align.RIGHT;
  }
}
