package dev.palimpsest.console.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import dev.palimpsest.base.Json;
import java.util.List;

/** Where two definitions differ, line by line. */
final class DefinitionLines {
  private static final int CONTEXT = 3;

  private DefinitionLines() {}

  /**
   * A line of the difference.
   *
   * @param style as the style sheet names it
   */
  record Line(String text, String style) {}

  /** None where they are equal. */
  static List<Line> between(JsonNode one, JsonNode other) {
    List<String> before = Json.pretty(one).lines().toList();
    List<String> after = Json.pretty(other).lines().toList();
    return UnifiedDiffUtils.generateUnifiedDiff(
            "", "", before, DiffUtils.diff(before, after), CONTEXT)
        .stream()
        .skip(2)
        .map(line -> new Line(line, style(line)))
        .toList();
  }

  private static String style(String line) {
    return line.startsWith("+")
        ? "added"
        : line.startsWith("-") ? "removed" : line.startsWith("@@") ? "place" : "same";
  }
}
