package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.storage.Ledger;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.StageCall;
import dev.palimpsest.tasks.StageKey;
import dev.palimpsest.workflows.Plan.Planned;
import dev.palimpsest.workflows.Plan.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;

/**
 * Foretells a run: a task whose inputs are all known has a key, and where the ledger holds that key
 * its outputs are known, too. Nothing is written.
 */
public final class Planner {
  private final Catalogue catalogue;
  private final Parameters parameters;
  private final Function<StageCall, StageKey> keys;
  private final Ledger ledger;
  private final PastTimes times;

  /**
   * @param keys makes the key of a call
   */
  public Planner(
      Catalogue catalogue, Function<StageCall, StageKey> keys, Ledger ledger, PastTimes times) {
    this.catalogue = catalogue;
    this.keys = keys;
    this.parameters = new Parameters(catalogue);
    this.ledger = ledger;
    this.times = times;
  }

  /**
   * The plan of a run.
   *
   * @param definition checked with these inputs
   * @param inputs as {@link DefinitionCheck#inputs} filled them in
   */
  public Plan of(Definition definition, ObjectNode inputs) {
    var pass = new Pass(inputs);
    definition.stages().forEach(pass::plan);
    return new Plan(pass.planned);
  }

  private final class Pass {
    private final ObjectNode inputs;
    private final List<Planned> planned = new ArrayList<>();

    /** The outputs of tasks that are cached. */
    private final Map<String, Map<String, Reference>> outputs = new HashMap<>();

    /** The task that computes a key first. */
    private final Map<Digest, String> computing = new HashMap<>();

    Pass(ObjectNode inputs) {
      this.inputs = inputs;
    }

    void plan(Definition.Task task) {
      Catalogue.StageEntry stage = catalogue.stage(task.name());
      Set<String> awaits = new LinkedHashSet<>();
      JsonNode given =
          Expressions.replace(task.json().path("inputParameters"), path -> resolved(path, awaits));
      if (!awaits.isEmpty()) {
        ObjectNode filled = filled(stage, given);
        add(task, State.UNKNOWN, List.copyOf(awaits), Optional.empty(), filled);
        return;
      }
      StageCall call =
          StageCall.of(stage.name(), stage.parameters(), stage.inputs(), parameters, given);
      Digest key = keys.apply(call).key();
      Optional<StageRecord> hit = ledger.hit(key);
      String first = computing.get(key);
      if (hit.isPresent()) {
        outputs.put(task.reference(), hit.get().outputs());
        add(task, State.CACHED, List.of(), Optional.of(key), call.parameters());
      } else if (first != null) {
        add(task, State.SHARED, List.of(first), Optional.of(key), call.parameters());
      } else {
        computing.put(key, task.reference());
        add(task, State.RUNS, List.of(), Optional.of(key), call.parameters());
      }
    }

    private ObjectNode filled(Catalogue.StageEntry stage, JsonNode given) {
      JsonNode own = given.path("parameters");
      return parameters.fill(
          "stage '" + stage.name() + "'",
          stage.parameters(),
          own.isMissingNode() ? Json.object() : own);
    }

    private void add(
        Definition.Task task,
        State state,
        List<String> awaits,
        Optional<Digest> key,
        ObjectNode filled) {
      OptionalDouble seconds = times.nearest(task.name(), task.reference(), filled);
      List<String> settings =
          Settings.of(catalogue, catalogue.stage(task.name()).parameters(), filled);
      planned.add(
          new Planned(task.reference(), task.name(), state, awaits, key, settings, seconds));
    }

    /** What an expression stands for; missing, with the task that is awaited, where unknown. */
    private JsonNode resolved(String path, Set<String> awaits) {
      String[] parts = path.split("\\.", 3);
      if (path.startsWith("workflow.input.")) {
        JsonNode value = inputs;
        for (String step : parts[2].split("\\.")) {
          value = value.path(step);
        }
        return value;
      }
      Map<String, Reference> known = outputs.get(parts[0]);
      if (known == null || parts.length < 3 || !known.containsKey(parts[2])) {
        awaits.add(parts[0]);
        return MissingNode.getInstance();
      }
      return Json.tree(known.get(parts[2]));
    }
  }
}
