package dev.palimpsest.tasks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.storage.GarbageCollector;
import dev.palimpsest.storage.GarbageCollector.Count;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.SideBySide;
import dev.palimpsest.storage.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * How much room a store's content takes.
 *
 * @param runs those with the most artifacts of their own first
 * @param types the artifacts that runs refer to, each once, by type
 * @param others what else is there, by kind
 */
public record Room(List<Share> runs, Map<String, Count> types, SequencedMap<String, Count> others) {

  /**
   * What a run refers to: inputs and outputs.
   *
   * @param own bytes of artifacts that no other run refers to
   * @param shared bytes of the others
   */
  public record Share(RunJournal.Summary run, long own, long shared) {}

  /** A run and the artifacts that it refers to. */
  private record Used(RunJournal.Summary run, Map<Digest, Reference> artifacts) {}

  /** Looks at all of a store. */
  public static Room of(Store store) {
    var journal = new RunJournal(store);
    List<Used> used =
        SideBySide.map(
            journal.newest(Integer.MAX_VALUE), run -> new Used(run, artifacts(journal, run.run())));
    Map<Digest, Integer> users = new HashMap<>();
    Map<Digest, Reference> all = new HashMap<>();
    for (Used each : used) {
      each.artifacts().keySet().forEach(digest -> users.merge(digest, 1, Integer::sum));
      all.putAll(each.artifacts());
    }
    var shares = new ArrayList<Share>();
    for (Used each : used) {
      long own = 0;
      long shared = 0;
      for (Reference artifact : each.artifacts().values()) {
        if (users.getOrDefault(artifact.sha256(), 0) == 1) {
          own += artifact.bytes();
        } else {
          shared += artifact.bytes();
        }
      }
      shares.add(new Share(each.run(), own, shared));
    }
    shares.sort(Comparator.comparingLong(Share::own).reversed());
    return new Room(shares, types(all), others(store));
  }

  private static Map<Digest, Reference> artifacts(RunJournal journal, String run) {
    Map<Digest, Reference> artifacts = new HashMap<>();
    journal.run(run).ifPresent(record -> collect(record.inputs(), artifacts));
    for (RunJournal.StageEntry entry : journal.stages(run)) {
      entry.outputs().values().forEach(output -> artifacts.put(output.sha256(), output));
    }
    return artifacts;
  }

  /** The references within a run's inputs. */
  private static void collect(JsonNode inputs, Map<Digest, Reference> artifacts) {
    if (inputs.path("sha256").isTextual() && inputs.path("bytes").isIntegralNumber()) {
      var digest = new Digest(inputs.path("sha256").textValue());
      String type = inputs.path("artifact").asText("artifact");
      artifacts.put(
          digest, new Reference(type, digest, inputs.path("bytes").longValue(), List.of()));
    }
    inputs.forEach(within -> collect(within, artifacts));
  }

  private static Map<String, Count> types(Map<Digest, Reference> artifacts) {
    Map<String, Count> types = new TreeMap<>();
    for (Reference artifact : artifacts.values()) {
      types.merge(
          artifact.artifact(),
          new Count(1, artifact.bytes()),
          (a, b) -> new Count(a.objects() + b.objects(), a.bytes() + b.bytes()));
    }
    return types;
  }

  private static SequencedMap<String, Count> others(Store store) {
    var others = new LinkedHashMap<String, Count>();
    others.put("runs' records", Count.of(store.list("runs/")));
    others.put("stages' records", Count.of(store.list("stages/")));
    others.put("saved state", Count.of(store.list("progress/")));
    var garbage = new GarbageCollector(store, Duration.ZERO, () -> {}).look().values();
    others.put(
        "unreferenced",
        new Count(
            garbage.stream().mapToLong(Count::objects).sum(),
            garbage.stream().mapToLong(Count::bytes).sum()));
    return others;
  }
}
