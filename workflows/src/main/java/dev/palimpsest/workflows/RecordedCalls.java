package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.storage.Ledger;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.StageCall;
import dev.palimpsest.tasks.StageKey;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The calls that the stages of a run were, put together from what was written down of them. */
public final class RecordedCalls {
  private static final int LONGEST_REFERENCE = 64;

  private final RunJournal.Run run;
  private final List<RunJournal.StageEntry> entries;
  private final Ledger ledger;

  /** Everything that the run was given or made. */
  private final Map<Digest, Reference> references = new HashMap<>();

  public RecordedCalls(RunJournal.Run run, List<RunJournal.StageEntry> entries, Ledger ledger) {
    this.run = run;
    this.entries = entries;
    this.ledger = ledger;
    collect(run.inputs());
    entries.forEach(entry -> entry.outputs().values().forEach(this::add));
  }

  /** A definition of one task, and the inputs that give it what it had in the run. */
  public record Alone(Definition definition, ObjectNode inputs) {}

  /**
   * The stages of which this build makes another key, each once: their code is another now. Of one
   * with an input that is lost that cannot be told.
   *
   * @param keys makes the key of a call
   */
  public List<String> changed(Function<StageCall, StageKey> keys) {
    return entries.stream()
        .filter(entry -> of(entry).filter(call -> changed(call, keys, entry.key())).isPresent())
        .map(RunJournal.StageEntry::stage)
        .distinct()
        .toList();
  }

  private static boolean changed(
      StageCall call, Function<StageCall, StageKey> keys, Digest before) {
    try {
      return !keys.apply(call).key().equals(before);
    } catch (Failure lost) {
      return false;
    }
  }

  /**
   * One task of the run by itself.
   *
   * @throws Mistake where the run has not finished such a task, or its record is gone
   */
  public Alone alone(String task) {
    RunJournal.StageEntry entry =
        entries.stream()
            .filter(each -> each.task().equals(task))
            .findFirst()
            .orElseThrow(() ->
                new Mistake(
                    "Run '"
                        + run.run()
                        + "': "
                        + Names.unknown(
                            "task",
                            task,
                            entries.stream().map(RunJournal.StageEntry::task).toList())));
    StageCall call =
        of(entry)
            .orElseThrow(() ->
                new Mistake(
                    "The record of task '"
                        + task
                        + "' of run '"
                        + run.run()
                        + "' is gone; expected it, to know the inputs: verify the whole run."));
    ObjectNode inputs = Json.object();
    ObjectNode ports = Json.object();
    call.inputs()
        .forEach((name, reference) -> {
          String input = "input" + inputs.size();
          inputs.set(input, Json.tree(reference));
          String[] path = name.split("/", 2);
          String expression = "${workflow.input." + input + "}";
          if (path.length == 1) {
            ports.put(name, expression);
          } else {
            (ports.get(path[0]) instanceof ObjectNode many ? many : ports.putObject(path[0]))
                .put(path[1], expression);
          }
        });
    ObjectNode json = ((ObjectNode) run.definition()).deepCopy();
    json.remove(List.of("inputTemplate", "outputParameters"));
    inputs.fieldNames().forEachRemaining(json.putArray("inputParameters")::add);
    ObjectNode only = json.putArray("tasks").addObject();
    only.put("name", entry.stage()).put("taskReferenceName", reference(task)).put("type", "SIMPLE");
    ObjectNode parameters = only.putObject("inputParameters");
    parameters.set("parameters", call.parameters());
    parameters.set("inputs", ports);
    parameters.put("seed", call.seed());
    parameters.set("numerics", Json.tree(call.numerics()));
    return new Alone(Definition.of("of task '" + task + "'", Json.canonical(json)), inputs);
  }

  /** What a task is called where it stands by itself, wherever it stood in the run. */
  static String reference(String task) {
    String name = task.replace('.', '-').replace("__", "-");
    return name.substring(0, Math.min(LONGEST_REFERENCE, name.length()));
  }

  /** The call of a stage, if its record and the references of its inputs are still known. */
  private Optional<StageCall> of(RunJournal.StageEntry entry) {
    return ledger.newest(entry.key()).map(StageRecord::identity).flatMap(this::of);
  }

  private Optional<StageCall> of(JsonNode identity) {
    var inputs = new LinkedHashMap<String, Reference>();
    for (var input : identity.path("inputs").properties()) {
      Reference reference = references.get(new Digest(input.getValue().asText()));
      if (reference == null) {
        return Optional.empty();
      }
      inputs.put(input.getKey(), reference);
    }
    return Optional.of(
        new StageCall(
            identity.path("stage").asText(),
            (ObjectNode) identity.path("parameters"),
            inputs,
            Long.parseLong(identity.path("seed").asText()),
            Json.read("the numerics of a record", identity.path("numerics"), Numerics.class),
            Optional.empty()));
  }

  private void collect(JsonNode within) {
    if (within.has("artifact") && within.has("sha256")) {
      add(Json.read("an input of run " + run.run(), within, Reference.class));
    } else {
      within.forEach(this::collect);
    }
  }

  private void add(Reference reference) {
    references.put(reference.sha256(), reference);
  }
}
