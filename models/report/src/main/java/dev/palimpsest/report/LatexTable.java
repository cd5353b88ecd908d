package dev.palimpsest.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Writes a table as LaTeX for the {@code booktabs} package, with every special escaped. */
public final class LatexTable {
  private LatexTable() {}

  /** A {@code table} environment: caption, tabular, notes. */
  public static String render(Table table) {
    var out = new StringBuilder("% needs \\usepackage{booktabs}\n\\begin{table}\n  \\centering\n");
    if (!table.title().isBlank()) {
      out.append("  \\caption{").append(escape(table.title())).append("}\n");
    }
    out.append("  \\begin{tabular}{");
    table.columns().forEach(c -> out.append(c.align() == Table.Align.LEFT ? 'l' : 'r'));
    out.append("}\n    \\toprule\n");
    if (Shown.hasGroups(table)) {
      groups(table, out);
    }
    line(out, table.columns().stream().map(c -> escape(c.heading())).toList());
    out.append("    \\midrule\n");
    for (List<Table.Cell> row : table.rows()) {
      var cells = new ArrayList<String>();
      for (int c = 0; c < row.size(); c++) {
        cells.add(cell(row.get(c), table.columns().get(c).decimals()));
      }
      line(out, cells);
    }
    out.append("    \\bottomrule\n  \\end{tabular}\n");
    if (!table.notes().isEmpty()) {
      out.append("\n  \\smallskip\n  {\\footnotesize ");
      out.append(
          table.notes().stream().map(LatexTable::escape).collect(Collectors.joining(" \\\\\n  ")));
      out.append("\\par}\n");
    }
    return out.append("\\end{table}\n").toString();
  }

  private static void groups(Table table, StringBuilder out) {
    var cells = new ArrayList<String>();
    var rules = new StringBuilder("   ");
    for (Shown.Group group : Shown.groups(table)) {
      if (group.name().isEmpty()) {
        cells.add("");
        continue;
      }
      int columns = group.to() - group.from();
      cells.add("\\multicolumn{" + columns + "}{c}{" + escape(group.name()) + "}");
      rules.append(" \\cmidrule(lr){" + (group.from() + 1) + "-" + group.to() + "}");
    }
    line(out, cells);
    out.append(rules).append('\n');
  }

  private static void line(StringBuilder out, List<String> cells) {
    out.append("    ").append(String.join(" & ", cells)).append(" \\\\\n");
  }

  private static String cell(Table.Cell cell, int decimals) {
    return switch (cell) {
      case Table.Text text -> escape(text.text());
      case Table.Value number -> {
        String value = Numbers.fixed(number.value(), decimals);
        yield number.spread().isEmpty() && number.value() >= 0
            ? value
            : "$"
                + value
                + (number.spread().isEmpty()
                    ? ""
                    : " \\pm " + Numbers.fixed(number.spread().getAsDouble(), decimals))
                + "$";
      }
    };
  }

  private static String escape(String text) {
    var out = new StringBuilder();
    for (char c : Shown.oneLine(text).toCharArray()) {
      switch (c) {
        case '&', '%', '$', '#', '_', '{', '}' -> out.append('\\').append(c);
        case '\\' -> out.append("\\textbackslash{}");
        case '~' -> out.append("\\textasciitilde{}");
        case '^' -> out.append("\\textasciicircum{}");
        case '<' -> out.append("\\textless{}");
        case '>' -> out.append("\\textgreater{}");
        // A row that starts with a bare bracket would be read as an argument of the row before.
        case '[' -> out.append("{[}");
        case '±' -> out.append("$\\pm$");
        case '×' -> out.append("$\\times$");
        case '→' -> out.append("$\\rightarrow$");
        default -> out.append(c);
      }
    }
    return out.toString();
  }
}
