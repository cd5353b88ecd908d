package dev.palimpsest.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Writes a table for a terminal: light rules, numbers in line, never wider than asked.
 *
 * <p>Where the table is too wide, long texts are wrapped first; if that is not enough, the columns
 * continue in a further block below that repeats the first column.
 */
public final class TextTable {
  private static final int NARROWEST = 12;
  private final Table table;
  private final int width;
  private final List<List<String>> cells = new ArrayList<>();
  private final int[] widths;
  private final StringBuilder out = new StringBuilder();

  private TextTable(Table table, int width) {
    this.table = table;
    this.width = width;
    this.widths = new int[table.columns().size()];
    for (int c = 0; c < widths.length; c++) {
      List<String> column = Shown.column(table, c);
      cells.add(column);
      int widest = column.stream().mapToInt(Shown::length).max().orElse(0);
      widths[c] = Math.max(Shown.length(table.columns().get(c).heading()), widest);
    }
  }

  /** The table for a terminal of 80 columns. */
  public static String render(Table table) {
    return render(table, 80);
  }

  /**
   * The table as lines of at most {@code width} characters.
   *
   * @param width at least 40
   */
  public static String render(Table table, int width) {
    if (width < 40) {
      throw new IllegalArgumentException("a text table is " + width + " wide; expected 40 or more");
    }
    return new TextTable(table, width).render();
  }

  private String render() {
    if (!table.title().isBlank()) {
      wrap(Shown.oneLine(table.title()), width).forEach(this::line);
      line("");
    }
    widenToGroups();
    narrowTexts();
    List<List<Integer>> blocks = blocks();
    for (int b = 0; b < blocks.size(); b++) {
      if (b > 0) {
        line("");
      }
      block(blocks.get(b));
    }
    for (String note : table.notes()) {
      wrap(Shown.oneLine(note), width).forEach(this::line);
    }
    return out.toString();
  }

  /** A heading that is wider than its columns widens the first of them. */
  private void widenToGroups() {
    for (Shown.Group group : Shown.groups(table)) {
      int inner = 2 * (group.to() - group.from() - 1);
      for (int c = group.from(); c < group.to(); c++) {
        inner += widths[c];
      }
      widths[group.from()] += Math.max(0, Shown.length(group.name()) - inner);
    }
  }

  /** Takes width from the widest text column until all fits or no text is long. */
  private void narrowTexts() {
    while (span(allColumns()) > width) {
      int widest = -1;
      for (int c = 0; c < widths.length; c++) {
        boolean text = table.columns().get(c).align() == Table.Align.LEFT;
        if (text && widths[c] > NARROWEST && (widest < 0 || widths[c] > widths[widest])) {
          widest = c;
        }
      }
      if (widest < 0) {
        break;
      }
      widths[widest]--;
    }
    // What still does not fit continues below; the first column leaves room for every other.
    int roomBesideFirst = width - 3 - NARROWEST;
    int widestOther = 0;
    for (int c = 1; c < widths.length; c++) {
      boolean text = table.columns().get(c).align() == Table.Align.LEFT;
      widths[c] = Math.min(widths[c], text ? roomBesideFirst / 2 : roomBesideFirst);
      widestOther = Math.max(widestOther, widths[c]);
    }
    widths[0] =
        Math.min(widths[0], widths.length == 1 ? width : width - 3 - Math.max(widestOther, 1));
  }

  private List<Integer> allColumns() {
    var all = new ArrayList<Integer>();
    for (int c = 0; c < widths.length; c++) {
      all.add(c);
    }
    return all;
  }

  /** The columns of each block; groups stay together where one fits beside the first column. */
  private List<List<Integer>> blocks() {
    if (span(allColumns()) <= width) {
      return List.of(allColumns());
    }
    var blocks = new ArrayList<List<Integer>>();
    var block = new ArrayList<>(List.of(0));
    for (Shown.Group group : Shown.groups(table)) {
      var columns = new ArrayList<Integer>();
      for (int c = Math.max(1, group.from()); c < group.to(); c++) {
        columns.add(c);
      }
      var alone = new ArrayList<>(List.of(0));
      alone.addAll(columns);
      List<List<Integer>> parts =
          span(alone) <= width ? List.of(columns) : columns.stream().map(List::of).toList();
      for (List<Integer> part : parts) {
        var longer = new ArrayList<>(block);
        longer.addAll(part);
        if (span(longer) > width && block.size() > 1) {
          blocks.add(List.copyOf(block));
          block = new ArrayList<>(List.of(0));
        }
        block.addAll(part);
      }
    }
    blocks.add(block);
    return blocks;
  }

