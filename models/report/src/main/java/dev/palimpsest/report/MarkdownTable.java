package dev.palimpsest.report;

import java.util.ArrayList;
import java.util.List;

/** Writes a table in GitHub's Markdown, with columns in line so that it also reads as text. */
public final class MarkdownTable {
  private static final String SPECIAL = "\\`*_{}[]<>|#~&";

  private MarkdownTable() {}

  /** The table as Markdown: its title in bold, the table, its notes as a list. */
  public static String render(Table table) {
    var out = new StringBuilder();
    if (!table.title().isBlank()) {
      out.append("**").append(escape(table.title())).append("**\n\n");
    }
    var columns = new ArrayList<List<String>>();
    for (int c = 0; c < table.columns().size(); c++) {
      Table.Column column = table.columns().get(c);
      var cells = new ArrayList<String>();
      cells.add(escape(column.fullHeading()));
      Shown.column(table, c).forEach(cell -> cells.add(marked(cell)));
      int width = Math.max(3, cells.stream().mapToInt(Shown::length).max().orElse(0));
      boolean right = column.align() == Table.Align.RIGHT;
      cells.replaceAll(cell -> Shown.pad(cell, width, column.align()));
      cells.add(1, right ? "-".repeat(width - 1) + ":" : "-".repeat(width));
      columns.add(cells);
    }
    for (int r = 0; r < table.rows().size() + 2; r++) {
      out.append('|');
      for (List<String> column : columns) {
        out.append(' ').append(column.get(r)).append(" |");
      }
      out.append('\n');
    }
    if (!table.notes().isEmpty()) {
      out.append('\n');
      table.notes().forEach(note -> out.append("- ").append(escape(note)).append('\n'));
    }
    return out.toString();
  }

  private static String escape(String text) {
    return marked(Shown.oneLine(text));
  }

  private static String marked(String line) {
    var out = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (SPECIAL.indexOf(c) >= 0) {
        out.append('\\');
      }
      out.append(c);
    }
    return out.toString();
  }
}
