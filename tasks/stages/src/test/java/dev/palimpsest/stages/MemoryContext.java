package dev.palimpsest.stages;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensors;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/** A stage's inputs and outputs as they are, without a store. */
final class MemoryContext implements StageContext {
  private final long seed;
  private final Map<String, Tensors> tensors = new LinkedHashMap<>();
  private final Map<String, JsonNode> documents = new LinkedHashMap<>();
  private final Map<String, List<JsonNode>> lines = new LinkedHashMap<>();
  private final Map<String, List<String>> taints = new LinkedHashMap<>();
  private final Map<String, Object> outputs = new LinkedHashMap<>();
  private Optional<Tensors> saved = Optional.empty();
  private Optional<Tensors> restored = Optional.empty();
  private int checkpointsLeft = Integer.MAX_VALUE;

  MemoryContext(long seed) {
    this.seed = seed;
  }

  MemoryContext with(String input, Tensors given) {
    tensors.put(input, given);
    return this;
  }

  MemoryContext with(String input, JsonNode given) {
    documents.put(input, given);
    return this;
  }

  MemoryContext with(String input, List<JsonNode> given) {
    lines.put(input, given);
    return this;
  }

  /** Sets what an input is labelled with. */
  MemoryContext tainted(String input, String... taint) {
    taints.put(input, List.of(taint));
    return this;
  }

  /** An output of tensors that was written. */
  Tensors written(String output) {
    return (Tensors) got("output", output, outputs);
  }

  /** A RESULT or TABLE output that was written. */
  JsonNode writtenDocument(String output) {
    return Json.tree(got("output", output, outputs));
  }

  /** A FIGURE output that was written. */
  String writtenFigure(String output) {
    return (String) got("output", output, outputs);
  }

  /** The lines of a METRICS output that was written. */
  List<JsonNode> writtenLines(String output) {
    return ((List<?>) got("output", output, outputs)).stream().map(Json::tree).toList();
  }

  private static <T> T got(String what, String name, Map<String, T> from) {
    return Objects.requireNonNull(from.get(name), () -> "no " + what + " '" + name + "'");
  }

  @Override
  public long seed() {
    return seed;
  }

  @Override
  public Numerics numerics() {
    return Numerics.PINNED_CPU;
  }

  @Override
  public String device() {
    return "cpu";
  }

  @Override
  public boolean has(String input) {
    return tensors.containsKey(input) || documents.containsKey(input) || lines.containsKey(input);
  }

  @Override
  public Reference reference(String input) {
    return new Reference(
        "any",
        Digest.of(input.getBytes(StandardCharsets.UTF_8)),
        0,
        taints.getOrDefault(input, List.of()));
  }

  @Override
  public Tensors tensors(String input) {
    return got("input", input, tensors);
  }

  @Override
  public JsonNode document(String input) {
    return got("input", input, documents);
  }

  @Override
  public List<JsonNode> lines(String input) {
    return got("input", input, lines);
  }

  @Override
  public SequencedMap<String, Reference> many(String input) {
    var many = new TreeMap<String, Reference>();
    for (var given : List.of(tensors, documents, lines)) {
      for (String name : given.keySet()) {
        if (name.startsWith(input + "/")) {
          many.put(name.substring(input.length() + 1), reference(name));
        }
      }
    }
    return Collections.unmodifiableSequencedMap(many);
  }

  @Override
  public void write(String output, Tensors value) {
    outputs.put(output, value);
  }

  @Override
  public void write(String output, Object document) {
    outputs.put(output, document);
  }

  @Override
  public void writeLines(String output, List<?> value) {
    outputs.put(output, value);
  }

  @Override
  public void writeFigure(String output, String svg) {
    outputs.put(output, svg);
  }

  @Override
  public void report(Progress progress) {}

  @Override
  public void step() {}

  @Override
  public void note(String line) {}

  @Override
  public void checkpoint(StateSource state) {
    saved = Optional.of(state.state().get());
    if (--checkpointsLeft == 0) {
      throw new Stopped("killed");
    }
  }

  /** Stops the stage at one of its checkpoints, 1 for the first. */
  MemoryContext killedAt(int checkpoint) {
    checkpointsLeft = checkpoint;
    return this;
  }

  @Override
  public Optional<Tensors> restored() {
    return restored;
  }

  /** The state at the last checkpoint. */
  Tensors saved() {
    return saved.orElseThrow();
  }

  /** Goes on from a saved state. */
  MemoryContext from(Tensors state) {
    restored = Optional.of(state);
    return this;
  }
}
