package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.workflows.Marks.Found;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whether a call of a stage fits the stage. */
final class CallCheck {
  private static final List<String> FIELDS = List.of("parameters", "inputs", "seed", "numerics");
  private static final long LARGEST_EXACT = (1L << 53) - 1;

  private final Catalogue catalogue;
  private final Findings findings;
  private final Set<Numerics> asked = new LinkedHashSet<>();

  CallCheck(Catalogue catalogue, Findings findings) {
    this.catalogue = catalogue;
    this.findings = findings;
  }

  /** The numerics that calls ask for, each once. */
  Set<Numerics> asked() {
    return asked;
  }

  /** The stage of this name, if there is one. */
  Optional<Catalogue.StageEntry> stage(String owner, String name, Place place) {
    try {
      return Optional.of(catalogue.stage(name));
    } catch (Mistake e) {
      findings.add(FindingCode.UNKNOWN_STAGE, place, owner + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  /** What a stage makes, by port, with what is known of it. */
  static ObjectNode outputs(Catalogue.StageEntry stage, Map<String, Facts> known) {
    ObjectNode outputs = Json.object();
    for (Port port : stage.outputs()) {
      Facts facts = known.getOrDefault(port.name(), Facts.NONE);
      outputs.set(port.name(), Marks.artifact(port.type(), facts));
    }
    return outputs;
  }

  /**
   * Checks a call.
   *
   * @param owner whose call it is, for sentences
   * @param call parameters, inputs, seed and numerics
   * @return what it makes
   */
  JsonNode check(String owner, Catalogue.StageEntry stage, JsonNode call, Place at, Scope scope) {
    names(FindingCode.UNKNOWN_CALL_FIELD, owner + ", inputParameters", "field", call, FIELDS, at);
    seed(owner, call, at, scope);
    numerics(owner, call, at, scope);
    JsonNode given = call.has("parameters") ? call.get("parameters") : Json.object();
    var parameters = new ParameterCheck(catalogue, findings, scope);
    OwnChecks.Inputs inputs = inputs(owner, stage, call, at, scope);
    return outputs(stage, parameters.check(owner, stage, given, at.child("parameters"), inputs));
  }

  /** Checks the inputs; of those that cannot be told yet, all count as given. */
  private OwnChecks.Inputs inputs(
      String owner, Catalogue.StageEntry stage, JsonNode call, Place at, Scope scope) {
    var known = new LinkedHashMap<String, Facts>();
    Found inputs = scope.resolve(owner, call.path("inputs"), at.child("inputs"));
    List<String> ports = stage.inputs().stream().map(Port::name).toList();
    if (Marks.unknown(inputs.value())) {
      return new OwnChecks.Inputs(Set.copyOf(ports), known);
    }
    names(
        FindingCode.UNKNOWN_PORT,
        owner + ", inputs",
        "input",
        inputs.value(),
        ports,
        inputs.place());
    for (Port port : stage.inputs()) {
      Facts facts = input(owner + ", input '" + port.name() + "'", port, inputs, at, scope);
      if (!facts.equals(Facts.NONE)) {
        known.put(port.name(), facts);
      }
    }
    var given = new LinkedHashSet<String>();
    inputs.value().fieldNames().forEachRemaining(given::add);
    return new OwnChecks.Inputs(given, known);
  }

  private void names(
      FindingCode code, String owner, String what, JsonNode object, List<String> known, Place at) {
    for (var field : object.properties()) {
      if (!known.contains(field.getKey())) {
        String sentence =
            known.isEmpty()
                ? "unknown " + what + " '" + field.getKey() + "'; expected none."
                : Names.unknown(what, field.getKey(), known);
        findings.add(code, at.child(field.getKey()).asName(), owner + ": " + sentence);
      }
    }
  }

  private void seed(String owner, JsonNode call, Place at, Scope scope) {
    Found seed = scope.resolve(owner, call.path("seed"), at.child("seed"));
    boolean fits =
        seed.value().isIntegralNumber()
            && seed.value().canConvertToLong()
            && Math.abs(seed.value().longValue()) <= LARGEST_EXACT;
    if (!fits && !Marks.unknown(seed.value())) {
      findings.add(
          FindingCode.SEED,
          seed.value().isMissingNode() ? at : seed.place(),
          owner + ": seed is " + (seed.value().isMissingNode() ? "missing" : seed.value()),
          "expected an integer within ±(2^53 - 1), such as ${workflow.input.seed}");
    }
  }

  private void numerics(String owner, JsonNode call, Place at, Scope scope) {
    if (!call.has("numerics")) {
      return;
    }
    Found given = scope.whole(owner, call.get("numerics"), at.child("numerics"));
    if (!Marks.sure(given.value())) {
      return;
    }
    if (!given.value().isObject()) {
      findings.add(
          FindingCode.NUMERICS,
          given.place(),
          owner + ": numerics is " + given.value(),
          "expected an object of device, threads, instructions and engine");
      return;
    }
    try {
      asked.add(Json.read(owner + ", numerics", given.value(), Numerics.class));
    } catch (Mistake e) {
      findings.add(FindingCode.NUMERICS, given.place(), e.getMessage());
    }
  }

  private Facts input(String at, Port port, Found inputs, Place call, Scope scope) {
    JsonNode raw = inputs.value().path(port.name());
    Place place = inputs.place().child(port.name());
    if (raw.isMissingNode()) {
      if (!port.optional()) {
        findings.add(
            FindingCode.MISSING_ARTIFACT,
            inputs.value().isMissingNode() ? call : inputs.place(),
            at + " is missing",
            "expected a " + port.type().label());
      }
    } else if (port.many()) {
      many(at, raw, port.type(), place, scope);
    } else {
      return artifact(at, raw, port.type(), place, scope);
    }
    return Facts.NONE;
  }

  private void many(String at, JsonNode raw, ArtifactType type, Place place, Scope scope) {
    Found given = scope.resolve(at, raw, place);
    Optional<JsonNode> element = Marks.element(given.value());
    if (element.isPresent()) {
      fits(at, raw, element.get(), type, place);
    } else if (given.value().isObject() && Marks.type(given.value()).isEmpty()) {
      for (var each : given.value().properties()) {
        String name = at + ", '" + each.getKey() + "'";
        artifact(name, each.getValue(), type, given.place().child(each.getKey()), scope);
      }
    } else if (!Marks.unknown(given.value())) {
      findings.add(
          FindingCode.WRONG_ARTIFACT,
          place,
          at + " is " + raw,
          "expected an object of " + type.label() + "s");
    }
  }

  private Facts artifact(String at, JsonNode raw, ArtifactType type, Place place, Scope scope) {
    JsonNode value = scope.resolve(at, raw, place).value();
    fits(at, raw, value, type, place);
    return Marks.facts(value);
  }

  private void fits(String at, JsonNode raw, JsonNode value, ArtifactType wanted, Place place) {
    Optional<ArtifactType> found = Marks.type(value);
    if (Marks.unknown(value) || found.equals(Optional.of(wanted))) {
      return;
    }
    String shown = Expressions.path(raw).map(path -> "'${" + path + "}'").orElse("");
    if (shown.isEmpty() && found.isEmpty()) {
      findings.add(
          FindingCode.WRONG_ARTIFACT,
          place,
          at + " is " + (raw.isPojo() ? "no artifact" : raw),
          "expected an expression such as ${prepare.output.clean}");
    } else if (found.isEmpty()) {
      findings.add(
          FindingCode.WRONG_ARTIFACT,
          place,
          at + " is " + shown + ", which is no " + wanted.label(),
          "expected a reference to one");
    } else {
      findings.add(
          FindingCode.WRONG_ARTIFACT,
          place,
          at + " is " + (shown.isEmpty() ? "" : shown + ", ") + "a " + found.get().label(),
          "expected a " + wanted.label());
    }
  }
}
