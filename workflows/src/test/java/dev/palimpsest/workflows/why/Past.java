package dev.palimpsest.workflows.why;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.storage.StoredArtifacts;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tasks.Code;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.StageKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Runs as workers leave them in a store, an instant apart. */
final class Past {
  private static final String DEFINITION =
      """
      {"name": "small", "version": 1, "tasks": [
        {"name": "prepare-data", "taskReferenceName": "prepare", "type": "SIMPLE"},
        {"name": "train", "taskReferenceName": "train", "type": "SIMPLE"}]}
      """;

  final MemoryStore store = new MemoryStore();
  long seed = 1;
  int threads = 1;
  int generation;
  int attempts = 1;
  double seconds = 0.1;
  double share = 0.85;
  Optional<String> again = Optional.empty();
  Code code;
  private final RunJournal journal = new RunJournal(store);
  private final StoredLedger ledger;
  private final ObjectNode training = Json.object();
  private String run = "";
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  Past(Path folder) {
    ledger = new StoredLedger(store, new StoredArtifacts(store, folder.resolve("cache")));
    code = code(Map.of("Train", "1", "Sam", "1"), Map.of("djl", "0.35.1"));
    parameter("training", Json.object().put("lr", 0.05).put("epochs", 3));
  }

  Why why(String ofRun) {
    return new Why(journal, ledger, ofRun);
  }

  /** From now on tasks are of this run. */
  void run(String id) {
    run = id;
    JsonNode definition = Json.parse("definition", DEFINITION.getBytes(StandardCharsets.UTF_8));
    journal.write(
        new RunJournal.Run(id, "small", definition, Json.object(), Map.of(), tick().toString()));
  }

  /** From now on training has this parameter. */
  void parameter(String name, ObjectNode value) {
    training.set(name, value);
  }

  /** From now on this is the code, by class the text that it stands for. */
  Code code(Map<String, String> classes, Map<String, String> libraries) {
    var digests = new TreeMap<String, Digest>();
    classes.forEach((name, text) -> digests.put(name, Digest.of(text)));
    code = new Code(digests, new TreeMap<>(), new TreeMap<>(libraries));
    return code;
  }

  StageKey prepare() {
    return key("prepare-data", Json.object().put("mixed", share), "imported");
  }

  StageKey train(String data) {
    return key("train", training.deepCopy(), data);
  }

  private StageKey key(String stage, ObjectNode parameters, String data) {
    var numerics = new Numerics("cpu", threads, "avx2", "pytorch-2.7.1");
    return StageKey.of(
        stage, code, parameters, Map.of("data", Digest.of(data)), seed, numerics, again);
  }

  void computed(String task, StageKey key, String output) {
    ledger.keep(key.code().digest(), key.code().manifest());
    StageRecord record =
        new StageRecord(
            key.key(),
            generation,
            key.identity().path("stage").asText(),
            key.identity(),
            outputs(output));
    store.put("stages/" + key.key().hex() + "/" + generation, Json.canonical(record));
    answered(task, key, output, false);
  }

  void cached(String task, StageKey key, String output) {
    answered(task, key, output, true);
  }

  private void answered(String task, StageKey key, String output, boolean cached) {
    journal.write(
        run,
        new RunJournal.StageEntry(
            task,
            key.identity().path("stage").asText(),
            key.key(),
            generation,
            cached,
            seconds,
            attempts,
            "worker",
            Map.of(),
            outputs(output),
            tick().toString()));
  }

  private static Map<String, Reference> outputs(String output) {
    return Map.of("made", new Reference("dataset", Digest.of(output), 1, List.of()));
  }

  private Instant tick() {
    now = now.plusSeconds(1);
    return now;
  }
}
