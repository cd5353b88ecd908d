package dev.palimpsest.cli;

import java.util.ArrayList;
import java.util.List;

/** Text in lines of a terminal. */
final class Wrapped {
  private Wrapped() {}

  /**
   * The lines; a word that is longer than a line has one of its own.
   *
   * @param first what the first line begins with
   * @param next what the others begin with
   * @param width characters in a line
   */
  static List<String> lines(String first, String next, String text, int width) {
    var lines = new ArrayList<String>();
    var line = new StringBuilder(first);
    boolean empty = true;
    for (String word : text.split(" ", -1)) {
      if (!empty && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line = new StringBuilder(next);
        empty = true;
      }
      line.append(empty ? "" : " ").append(word);
      empty = false;
    }
    lines.add(line.toString());
    return lines;
  }
}
