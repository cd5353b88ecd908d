package dev.palimpsest.tasks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.spec.Field;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.storage.Reference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * One call of a stage, checked: what a Conductor task's input says.
 *
 * @param parameters with every default filled in
 * @param inputs by input name; {@code input/name} for inputs that take many
 * @param again the verification that computes this anew, beside what is known of it
 */
public record StageCall(
    String stage,
    ObjectNode parameters,
    SequencedMap<String, Reference> inputs,
    long seed,
    Numerics numerics,
    Optional<String> again) {
  /** The field of a task's input that names a verification; no definition of a user has it. */
  public static final String AGAIN = "again";

  private static final List<String> FIELDS = List.of("parameters", "inputs", "seed", "numerics");

  /**
   * Reads a task's input.
   *
   * @throws Mistake naming the field, what it was and what was expected
   */
  public static StageCall of(
      String stage, List<Field> fields, List<Port> ports, Parameters checker, JsonNode input) {
    String owner = "stage '" + stage + "'";
    input
        .fieldNames()
        .forEachRemaining(name -> {
          if (!FIELDS.contains(name) && !name.equals(AGAIN)) {
            throw new Mistake(owner + ": " + Names.unknown("field", name, FIELDS));
          }
        });
    ObjectNode parameters =
        checker.fill(
            owner,
            fields,
            input.hasNonNull("parameters") ? input.get("parameters") : Json.object());
    if (!input.path("seed").isIntegralNumber() || !input.path("seed").canConvertToLong()) {
      throw new Mistake(owner + ": seed is " + input.path("seed") + "; expected an integer.");
    }
    Numerics numerics =
        Json.read(
            owner + ", field 'numerics'",
            input.hasNonNull("numerics") ? input.get("numerics") : Json.tree(Numerics.PINNED_CPU),
            Numerics.class);
    return new StageCall(
        stage,
        parameters,
        inputs(owner, ports, input.path("inputs")),
        input.get("seed").longValue(),
        numerics,
        again(owner, input));
  }

  private static Optional<String> again(String owner, JsonNode input) {
    JsonNode given = input.path(AGAIN);
    if (!given.isMissingNode() && (!given.isTextual() || given.textValue().isBlank())) {
      throw new Mistake(
          owner + ": again is " + given + "; expected the name of a verification, or no field.");
    }
    return Optional.ofNullable(given.textValue());
  }

  /** The key of this call, given the code that it can reach. */
  public StageKey key(Code code) {
    var digests = new TreeMap<String, Digest>();
    inputs.forEach((name, reference) -> digests.put(name, reference.sha256()));
    return StageKey.of(stage, code, parameters, digests, seed, numerics, again);
  }

  /** The taints of all inputs, oldest first, each once. */
  public List<String> taints() {
    var taints = new ArrayList<String>();
    for (Reference input : inputs.values()) {
      for (String taint : input.taint()) {
        if (!taints.contains(taint)) {
          taints.add(taint);
        }
      }
    }
    return taints;
  }

  private static SequencedMap<String, Reference> inputs(
      String owner, List<Port> ports, JsonNode given) {
    List<String> names = ports.stream().map(Port::name).toList();
    given
        .fieldNames()
        .forEachRemaining(name -> {
          if (!names.contains(name)) {
            throw new Mistake(owner + ": " + Names.unknown("input", name, names));
          }
        });
    var inputs = new LinkedHashMap<String, Reference>();
    for (Port port : ports) {
      JsonNode value = given.path(port.name());
      String place = owner + ", input '" + port.name() + "'";
      if (value.isMissingNode() || value.isNull()) {
        if (!port.optional()) {
          throw new Mistake(
              place + " is missing; expected a reference to a " + port.type().label() + ".");
        }
      } else if (port.many()) {
        value
            .properties()
            .forEach(each ->
                inputs.put(
                    port.name() + "/" + each.getKey(),
                    reference(place + ", '" + each.getKey() + "'", port, each.getValue())));
      } else {
        inputs.put(port.name(), reference(place, port, value));
      }
    }
    return inputs;
  }

  private static Reference reference(String place, Port port, JsonNode value) {
    Reference reference = Json.read(place, value, Reference.class);
    if (!reference.artifact().equals(port.type().label())) {
      throw new Mistake(
          place + " is a " + reference.artifact() + "; expected a " + port.type().label() + ".");
    }
    return reference;
  }
}
