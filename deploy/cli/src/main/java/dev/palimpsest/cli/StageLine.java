package dev.palimpsest.cli;

import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.workflows.RunView.StageState;
import dev.palimpsest.workflows.RunView.StageView;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** One stage as one line of a terminal, never wider than it. */
final class StageLine {
  private static final int BAR = 12;
  private static final int LONGEST_NAME = 24;
  private static final String RESET = "\u001b[0m";

  private final int nameWidth;
  private final int columns;
  private final boolean colour;

  /**
   * @param stages those that are shown below one another
   * @param columns the terminal's width
   */
  StageLine(List<StageView> stages, int columns, boolean colour) {
    int longest = stages.stream().mapToInt(stage -> stage.task().length()).max().orElse(0);
    this.nameWidth = Math.min(longest, Math.min(LONGEST_NAME, columns / 3));
    this.columns = columns;
    this.colour = colour;
  }

  /**
   * A piece of the line.
   *
   * @param rank the highest goes first where the line is too long
   */
  private record Part(String text, String paint, int rank) {}

  String of(StageView stage, OptionalDouble left) {
    var parts = new ArrayList<Part>();
    switch (stage.state()) {
      case WAITING -> {}
      case QUEUED -> parts.add(new Part("waits for a worker", "2", 1));
      case RUNNING -> running(stage, left, parts);
      case CACHED -> parts.add(new Part("cached", "2", 1));
      case DONE -> parts.add(new Part(Words.duration(stage.seconds()), "2", 1));
      case FAILED -> parts.add(new Part(stage.error().orElse("failed"), "31", 0));
      case CANCELLED -> parts.add(new Part("cancelled", "2", 1));
    }
    if (stage.attempt() > 1 && stage.state() != StageState.WAITING) {
      parts.add(new Part("attempt " + stage.attempt(), "33", 3));
    }
    return fitted(stage, parts);
  }

  private static void running(StageView stage, OptionalDouble left, List<Part> parts) {
    if (stage.progress().isEmpty()) {
      parts.add(new Part("starts", "2", 1));
      return;
    }
    StageContext.Progress now = stage.progress().get();
    double share = now.total() <= 0 ? 0 : Math.min(1, (double) now.done() / now.total());
    int filled = (int) Math.floor(share * BAR);
    parts.add(new Part("━".repeat(filled) + "─".repeat(BAR - filled), "36", 2));
    parts.add(new Part(String.format(Locale.ROOT, "%3d %%", (int) (100 * share)), "", 1));
    if (!now.label().isBlank()) {
      parts.add(new Part(now.label(), "", 4));
    }
    List<String> metrics = Metrics.shown(now.metrics());
    for (String metric : metrics) {
      int rank = metric.startsWith("loss") ? 8 : metric.startsWith("ASR") ? 6 : 7;
      parts.add(new Part(metric.replace("accuracy", "acc"), "", rank));
    }
    left.ifPresent(seconds -> parts.add(new Part(Words.clock(seconds) + " left", "2", 5)));
  }

  /** The line without what there is no room for. */
  private String fitted(StageView stage, List<Part> parts) {
    while (width(parts) > columns - 1) {
      int drop = -1;
      for (int i = 0; i < parts.size(); i++) {
        if (parts.get(i).rank() > 1 && (drop < 0 || parts.get(i).rank() > parts.get(drop).rank())) {
          drop = i;
        }
      }
      if (drop < 0) {
        break;
      }
      parts.remove(drop);
    }
    var line = new StringBuilder();
    line.append(' ').append(glyph(stage.state())).append(' ').append(name(stage.task()));
    int room = columns - 1 - 3 - nameWidth;
    for (Part part : parts) {
      room -= 2;
      String text = cut(part.text(), room);
      room -= text.length();
      line.append("  ").append(painted(text, part.paint()));
    }
    return line.toString().stripTrailing();
  }

  private int width(List<Part> parts) {
    return 3 + nameWidth + parts.stream().mapToInt(part -> 2 + part.text().length()).sum();
  }

  private String name(String task) {
    String shown = cut(task, nameWidth);
    return shown + " ".repeat(nameWidth - shown.length());
  }

  private String glyph(StageState state) {
    return switch (state) {
      case WAITING -> painted("·", "2");
      case QUEUED -> painted("○", "2");
      case RUNNING -> painted("●", "36");
      case CACHED, DONE -> painted("✓", "32");
      case FAILED -> painted("✗", "31");
      case CANCELLED -> painted("–", "33");
    };
  }

  private String painted(String text, String paint) {
    return colour && !paint.isEmpty() ? "\u001b[" + paint + "m" + text + RESET : text;
  }

  /** At most {@code width} characters, control characters as blanks. */
  static String cut(String text, int width) {
    String line = text.replaceAll("\\p{Cntrl}", " ");
    if (line.length() <= width) {
      return line;
    }
    return width <= 0 ? "" : line.substring(0, width - 1) + "…";
  }
}
