package dev.palimpsest.console.runs;

import dev.palimpsest.storage.Reference;
import dev.palimpsest.workflows.RunView.StageView;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A stage of a run, as its page shows it.
 *
 * @param left the time that it still takes, in words
 * @param charts SVG
 * @param why the first is a sentence, the others what differs, each with its depth
 * @param turns the other tasks of this one: turns of a loop, branches of a sweep
 */
record Panel(
    StageView stage,
    Optional<String> left,
    List<Fact> metrics,
    List<String> charts,
    List<Line> log,
    List<Fact> parameters,
    List<Link> inputs,
    List<Link> outputs,
    List<Fact> facts,
    List<Reason> why,
    List<String> turns) {
  /** A value by its name. */
  record Fact(String name, String value) {}

  /** An artifact under its name. */
  record Link(String name, Reference reference) {
    String href() {
      return "/artifacts/" + reference.sha256().hex();
    }
  }

  /** A line of the log; {@code rest} is folded. */
  record Line(Instant time, String text, String rest) {}

  /** A sentence of a reason. */
  record Reason(String text, int depth) {}

  String state() {
    return Look.word(stage.state().name());
  }

  String label() {
    return stage.progress().map(progress -> progress.label()).orElse("");
  }

  boolean runs() {
    return state().equals("running");
  }
}
