package dev.palimpsest.console.submit;

import dev.palimpsest.console.web.Words;
import java.util.List;
import java.util.Optional;

/**
 * What the check says of a text.
 *
 * @param name of the definition; empty where the text cannot be read
 * @param graph as HTML; empty where there is none, or it is too large to be drawn
 * @param newest the newest version that is kept under this name; 0 if there is none
 * @param changes since that version
 */
record Checking(
    String name,
    List<Found> findings,
    Optional<String> graph,
    int newest,
    Optional<Difference> changes) {
  private static final int MOST_SHOWN = 100;

  List<Found> shown() {
    return findings.subList(0, Math.min(MOST_SHOWN, findings.size()));
  }

  int left() {
    return findings.size() - shown().size();
  }

  long errors() {
    return findings.stream().filter(Found::error).count();
  }

  /** Whether there is something new to register. */
  boolean registers() {
    return errors() == 0 && changes.map(each -> !each.rows().isEmpty()).orElse(true);
  }

  String verdict() {
    long errors = errors();
    long warnings = findings.size() - errors;
    String wrong = errors == 0 ? "No errors" : Words.count(errors, "error");
    return warnings == 0 ? wrong : wrong + ", " + Words.count(warnings, "warning");
  }

  /** What registering would do, or why it cannot. */
  String next() {
    if (errors() > 0) {
      return "It can be registered once nothing is wrong with it.";
    }
    if (!registers()) {
      return "This is version " + newest + " of " + name + ", unchanged.";
    }
    return newest == 0
        ? "It becomes version 1 of " + name + "."
        : "It becomes version " + (newest + 1) + " of " + name + "; version " + newest + " stays.";
  }
}
