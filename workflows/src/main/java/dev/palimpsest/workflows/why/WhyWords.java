package dev.palimpsest.workflows.why;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/** Reasons in sentences. */
public final class WhyWords {
  private static final int MOST_CLASSES = 8;

  private final String run;
  private final int width;
  private final List<String> lines = new ArrayList<>();

  /**
   * @param run the run's whole id
   */
  public WhyWords(String run, int width) {
    this.run = run;
    this.width = width;
  }

  /** All that is known, in lines of the terminal's width. */
  public List<String> told(Reason reason) {
    String subject = "Task '" + reason.task() + "' of run " + brief(run);
    switch (reason.cause()) {
      case UNANSWERED -> line(0, subject + " has no answer yet.");
      case CACHED -> line(0, subject + taken(reason) + ".");
      case FIRST ->
          line(
              0,
              subject
                  + " was computed: no earlier run that this store knows computed stage '"
                  + reason.stage()
                  + "'.");
      case LOST ->
          line(
              0,
              subject
                  + " was computed anew: what was known of its key was no longer in the store.");
      case BESIDE ->
          line(
              0,
              subject
                  + " was computed while run "
                  + brief(reason.earlier().orElseThrow().run())
                  + " computed the same key; the outputs of the first to end were kept.");
      case FORGOTTEN ->
          line(0, subject + " was computed; its record is no longer in the store to be compared.");
      case CHANGED, UNSTABLE ->
          line(
              0,
              subject
                  + " was computed: its key differs from the nearest earlier one, of "
                  + of(reason.earlier().orElseThrow(), reason.task())
                  + ".");
    }
    differences(2, reason.differences());
    return lines;
  }

  private String taken(Reason reason) {
    if (reason.earlier().isEmpty()) {
      return " was not computed: its key is that of a computation whose run is no longer known";
    }
    return reason.earlier().get().equals(new Reason.Earlier(run, reason.task()))
        ? " was computed by an earlier attempt, whose answer did not arrive"
        : " was not computed: its key is that of " + of(reason.earlier().get(), reason.task());
  }

  private String of(Reason.Earlier earlier, String task) {
    if (earlier.run().equals(run)) {
      return "task '" + earlier.task() + "' of the same run";
    }
    String other = earlier.task().equals(task) ? "" : "task '" + earlier.task() + "' of ";
    return other + "run " + brief(earlier.run());
  }

  private void differences(int indent, List<Difference> differences) {
    long classes = differences.stream().filter(WhyWords::isClass).count();
    int told = 0;
    for (Difference difference : differences) {
      if (isClass(difference) && ++told > MOST_CLASSES) {
        if (told == MOST_CLASSES + 1) {
          line(indent, "and " + (classes - MOST_CLASSES) + " more classes");
        }
        continue;
      }
      line(indent, sentence(difference));
      difference.because().ifPresent(because -> differences(indent + 4, because.differences()));
    }
  }

  private static boolean isClass(Difference difference) {
    return difference.part() == Difference.Part.CLASS;
  }

  private static String sentence(Difference difference) {
    return switch (difference.part()) {
      case AGAIN ->
          difference.now().isPresent()
              ? "verification '" + difference.now().get() + "' has it computed again"
              : "the earlier one was computed for a verification";
      case CODE ->
          "its code" + change(difference) + "; the store does not hold the classes of both";
      case CLASS -> "class " + difference.name() + edit(difference);
      case RESOURCE -> "file " + difference.name() + edit(difference);
      case LIBRARY -> "library " + difference.name() + change(difference);
      case PARAMETER -> "parameter '" + difference.name() + "'" + change(difference);
      case SEED -> "the seed" + change(difference);
      case NUMERICS -> "numerics '" + difference.name() + "'" + change(difference);
      case INPUT -> "input '" + difference.name() + "'" + change(difference) + maker(difference);
      case OUTPUT -> "output '" + difference.name() + "'" + change(difference);
    };
  }

  private static String edit(Difference difference) {
    return difference.before().isEmpty()
        ? " is new to it"
        : difference.now().isEmpty() ? " is no longer used" : " was edited";
  }

