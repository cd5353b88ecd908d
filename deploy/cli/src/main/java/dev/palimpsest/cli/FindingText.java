package dev.palimpsest.cli;

import dev.palimpsest.workflows.Finding;
import java.util.ArrayList;
import java.util.List;

/** A finding as compilers show theirs: where, the sentence, the line of the text with a caret. */
final class FindingText {
  private static final String MARGIN = "  ";

  private FindingText() {}

  /** The lines, none wider than a terminal; a file keeps each sentence on one line. */
  static List<String> lines(Finding finding, Terminal terminal) {
    int width = terminal.live() ? Math.max(40, terminal.columns() - 1) : Integer.MAX_VALUE;
    String severity = finding.severity().label();
    String head = finding.where() + ": " + severity + " " + finding.code().label() + ":";
    var lines = new ArrayList<String>();
    lines.addAll(wrapped(head + " " + finding.sentence(), width));
    if (terminal.colour()) {
      String paint = finding.severity() == Finding.Severity.ERROR ? "31" : "33";
      lines.replaceAll(line ->
          line.replaceFirst(
              severity + " " + finding.code().label() + ":", "\u001b[" + paint + "m$0\u001b[0m"));
    }
    if (!finding.excerpt().isBlank()) {
      excerpt(finding, Math.min(width, 200), lines);
    }
    return lines;
  }

  /** The line as far as there is room, around the column that is meant. */
  private static void excerpt(Finding finding, int width, List<String> into) {
    String number = MARGIN + finding.line() + " | ";
    String line = finding.excerpt().replaceAll("\\p{Cntrl}", " ");
    int caret = Math.min(finding.column(), line.length() + 1) - 1;
    int indent = line.length() - line.stripLeading().length();
    int from = Math.min(indent, caret);
    int room = width - number.length();
    if (caret - from > room - 12) {
      from = caret - room / 2;
    }
    String shown = line.substring(from, Math.min(line.length(), from + room)).stripTrailing();
    into.add(number + shown);
    into.add(" ".repeat(number.length() - 2) + "| " + " ".repeat(caret - from) + "^");
  }

  private static List<String> wrapped(String text, int width) {
    var lines = new ArrayList<String>();
    var line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
        line.append(MARGIN).append(word);
      } else {
        line.append(line.isEmpty() ? "" : " ").append(word);
      }
    }
    lines.add(line.toString());
    return lines;
  }
}
