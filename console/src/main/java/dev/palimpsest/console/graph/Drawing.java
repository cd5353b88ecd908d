package dev.palimpsest.console.graph;

import dev.palimpsest.console.graph.Layout.Box;
import dev.palimpsest.console.graph.Layout.Frame;
import dev.palimpsest.console.graph.Layout.Line;
import dev.palimpsest.console.graph.Layout.Point;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Writes a layout as SVG; colours are those of the style sheet. */
final class Drawing {
  private static final double ROUND = 7;
  private static final Set<String> OVER = Set.of("done", "cached");

  private final StringBuilder out = new StringBuilder();
  private final Layout layout;
  private final Map<String, Shown> shown;
  private final String prefix;

  /**
   * @param prefix of the ids, so that two drawings may stand in one page
   */
  private Drawing(Layout layout, Map<String, Shown> shown, String prefix) {
    this.layout = layout;
    this.shown = shown;
    this.prefix = prefix;
  }

  static String of(Layout layout, Map<String, Shown> shown, String prefix, String name) {
    var drawing = new Drawing(layout, shown, prefix);
    drawing.write(name);
    return drawing.out.toString();
  }

  private void write(String name) {
    String width = number(layout.width());
    String height = number(layout.height());
    add("<svg class=\"flow\" id=\"", prefix, "flow\" role=\"group\" aria-label=\"", escape(name));
    add("\" width=\"", width, "\" height=\"", height, "\" viewBox=\"0 0 ", width, " ", height);
    add("\">\n");
    layout.frames().forEach(this::frame);
    layout.lines().stream().sorted(Comparator.comparing(this::over)).forEach(this::line);
    // Their labels lie over the edges.
    layout.frames().forEach(this::label);
    layout.boxes().forEach(this::box);
    add("</svg>\n");
  }

  private void frame(Frame frame) {
    add("<rect class=\"frame", frame.depth() % 2 == 0 ? "" : " inner", "\" x=\"");
    add(number(frame.x()), "\" y=\"", number(frame.y()), "\" width=\"", number(frame.width()));
    add("\" height=\"", number(frame.height()), "\" rx=\"10\"/>\n");
  }

  private void label(Frame frame) {
    add(
        "<text class=\"label",
        frame.depth() % 2 == 0 ? "" : " inner",
        "\" x=\"",
        number(frame.x() + 13),
        "\" y=\"",
        number(frame.y() + 21));
    add("\">", escape(frame.group().label()), "</text>\n");
  }

  private void line(Line line) {
    String kind = (over(line) ? " over" : "") + (line.edge().order() ? " order" : "");
    add("<path class=\"edge", kind, "\" d=\"", path(line.points()), "\"/>");
    add("<path class=\"edge", over(line) ? " over" : "", "\" d=\"", head(line.points()), "\"/>\n");
  }

  /** Whether what it hands on is there. */
  private boolean over(Line line) {
    Shown from = shown.get(line.edge().from());
    return from != null && OVER.contains(from.state());
  }

  /** With rounded bends. */
  private static String path(List<Point> points) {
    var path = new StringBuilder("M" + at(points.getFirst()));
    for (int i = 1; i < points.size() - 1; i++) {
      Point bend = points.get(i);
      path.append('L').append(at(toward(bend, points.get(i - 1))));
      path.append('Q').append(at(bend)).append(' ').append(at(toward(bend, points.get(i + 1))));
    }
    return path.append('L').append(at(points.getLast())).toString();
  }

  /** The arrow's. */
  private static String head(List<Point> points) {
    Point end = points.getLast();
    Point before = points.get(points.size() - 2);
    double length = Math.max(1, Math.hypot(end.x() - before.x(), end.y() - before.y()));
    double x = (end.x() - before.x()) / length * 5;
    double y = (end.y() - before.y()) / length * 5;
    return "M"
        + at(new Point(end.x() - x - y, end.y() - y + x))
        + "L"
        + at(end)
        + "L"
        + at(new Point(end.x() - x + y, end.y() - y - x));
  }

  private static Point toward(Point from, Point to) {
    double length = Math.hypot(to.x() - from.x(), to.y() - from.y());
    double part = length == 0 ? 0 : Math.min(ROUND, length / 2) / length;
    return new Point(from.x() + (to.x() - from.x()) * part, from.y() + (to.y() - from.y()) * part);
  }

  private void box(Box box) {
    String key = box.node().key();
    Optional<Shown> now = Optional.ofNullable(shown.get(key));
    String state = now.map(Shown::state).orElse("plain");
    String line = now.map(Shown::line).filter(text -> !text.isEmpty()).orElse(box.node().stage());
    Optional<String> href = now.flatMap(Shown::href);
    String element = href.isPresent() ? "a" : "g";
    add("<", element, " class=\"node ", escape(state), "\" id=\"", prefix, escape(key), "\"");
    href.ifPresent(to -> add(" href=\"", escape(to), "\""));
    if (href.isPresent()) {
      String told =
          now.map(s -> ": " + s.state() + (s.line().isEmpty() ? "" : ", " + s.line())).orElse("");
      add(" aria-label=\"", escape(box.node().name() + ", " + box.node().stage() + told), "\"");
    }
    add(">");
    String about = box.node().about().isEmpty() ? "" : ": " + box.node().about();
    add("<title>", escape(box.node().name() + ", " + box.node().stage() + about), "</title>");
    add("<rect x=\"", number(box.x()), "\" y=\"", number(box.y()), "\" width=\"");
    add(number(box.width()), "\" height=\"", number(box.height()), "\" rx=\"9\"/>");
    double text = now.isPresent() ? 34 : 13;
    if (now.isPresent()) {
      add("<g class=\"icon\" transform=\"translate(", number(box.x() + 10), " ");
      add(number(box.y() + box.height() / 2 - 8), ")\">", Icons.of(state), "</g>");
    }
    double room = box.width() - text - 8;
    add("<text class=\"name\" x=\"", number(box.x() + text), "\" y=\"", number(box.y() + 19));
    add("\">", escape(cut(box.node().name(), room / Layout.LETTER)), "</text>");
    add("<text class=\"line\" x=\"", number(box.x() + text), "\" y=\"", number(box.y() + 34));
    add("\">", escape(cut(line, room / Layout.LETTER * 1.2)), "</text></", element, ">\n");
  }

  /** Names differ at their ends, so the middle goes. */
  private static String cut(String text, double letters) {
    int most = (int) letters;
    if (text.length() <= most) {
      return text;
    }
    int head = (most - 1) / 2;
    int tail = most - 1 - head;
    return text.substring(0, head) + "…" + text.substring(text.length() - tail);
  }

  private static String at(Point point) {
    return number(point.x()) + " " + number(point.y());
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%.1f", value);
  }

  private void add(String... texts) {
    for (String text : texts) {
      out.append(text);
    }
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
