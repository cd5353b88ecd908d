package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.storage.Ledger;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.tasks.RunJournal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** What stages took in earlier runs. */
public final class PastTimes {
  private final Ledger ledger;
  private final List<RunJournal.StageEntry> computed = new ArrayList<>();
  private final Map<Digest, Optional<JsonNode>> parameters = new ConcurrentHashMap<>();

  /**
   * @param runs the runs to look at, newest first
   */
  public PastTimes(RunJournal journal, Ledger ledger, List<String> runs) {
    this.ledger = ledger;
    for (String run : runs) {
      journal.stages(run).stream().filter(entry -> !entry.cached()).forEach(computed::add);
    }
  }

  /**
   * The seconds of the nearest computation of a stage: that with the fewest other parameters, of
   * this task rather than of another, and the newest of those.
   */
  OptionalDouble nearest(String stage, String task, ObjectNode filled) {
    return computed.stream()
        .filter(entry -> entry.stage().equals(stage))
        .min(
            Comparator.comparingInt((RunJournal.StageEntry entry) -> distance(entry, filled))
                .thenComparing(entry -> !entry.task().equals(task)))
        .map(entry -> OptionalDouble.of(entry.seconds()))
        .orElse(OptionalDouble.empty());
  }

  private int distance(RunJournal.StageEntry entry, ObjectNode filled) {
    return parameters
        .computeIfAbsent(entry.key(), key -> ledger.newest(key).map(StageRecord::identity))
        .map(identity -> distance(identity.path("parameters"), filled))
        .orElse(Integer.MAX_VALUE);
  }

  /** How many fields, however deep, are not the same. */
  private static int distance(JsonNode one, JsonNode other) {
    if (!one.isObject() || !other.isObject()) {
      return one.equals(other) ? 0 : 1;
    }
    var names = new TreeSet<String>();
    one.fieldNames().forEachRemaining(names::add);
    other.fieldNames().forEachRemaining(names::add);
    return names.stream().mapToInt(name -> distance(one.path(name), other.path(name))).sum();
  }
}
