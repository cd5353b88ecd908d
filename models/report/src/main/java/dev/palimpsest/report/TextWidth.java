package dev.palimpsest.report;

import java.util.ArrayList;
import java.util.List;

/** How much room a text needs, in whatever sans-serif face the reader has. */
final class TextWidth {
  /** Hundredths of the type size for U+0020 to U+007E: the wider of Inter and DejaVu Sans. */
  private static final int[] WIDTHS = {
    32, 40, 47, 84, 64, 98, 78, 30, 39, 39, 50, 84, 32, 46, 32, 36,
    64, 64, 64, 64, 65, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 53,
    100, 69, 69, 73, 77, 63, 59, 77, 75, 29, 57, 67, 57, 90, 75, 79,
    64, 79, 69, 64, 65, 74, 69, 99, 69, 68, 69, 39, 36, 39, 84, 50,
    50, 61, 63, 57, 63, 62, 37, 63, 63, 28, 28, 58, 28, 97, 63, 61,
    63, 63, 41, 53, 39, 63, 59, 82, 59, 59, 55, 64, 34, 64, 84
  };

  private TextWidth() {}

  /** Width in pixels at this type size. */
  static double of(String text, double size) {
    long hundredths =
        text.codePoints()
            .mapToLong(c -> c >= 32 && c < 127 ? WIDTHS[c - 32] : c < 0x2e80 ? 70 : 100)
            .sum();
    return hundredths * size / 100;
  }

  /** The text on as many lines as it needs, broken at blanks; a longer word is cut. */
  static List<String> wrap(String text, double size, double room) {
    var lines = new ArrayList<String>();
    String line = "";
    for (String word : text.split(" +", -1)) {
      String longer = line.isEmpty() ? word : line + " " + word;
      if (!line.isEmpty() && of(longer, size) > room) {
        lines.add(fit(line, size, room));
        line = word;
      } else {
        line = longer;
      }
    }
    lines.add(fit(line, size, room));
    return lines;
  }

  /** The text, or as much of its beginning as fits, with an ellipsis. */
  static String fit(String text, double size, double room) {
    if (of(text, size) <= room) {
      return text;
    }
    int end = text.length();
    while (end > 0 && of(text.substring(0, end).stripTrailing() + "…", size) > room) {
      end = text.offsetByCodePoints(end, -1);
    }
    return text.substring(0, end).stripTrailing() + "…";
  }
}
