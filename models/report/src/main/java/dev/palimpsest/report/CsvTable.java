package dev.palimpsest.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Writes a table as comma-separated values (RFC 4180): one line of headings, lines end in CR LF.
 *
 * <p>Numbers are written in full, not as shown; a column with a spread is followed by one named
 * "spread of" it. Title and notes are left out.
 */
public final class CsvTable {
  private CsvTable() {}

  /** The table as CSV. */
  public static String render(Table table) {
    var lines = new ArrayList<List<String>>();
    var headings = new ArrayList<String>();
    for (int c = 0; c < table.columns().size(); c++) {
      String heading = table.columns().get(c).fullHeading();
      headings.add(heading);
      if (hasSpread(table, c)) {
        headings.add("spread of " + heading);
      }
    }
    lines.add(headings);
    for (List<Table.Cell> row : table.rows()) {
      var line = new ArrayList<String>();
      for (int c = 0; c < row.size(); c++) {
        String spread = "";
        switch (row.get(c)) {
          case Table.Text text -> line.add(text.text());
          case Table.Value number -> {
            line.add(Numbers.exact(number.value()));
            if (number.spread().isPresent()) {
              spread = Numbers.exact(number.spread().getAsDouble());
            }
          }
        }
        if (hasSpread(table, c)) {
          line.add(spread);
        }
      }
      lines.add(line);
    }
    return lines.stream()
        .map(
            line -> line.stream().map(CsvTable::field).collect(Collectors.joining(",", "", "\r\n")))
        .collect(Collectors.joining());
  }

  private static boolean hasSpread(Table table, int column) {
    return table.rows().stream()
        .anyMatch(
            row -> row.get(column) instanceof Table.Value number && number.spread().isPresent());
  }

  private static String field(String text) {
    boolean quote = text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
    return quote ? "\"" + text.replace("\"", "\"\"") + "\"" : text;
  }
}
