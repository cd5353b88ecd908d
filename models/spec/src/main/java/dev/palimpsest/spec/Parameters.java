package dev.palimpsest.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import java.util.List;
import java.util.SortedMap;

/** Checks parameters given in JSON: fills defaults in, refuses what is unknown or out of range. */
public final class Parameters {
  private final MethodIndex methods;

  public Parameters(MethodIndex methods) {
    this.methods = methods;
  }

  /**
   * The given parameters with every default filled in, in the record's order.
   *
   * @param owner whose parameters they are, for sentences ({@code stage 'defend'})
   * @throws Mistake naming the field, what it was and what was expected
   */
  public ObjectNode fill(String owner, List<Field> fields, JsonNode given) {
    if (!(given instanceof ObjectNode object)) {
      throw new Mistake(owner + ": parameters are " + given + "; expected an object.");
    }
    List<String> names = fields.stream().map(Field::name).toList();
    object
        .fieldNames()
        .forEachRemaining(name -> {
          if (!names.contains(name)) {
            throw new Mistake(owner + ": " + Names.unknown("parameter", name, names));
          }
        });
    ObjectNode filled = Json.object();
    for (Field field : fields) {
      JsonNode value = object.get(field.name());
      if (value == null) {
        value = field.value().orElseThrow(() -> missing(owner, field));
      }
      filled.set(field.name(), check(owner, field, value));
    }
    return filled;
  }

  /** The parameters as a record: {@link #fill}, then the record's own checks. */
  public <P extends Record> P bind(String owner, Class<P> type, JsonNode given) {
    return Json.read(owner, fill(owner, Fields.of(type), given), type);
  }

  private JsonNode check(String owner, Field field, JsonNode value) {
    boolean fits =
        switch (field.type()) {
          case "number" -> value.isNumber() && field.holds(value.doubleValue());
          case "integer" -> value.isIntegralNumber() && field.holds(value.doubleValue());
          case "boolean" -> value.isBoolean();
          case "text" ->
              value.isTextual()
                  && (field.options().isEmpty() || field.options().contains(value.textValue()));
          case "list" -> value.isArray();
          case "choice" -> true;
          case "group" -> value.isObject();
          default -> throw new IllegalStateException("no check for type " + field.type());
        };
    if (!fits) {
      throw new Mistake(
          owner
              + ": parameter '"
              + field.name()
              + "' is "
              + value
              + "; expected "
              + field.expected()
              + ".");
    }
    if (field.choose().isPresent()) {
      return choice(owner, field, field.choose().get(), value);
    }
    if (field.type().equals("group")) {
      return fill(owner + ", '" + field.name() + "'", field.fields(), value);
    }
    // 1 and 1.0 are one number, so one key.
    return field.type().equals("number") ? DoubleNode.valueOf(value.doubleValue()) : value;
  }

  private JsonNode choice(String owner, Field field, Kind kind, JsonNode value) {
    String place = owner + ", parameter '" + field.name() + "'";
    Choice choice = Json.read(place, value, Choice.class);
    SortedMap<String, List<Field>> known = methods.of(kind);
    List<Field> fields = known.get(choice.method());
    if (fields == null) {
      throw new Mistake(
          place + ": " + Names.unknown(kind.label(), choice.method(), known.keySet()));
    }
    ObjectNode filled = Json.object();
    filled.put("method", choice.method());
    filled.setAll(
        fill(
            owner + ", " + kind.label() + " '" + choice.method() + "'",
            fields,
            choice.parameters()));
    return filled;
  }

  private static Mistake missing(String owner, Field field) {
    return new Mistake(
        owner
            + ": parameter '"
            + field.name()
            + "' is missing; expected "
            + field.expected()
            + ".");
  }
}
