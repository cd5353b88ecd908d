package dev.palimpsest.console.studies;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the page of a study shows.
 *
 * @param graph as SVG
 * @param plan empty where it was not asked for, or cannot be told
 * @param untold why it cannot
 * @param kept what was entered for methods that are not chosen now, by the names of fields
 * @param once goes with the form, so that it starts one run
 */
record StudyView(
    Chosen chosen,
    List<Cited> cited,
    String graph,
    Entry entry,
    Optional<Foreseen> plan,
    Optional<String> untold,
    Map<String, String> kept,
    String once) {
  Form form() {
    return entry.form();
  }

  boolean again() {
    return chosen.kind() == Chosen.Kind.RUN;
  }

  /** Whether the page still has to ask for the plan. */
  boolean awaits() {
    return plan.isEmpty() && untold.isEmpty() && entry.right();
  }

  /** What keeps it from running, in a few words. */
  String wrong() {
    long fields = form().all().filter(control -> !control.errors().isEmpty()).count();
    long all = fields + entry.elsewhere().size();
    return all == 1 ? "One thing is to be put right." : all + " things are to be put right.";
  }

  /** What was entered differs from the study. */
  String changes() {
    long changes = form().changes();
    String base = again() ? "this run" : "the study";
    return changes == 0
        ? "As " + base + " has it."
        : changes + (changes == 1 ? " value differs" : " values differ") + " from " + base + ".";
  }
}
