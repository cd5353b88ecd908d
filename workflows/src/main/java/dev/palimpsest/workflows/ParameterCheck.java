package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.spec.Field;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.workflows.Marks.Found;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether the parameters of a stage, and of the methods that they choose, are right. */
final class ParameterCheck {
  private final Catalogue catalogue;
  private final Parameters parameters;
  private final Findings findings;
  private final Scope scope;

  ParameterCheck(Catalogue catalogue, Findings findings, Scope scope) {
    this.catalogue = catalogue;
    this.parameters = new Parameters(catalogue);
    this.findings = findings;
    this.scope = scope;
  }

  /**
   * Checks parameters.
   *
   * @param inputs the stage's inputs
   * @return what is known of its outputs
   */
  Map<String, Facts> check(
      String owner,
      Catalogue.StageEntry stage,
      JsonNode given,
      Place place,
      OwnChecks.Inputs inputs) {
    int before = findings.size();
    fields(owner, stage.parameters(), given, place);
    if (findings.size() == before) {
      Found whole = scope.whole(owner, given, place);
      var turn = new LinkedHashSet<String>();
      JsonNode last = Marks.lastTurn(whole.value(), turn);
      if (Marks.sure(last)) {
        turn.addFirst(owner);
        return new OwnChecks(catalogue, (code, wrong) -> findings.add(code, whole.place(), wrong))
            .of(String.join(", ", turn), stage.name(), last, inputs);
      }
    }
    return Map.of();
  }

  private void fields(String owner, List<Field> fields, JsonNode raw, Place place) {
    Found given = scope.resolve(owner, raw, place);
    if (Marks.unknown(given.value())) {
      return;
    }
    if (!given.value().isObject()) {
      findings.add(
          FindingCode.WRONG_PARAMETER,
          given.place(),
          owner + ": parameters are " + shown(given.value()),
          "expected an object");
      return;
    }
    List<String> names = fields.stream().map(Field::name).toList();
    for (var each : given.value().properties()) {
      if (!names.contains(each.getKey())) {
        findings.add(
            FindingCode.UNKNOWN_PARAMETER,
            given.place().child(each.getKey()).asName(),
            owner
                + ": "
                + (names.isEmpty()
                    ? "unknown parameter '" + each.getKey() + "'; expected none."
                    : Names.unknown("parameter", each.getKey(), names)));
      }
    }
    for (Field field : fields) {
      field(owner, field, given);
    }
  }

  private void field(String owner, Field field, Found within) {
    JsonNode raw = within.value().path(field.name());
    if (raw.isMissingNode()) {
      if (field.value().isEmpty()) {
        refused(FindingCode.MISSING_PARAMETER, owner, field, Json.object(), within.place());
      }
      return;
    }
    Found found = scope.resolve(owner, raw, within.place().child(field.name()));
    JsonNode value = found.value();
    if (Marks.unknown(value)) {
      return;
    }
    if (value.isPojo() || Marks.type(value).isPresent()) {
      findings.add(
          FindingCode.WRONG_PARAMETER,
          found.place(),
          owner + ": parameter '" + field.name() + "' is " + shown(value),
          "expected a value; artifacts belong under inputs");
    } else if (field.choose().isPresent() && named(value)) {
      choice(owner, field, field.choose().get(), found);
    } else if (field.type().equals("group") && value.isObject()) {
      fields(owner + ", '" + field.name() + "'", field.fields(), value, found.place());
    } else {
      JsonNode whole = scope.whole(owner, value, found.place()).value();
      if (Marks.sure(whole)) {
        ObjectNode single = Json.object();
        single.set(field.name(), whole);
        refused(FindingCode.WRONG_PARAMETER, owner, field, single, found.place());
      }
    }
  }

  private static boolean named(JsonNode value) {
    return value.isTextual() || value.isObject() && value.path("method").isTextual();
  }

  private void choice(String owner, Field field, Kind kind, Found found) {
    JsonNode value = found.value();
    String name = value.isTextual() ? value.textValue() : value.path("method").textValue();
    Optional<String> expression = Expressions.path(value.path("method"));
    if (expression.isPresent()) {
      JsonNode method = scope.whole(owner, value.path("method"), found.place()).value();
      if (!method.isTextual()) {
        return;
      }
      name = method.textValue();
    }
    Place at = value.isTextual() ? found.place() : found.place().child("method");
    List<Field> known = catalogue.of(kind).get(name);
    if (known == null) {
      findings.add(
          FindingCode.UNKNOWN_METHOD,
          at,
          owner
              + ", parameter '"
              + field.name()
              + "': "
              + Names.unknown(kind.label(), name, catalogue.of(kind).keySet()));
      return;
    }
    ObjectNode settings = value instanceof ObjectNode object ? object.deepCopy() : Json.object();
    settings.remove("method");
    fields(owner + ", " + kind.label() + " '" + name + "'", known, settings, found.place());
  }

  /** Adds what is wrong with one parameter by itself. */
  private void refused(
      FindingCode code, String owner, Field field, ObjectNode single, Place place) {
    try {
      parameters.fill(owner, List.of(field), single);
    } catch (Mistake e) {
      findings.add(code, place, e.getMessage());
    }
  }

  private static String shown(JsonNode value) {
    return Marks.type(value)
        .map(type -> "a " + type.label())
        .orElseGet(() -> value.isPojo() ? "made of artifacts" : value.toString());
  }
}
