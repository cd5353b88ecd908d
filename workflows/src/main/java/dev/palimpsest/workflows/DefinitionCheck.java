package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.workflows.Marks.Found;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a definition can run with these inputs: every stage, method, parameter and reference is
 * known and of the right type before anything is registered or started.
 */
public final class DefinitionCheck {
  private static final int LARGEST_INPUTS = 5_000_000;

  private final Catalogue catalogue;

  public DefinitionCheck(Catalogue catalogue) {
    this.catalogue = catalogue;
  }

  /**
   * Checks a definition with the inputs of a run.
   *
   * @return the numerics that its stages ask for, each once
   * @throws Mistake that tells everything that is wrong
   */
  public Set<Numerics> check(Definition definition, ObjectNode inputs) {
    return check(definition, inputs, Map.of());
  }

  /**
   * As {@link #check(Definition, ObjectNode)}.
   *
   * @param known of artifacts among the inputs, by digest: whether stages can take them
   */
  public Set<Numerics> check(Definition definition, ObjectNode inputs, Map<String, Facts> known) {
    var pass = new Pass(definition);
    var given = new LinkedHashMap<String, Found>();
    Place defaults = definition.place().child("inputTemplate");
    Place elsewhere = Place.root(Source.NONE);
    inputs
        .properties()
        .forEach(e -> {
          boolean fallback = definition.defaultOf(e.getKey()).equals(Optional.of(e.getValue()));
          Place place = (fallback ? defaults : elsewhere).child(e.getKey());
          given.put(e.getKey(), new Found(Marks.told(e.getValue(), known), place));
        });
    pass.run(given);
    Findings.refuse(pass.findings.sorted());
    return pass.flow.asked();
  }

  /**
   * Everything wrong with a run of a definition.
   *
   * @param inputs all of them; a finding of one has its JSON pointer into these as {@code path} and
   *     no line, whether or not it is the definition's default
   * @param known of artifacts among the inputs, by digest
   */
  public List<Finding> findings(
      Definition definition, ObjectNode inputs, Map<String, Facts> known) {
    Place place = Place.root(Source.NONE);
    var given = new LinkedHashMap<String, Found>();
    inputs
        .properties()
        .forEach(e ->
            given.put(
                e.getKey(), new Found(Marks.told(e.getValue(), known), place.child(e.getKey()))));
    return findings(definition, given, true);
  }

  /** Everything wrong with a definition, whatever inputs a run will give it. */
  List<Finding> findings(Definition definition) {
    return findings(definition, Map.of(), false);
  }

  /**
   * Everything wrong with a definition and the inputs that differ from its defaults.
   *
   * @param given by name, where they stand
   * @param all whether a run would get no other inputs
   */
  List<Finding> findings(Definition definition, Map<String, Found> given, boolean all) {
    var pass = new Pass(definition);
    if (definition.unreadable().isPresent()) {
      return List.of(definition.unreadable().get());
    }
    var inputs = new LinkedHashMap<String, Found>();
    for (String name : definition.inputs()) {
      Found found = given.get(name);
      if (found == null) {
        Optional<JsonNode> fallback = definition.defaultOf(name);
        Place place = definition.place();
        found =
            fallback
                .map(value -> new Found(value, place.child("inputTemplate").child(name)))
                .orElseGet(() -> new Found(Marks.UNKNOWN, place));
        if (all && fallback.isEmpty()) {
          pass.findings.add(
              FindingCode.INPUT_MISSING,
              place.child("inputParameters"),
              definition.owner() + " needs the input '" + name + "'",
              "it was not given and has no default");
        }
      }
      inputs.put(name, found);
    }
    given.forEach((name, found) -> {
      if (!definition.inputs().contains(name)) {
        pass.findings.add(
            FindingCode.INPUT_NOT_TAKEN, found.place().asName(), unknownInput(definition, name));
      }
    });
    pass.run(inputs);
    return pass.findings.sorted();
  }

  private static String unknownInput(Definition definition, String name) {
    return definition.owner()
        + ": "
        + (definition.inputs().isEmpty()
            ? "unknown input '" + name + "'; it takes none."
            : Names.unknown("input", name, definition.inputs()));
  }

  /** The inputs of a run with the definition's defaults filled in; unknown ones are refused. */
  public static ObjectNode inputs(Definition definition, ObjectNode given) {
    ObjectNode filled = Json.object();
    for (String name : definition.inputs()) {
      JsonNode value = given.get(name);
      if (value == null) {
        value = definition.defaultOf(name).orElse(null);
      }
      if (value == null) {
        throw new Mistake(
            "Workflow '"
                + definition.name()
                + "' needs the input '"
                + name
                + "'; it was not given and has no default.");
      }
      filled.set(name, value);
    }
    given
        .fieldNames()
        .forEachRemaining(name -> {
          if (!filled.has(name)) {
            throw new Mistake(unknownInput(definition, name));
          }
        });
    return filled;
  }

  private final class Pass {
    private final Definition definition;
    private final Findings findings = new Findings();
    private final FlowCheck flow = new FlowCheck(catalogue, findings);

    Pass(Definition definition) {
      this.definition = definition;
    }

    void run(Map<String, Found> inputs) {
      ShapeCheck.check(definition, findings);
      definition.subWorkflows().forEach(this::called);
      InputsCheck.check(definition, inputs, findings);
      long size = inputs.values().stream().mapToLong(f -> f.value().toString().length()).sum();
      if (size > LARGEST_INPUTS) {
        findings.add(
            FindingCode.TOO_LARGE,
            definition.place(),
            definition.owner() + " is given inputs of " + size + " characters",
            "expected at most " + LARGEST_INPUTS + ": Conductor takes no more");
      }
      flow.check(definition, inputs, List.of(definition.name()));
    }

    private void called(String name, Definition called) {
      if (called.unreadable().isPresent()) {
        findings.add(called.unreadable().get());
        return;
      }
      if (!called.name().equals(name)) {
        findings.add(
            FindingCode.WRONG_FIELD,
            called.place().child("name"),
            "Workflow '" + called.name() + "' is called '" + name + "'",
            "expected one name");
      }
      ShapeCheck.check(called, findings);
    }
  }
}
