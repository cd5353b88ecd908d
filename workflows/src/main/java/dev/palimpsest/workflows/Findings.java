package dev.palimpsest.workflows;

import dev.palimpsest.base.Mistake;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects findings, each once. */
final class Findings {
  private static final int MOST_TOLD = 20;

  private final Set<Finding> all = new LinkedHashSet<>();

  void add(FindingCode code, Place place, String found, String expected) {
    all.add(place.source().finding(code, place, found, expected));
  }

  void add(Finding finding) {
    all.add(finding);
  }

  /** Adds one told as a whole sentence; its halves part at the semicolon. */
  void add(FindingCode code, Place place, String sentence) {
    int half = sentence.indexOf("; ");
    add(
        code,
        place,
        half < 0 ? sentence : sentence.substring(0, half),
        half < 0 ? "" : sentence.substring(half + 2));
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  int size() {
    return all.size();
  }

  /** By file, line and column. */
  List<Finding> sorted() {
    var sorted = new ArrayList<>(all);
    sorted.sort(
        Comparator.comparing(Finding::file)
            .thenComparingInt(Finding::line)
            .thenComparingInt(Finding::column)
            .thenComparing(Finding::code));
    return sorted;
  }

  /** Throws {@link Mistake} that lists the errors, if there are any. */
  static void refuse(List<Finding> findings) {
    List<Finding> errors =
        findings.stream().filter(f -> f.severity() == Finding.Severity.ERROR).toList();
    if (errors.isEmpty()) {
      return;
    }
    if (errors.size() == 1) {
      throw new Mistake(errors.getFirst().sentence());
    }
    var text = new StringBuilder(errors.size() + " mistakes:");
    errors.stream()
        .limit(MOST_TOLD)
        .forEach(error ->
            text.append("\n  ")
                .append(error.where())
                .append(": ")
                .append(error.code().label())
                .append(": ")
                .append(error.sentence()));
    if (errors.size() > MOST_TOLD) {
      text.append("\n  and ").append(errors.size() - MOST_TOLD).append(" more");
    }
    throw new Mistake(text.toString());
  }
}