  private static String change(Difference difference) {
    Optional<String> before = difference.before().map(WhyWords::shortened);
    Optional<String> now = difference.now().map(WhyWords::shortened);
    if (before.isEmpty()) {
      return " is new: " + now.orElse("");
    }
    return " was " + before.get() + now.map(value -> ", is " + value).orElse(", is gone");
  }

  /** A digest's first digits; other values as they are. */
  private static String shortened(String value) {
    return value.matches("[0-9a-f]{64}") ? value.substring(0, 12) : value;
  }

  private static String maker(Difference difference) {
    if (difference.now().isEmpty()) {
      return "";
    }
    if (difference.because().isEmpty()) {
      return ", given to the run";
    }
    Reason because = difference.because().get();
    String made = ", made by task '" + because.task() + "'";
    return switch (because.cause()) {
      case CHANGED -> made + (because.differences().isEmpty() ? " (see above)" : ":");
      case UNSTABLE -> made + " from the same key: it is not deterministic:";
      case FORGOTTEN -> made + ", whose record is gone";
      default -> made + ", which that run did not have";
    };
  }

  /** Adds text, wrapped between words; what follows its first line hangs by two. */
  private void line(int indent, String text) {
    var line = new StringBuilder(" ".repeat(indent));
    int empty = indent;
    for (String word : text.split(" ", -1)) {
      if (line.length() > empty && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        empty = indent + 2;
        line = new StringBuilder(" ".repeat(empty));
      }
      line.append(line.length() > empty ? " " : "").append(word);
    }
    lines.add(line.toString());
  }

  /** Cached, computed, or not yet. */
  public static String answer(Reason reason) {
    return switch (reason.cause()) {
      case CACHED -> "cached";
      case UNANSWERED -> "none yet";
      default -> "computed";
    };
  }

  /** A reason in a few words, for a table. */
  public static String brief(String run, Reason reason) {
    Optional<Reason.Earlier> earlier = reason.earlier();
    return switch (reason.cause()) {
      case UNANSWERED -> "";
      case CACHED ->
          earlier
              .map(e ->
                  !e.run().equals(run)
                      ? "from run " + brief(e.run())
                      : e.task().equals(reason.task()) ? "by an earlier attempt" : "as " + e.task())
              .orElse("from a run that is gone");
      case FIRST -> "nothing earlier";
      case LOST -> "was lost";
      case BESIDE -> "beside run " + brief(earlier.orElseThrow().run());
      case FORGOTTEN -> "its record is gone";
      case CHANGED, UNSTABLE -> {
        var roots = new LinkedHashSet<String>();
        roots(reason, roots);
        SequencedSet<String> own = own(reason);
        if (!roots.isEmpty()) {
          own.add("follows " + String.join(", ", roots));
        }
        yield String.join("; ", own);
      }
    };
  }

  /** The parts of its own key, inputs that tasks made left out. */
  private static SequencedSet<String> own(Reason reason) {
    var own = new LinkedHashSet<String>();
    long classes = reason.differences().stream().filter(WhyWords::isClass).count();
    for (Difference difference : reason.differences()) {
      if (isClass(difference) && classes > 1) {
        own.add(classes + " classes");
      } else if (difference.because().isEmpty()) {
        own.add(part(difference));
      }
    }
    return own;
  }

  private static String part(Difference difference) {
    String name = difference.name().substring(difference.name().lastIndexOf('.') + 1);
    return switch (difference.part()) {
      case AGAIN -> "verification";
      case CODE, SEED -> difference.part().label();
      case CLASS -> "class " + name;
      default -> difference.part().label() + " " + difference.name();
    };
  }

  /** The tasks at whose keys the chains of inputs begin. */
  private static void roots(Reason reason, SequencedSet<String> roots) {
    for (Difference difference : reason.differences()) {
      difference
          .because()
          .ifPresent(because -> {
            if (!own(because).isEmpty() || because.cause() != Reason.Cause.CHANGED) {
              roots.add(because.task());
            }
            roots(because, roots);
          });
    }
  }

  /** A run's id as people type it. */
  public static String brief(String id) {
    return id.substring(0, Math.min(8, id.length()));
  }
}
