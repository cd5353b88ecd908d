package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Ledger;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.StageCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * How the stages of a run compare with those of the run that computed them again.
 *
 * @param run the run that was verified
 * @param again the run that computed it again
 * @param stages in the order in which they finished, so that each stands behind what it depends on
 */
public record Verification(String run, String again, List<Compared> stages) {
  /** What became of a stage. */
  public enum State {
    /** Its outputs have the same digests. */
    SAME,
    /** Inputs, parameters, code, seed and numerics were equal, and its outputs differ. */
    NOT_DETERMINISTIC,
    /** Its outputs differ, and so did an input. */
    FOLLOWS,
    /** Its outputs differ, and another program made them: code, numerics or parameters changed. */
    OTHER_PROGRAM,
    /** Only one of the runs has it. */
    ABSENT
  }

  /**
   * A stage of both runs.
   *
   * @param task its reference name in the definition
   * @param causes the parts of its identity that differ: {@code code}, {@code input 'checkpoint'}
   * @param surroundings what differs around both computations, such as the processor; empty unless
   *     the outputs differ and the first run computed the stage itself
   * @param outputs those that differ
   * @param earlier what differs between two earlier computations of one key, which came about when
   *     an output was lost: that too shows that the stage is not deterministic
   */
  public record Compared(
      String task,
      String stage,
      State state,
      List<String> causes,
      List<String> surroundings,
      List<OutputDifference> outputs,
      List<OutputDifference> earlier) {
    /** Whether it came out the same, whenever it was computed. */
    public boolean same() {
      return state == State.SAME && earlier.isEmpty();
    }

    /** Whether equal inputs gave different outputs. */
    public boolean deterministic() {
      return state != State.NOT_DETERMINISTIC && earlier.isEmpty();
    }
  }

  /** The stages that did not come out the same. */
  public List<Compared> differing() {
    return stages.stream().filter(stage -> !stage.same()).toList();
  }

  /** The first stage of which equal inputs gave different outputs. */
  public Optional<Compared> first() {
    return stages.stream().filter(stage -> !stage.deterministic()).findFirst();
  }

  /**
   * Compares what the journal says of two runs, both of which have ended.
   *
   * @param only the one task to compare; empty for all
   */
  public static Verification of(
      String run,
      String again,
      Optional<String> only,
      RunJournal journal,
      Ledger ledger,
      Artifacts artifacts) {
    var comparison = new Comparison(ledger, new OutputComparison(artifacts));
    var later = new LinkedHashMap<String, RunJournal.StageEntry>();
    journal.stages(again).forEach(entry -> later.put(entry.task(), entry));
    var compared = new ArrayList<Compared>();
    for (RunJournal.StageEntry entry : journal.stages(run)) {
      if (!only.orElse(entry.task()).equals(entry.task())) {
        continue;
      }
      RunJournal.StageEntry other =
          later.remove(only.map(RecordedCalls::reference).orElse(entry.task()));
      compared.add(other == null ? absent(entry) : comparison.of(entry, other));
    }
    later.values().forEach(entry -> compared.add(absent(entry)));
    return new Verification(run, again, compared);
  }

  private static Compared absent(RunJournal.StageEntry entry) {
    return new Compared(
        entry.task(), entry.stage(), State.ABSENT, List.of(), List.of(), List.of(), List.of());
  }

  private static Optional<StageRecord> record(Ledger ledger, RunJournal.StageEntry entry) {
    return ledger.generations(entry.key()).stream()
        .filter(record -> record.generation() == entry.generation())
        .findFirst();
  }

  private record Comparison(Ledger ledger, OutputComparison outputs) {
    Compared of(RunJournal.StageEntry first, RunJournal.StageEntry second) {
      List<OutputDifference> differing = outputs.of(first.outputs(), second.outputs());
      List<String> causes = differing.isEmpty() ? List.of() : causes(first, second);
      var earlier = new ArrayList<>(earlier(first));
      earlier.addAll(earlier(second));
      return new Compared(
          first.task(),
          first.stage(),
          state(differing, causes),
          causes,
          differing.isEmpty() || first.cached() ? List.of() : surroundings(first, second),
          differing,
          earlier);
    }

    private static List<String> surroundings(
        RunJournal.StageEntry first, RunJournal.StageEntry second) {
      JsonNode one = Json.tree(first.environment());
      JsonNode other = Json.tree(second.environment());
      return differing(one, other).stream()
          .map(name -> name + " " + one.path(name).asText() + ", then " + other.path(name).asText())
          .toList();
    }

    private static State state(List<OutputDifference> differing, List<String> causes) {
      if (differing.isEmpty()) {
        return State.SAME;
      }
      if (causes.isEmpty()) {
        return State.NOT_DETERMINISTIC;
      }
      return causes.stream().anyMatch(cause -> cause.startsWith("input "))
          ? State.FOLLOWS
          : State.OTHER_PROGRAM;
    }

    private List<String> causes(RunJournal.StageEntry first, RunJournal.StageEntry second) {
      Optional<StageRecord> one = record(ledger, first);
      Optional<StageRecord> other = record(ledger, second);
      if (one.isEmpty() || other.isEmpty()) {
        return List.of("unknown, as a record is gone");
      }
      var causes = new ArrayList<String>();
      JsonNode identity = one.get().identity();
      JsonNode beside = other.get().identity();
      for (String input : differing(identity.path("inputs"), beside.path("inputs"))) {
        causes.add("input '" + input + "'");
      }
      differing(identity, beside).stream()
          .filter(part -> !part.equals("inputs") && !part.equals(StageCall.AGAIN))
          .forEach(causes::add);
      if (identity.path("numerics").equals(Json.tree(Numerics.ANY))) {
        causes.add("numerics, which the run left open");
      }
      return causes;
    }

    private static List<String> differing(JsonNode first, JsonNode second) {
      var names = new TreeSet<String>();
      first.fieldNames().forEachRemaining(names::add);
      second.fieldNames().forEachRemaining(names::add);
      return names.stream().filter(name -> !first.path(name).equals(second.path(name))).toList();
    }

    private List<OutputDifference> earlier(RunJournal.StageEntry entry) {
      List<StageRecord> generations = ledger.generations(entry.key());
      for (int i = 1; i < generations.size(); i++) {
        List<OutputDifference> differing =
            outputs.of(generations.get(i - 1).outputs(), generations.get(i).outputs());
        if (!differing.isEmpty()) {
          return differing;
        }
      }
      return List.of();
    }
  }
}
