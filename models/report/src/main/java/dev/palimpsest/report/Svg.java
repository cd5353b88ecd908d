package dev.palimpsest.report;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Writes SVG: presentation attributes only, everything escaped, coordinates with at most two
 * decimals.
 */
final class Svg {
  private final StringBuilder out = new StringBuilder();
  private final Deque<String> open = new ArrayDeque<>();
  private boolean tagOpen;

  /** Starts a drawing of this size in pixels with a background and a name for screen readers. */
  Svg(double width, double height, String name, Theme theme) {
    begin("svg")
        .with("xmlns", "http://www.w3.org/2000/svg")
        .with("width", width)
        .with("height", height)
        .with("viewBox", "0 0 " + Numbers.brief(width, 2) + " " + Numbers.brief(height, 2))
        .with("role", "img")
        .with("aria-label", name)
        .with("font-family", Theme.FONT)
        .with("font-size", Theme.SMALL);
    begin("rect").with("width", width).with("height", height).with("fill", theme.surface()).end();
  }

  Svg begin(String element) {
    closeTag();
    out.append("  ".repeat(open.size())).append('<').append(element);
    open.push(element);
    tagOpen = true;
    return this;
  }

  Svg with(String attribute, String value) {
    out.append(' ').append(attribute).append("=\"").append(escape(value)).append('"');
    return this;
  }

  Svg with(String attribute, double value) {
    return with(attribute, Numbers.brief(value, 2));
  }

  Svg end() {
    String element = open.pop();
    if (tagOpen) {
      out.append("/>\n");
      tagOpen = false;
    } else {
      out.append("  ".repeat(open.size())).append("</").append(element).append(">\n");
    }
    return this;
  }

  /** Text inside the open element, which it ends. */
  Svg end(String text) {
    out.append('>').append(escape(text)).append("</").append(open.pop()).append(">\n");
    tagOpen = false;
    return this;
  }

  /** A line of text; further attributes may follow before {@code end(text)}. */
  Svg text(double x, double y, String anchor, String fill) {
    begin("text").with("x", x).with("y", y);
    if (!anchor.equals("start")) {
      with("text-anchor", anchor);
    }
    return with("fill", fill);
  }

  Svg line(double x1, double y1, double x2, double y2, String stroke) {
    return begin("line")
        .with("x1", x1)
        .with("y1", y1)
        .with("x2", x2)
        .with("y2", y2)
        .with("stroke", stroke);
  }

  /** The finished drawing. */
  String finish() {
    while (!open.isEmpty()) {
      end();
    }
    return out.toString();
  }

  private void closeTag() {
    if (tagOpen) {
      out.append(">\n");
      tagOpen = false;
    }
  }

  /** Escaped for text and attributes; what XML cannot hold becomes U+FFFD. */
  static String escape(String text) {
    var safe = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          switch (c) {
            case '&' -> safe.append("&amp;");
            case '<' -> safe.append("&lt;");
            case '>' -> safe.append("&gt;");
            case '"' -> safe.append("&quot;");
            case '\'' -> safe.append("&#39;");
            case '\t', '\n', '\r' -> safe.append(' ');
            default -> {
              boolean allowed =
                  (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) || c >= 0x10000;
              safe.appendCodePoint(allowed ? c : 0xfffd);
            }
          }
        });
    return safe.toString();
  }
}
