package dev.palimpsest.console.artifacts;

import dev.palimpsest.base.Digest;
import dev.palimpsest.storage.Reference;
import java.util.List;
import java.util.Optional;

/**
 * What the index knows of an artifact; the newest run first in each list.
 *
 * @param made by which stages
 * @param used by which stages
 * @param given to which runs as an input
 * @param names of the imports that it is part of, such as {@code fashion.train}
 */
record Known(
    Reference reference,
    List<Made> made,
    List<Used> used,
    List<RunName> given,
    List<String> names) {

  /** A run as one names it. */
  record RunName(String run, String title) {
    String brief() {
      return run.length() > 8 ? run.substring(0, 8) : run;
    }
  }

  /**
   * That a stage of a run has it as an output.
   *
   * @param key of the stage, whose record tells its inputs
   * @param cached whether the run took it from an earlier computation
   * @param finished ISO 8601 instant
   */
  record Made(
      RunName by,
      String task,
      String stage,
      String output,
      Digest key,
      boolean cached,
      String finished,
      Reference reference) {}

  /** That a stage of a run had it as an input. */
  record Used(RunName by, String task, String stage, String input) {}

  /** Where it was computed, in this run if it is one of them; else who took it from the cache. */
  Optional<Made> maker(Optional<String> run) {
    List<Made> computed = made.stream().filter(each -> !each.cached()).toList();
    return computed.isEmpty()
        ? madeIn(run)
        : new Known(reference, computed, used, given, names).madeIn(run);
  }

  /** Where it was had, in this run if it is one of them; the first stage that had it. */
  Optional<Made> madeIn(Optional<String> run) {
    String wanted =
        run.filter(id -> made.stream().anyMatch(each -> each.by().run().equals(id)))
            .or(() -> made.stream().findFirst().map(each -> each.by().run()))
            .orElse("");
    return made.stream()
        .filter(each -> each.by().run().equals(wanted))
        .reduce(
            (before, after) -> before.finished().compareTo(after.finished()) <= 0 ? before : after);
  }
}