  private int span(List<Integer> columns) {
    int span = 0;
    for (int i = 0; i < columns.size(); i++) {
      span += widths[columns.get(i)] + (i == 0 ? 0 : gap(columns.get(i - 1), columns.get(i)));
    }
    return span;
  }

  private int gap(int left, int right) {
    if (!Shown.hasGroups(table)) {
      return 2;
    }
    String group = table.columns().get(right).group();
    return !group.isEmpty() && group.equals(table.columns().get(left).group()) ? 2 : 3;
  }

  private void block(List<Integer> columns) {
    String rule = "─".repeat(span(columns));
    line(rule);
    if (columns.stream().anyMatch(c -> !table.columns().get(c).group().isEmpty())) {
      groups(columns);
    }
    row(
        columns,
        columns.stream().map(c -> Shown.oneLine(table.columns().get(c).heading())).toList());
    line(rule);
    for (int r = 0; r < table.rows().size(); r++) {
      int row = r;
      row(columns, columns.stream().map(c -> cells.get(c).get(row)).toList());
    }
    line(rule);
  }

  /** The line of group headings and the rules under them. */
  private void groups(List<Integer> columns) {
    var names = new StringBuilder();
    var rules = new StringBuilder();
    for (int i = 0; i < columns.size(); ) {
      int from = i;
      String group = table.columns().get(columns.get(i)).group();
      do {
        i++;
      } while (i < columns.size() && gap(columns.get(i - 1), columns.get(i)) == 2);
      int span = span(columns.subList(from, i));
      if (from > 0) {
        String blanks = " ".repeat(gap(columns.get(from - 1), columns.get(from)));
        names.append(blanks);
        rules.append(blanks);
      }
      String name = Shown.length(group) > span ? cut(group, span) : group;
      int left = (span - Shown.length(name)) / 2;
      names.append(Shown.pad(" ".repeat(left) + name, span, Table.Align.LEFT));
      rules.append((group.isEmpty() ? " " : "─").repeat(span));
    }
    line(names.toString());
    line(rules.toString());
  }

  private void row(List<Integer> columns, List<String> texts) {
    var wrapped = new ArrayList<List<String>>();
    int height = 1;
    for (int i = 0; i < columns.size(); i++) {
      List<String> lines = wrap(texts.get(i), widths[columns.get(i)]);
      wrapped.add(lines);
      height = Math.max(height, lines.size());
    }
    for (int h = 0; h < height; h++) {
      var text = new StringBuilder();
      for (int i = 0; i < columns.size(); i++) {
        int c = columns.get(i);
        String part = h < wrapped.get(i).size() ? wrapped.get(i).get(h) : "";
        text.append(i == 0 ? "" : " ".repeat(gap(columns.get(i - 1), c)))
            .append(Shown.pad(part, widths[c], table.columns().get(c).align()));
      }
      line(text.toString());
    }
  }

  private void line(String text) {
    out.append(text.stripTrailing()).append('\n');
  }

  /**
   * Lines of at most {@code width} characters, broken at blanks, inside a word where it is longer.
   */
  private static List<String> wrap(String text, int width) {
    if (Shown.length(text) <= width) {
      return List.of(text);
    }
    var lines = new ArrayList<String>();
    var line = new StringBuilder();
    for (String word : text.split(" +", -1)) {
      if (!line.isEmpty() && Shown.length(line + " " + word) > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
      while (Shown.length(line.toString()) > width) {
        int end = line.offsetByCodePoints(0, width);
        lines.add(line.substring(0, end));
        line.delete(0, end);
      }
    }
    if (!line.isEmpty()) {
      lines.add(line.toString());
    }
    return lines;
  }

  private static String cut(String text, int width) {
    return text.substring(0, text.offsetByCodePoints(0, Math.max(0, width - 1))) + "…";
  }
}
