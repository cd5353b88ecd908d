package dev.palimpsest.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Binds JSON to parameter records: fills defaults, refuses what is unknown or out of range. */
public final class Parameters {
  private static final ObjectMapper DEFAULTS = new ObjectMapper();
  private final Methods methods;

  public Parameters(Methods methods) {
    this.methods = methods;
  }

  /**
   * One field of a parameters record, as forms and references show it.
   *
   * @param name the field's name in JSON
   * @param type {@code number}, {@code integer}, {@code boolean}, {@code text}, {@code list} or
   *     {@code choice}
   * @param options the allowed texts; empty where any is allowed
   */
  public record Field(
      String name,
      String type,
      String help,
      Optional<JsonNode> value,
      double min,
      double max,
      List<String> options,
      Optional<Kind> choose) {}

  /** The fields of a parameters record, in its order. */
  public static List<Field> fields(Class<? extends Record> type) {
    var fields = new ArrayList<Field>();
    for (RecordComponent component : type.getRecordComponents()) {
      Param param = component.getAnnotation(Param.class);
      if (param == null) {
        throw new IllegalStateException(
            type.getName() + "." + component.getName() + " lacks @Param: every parameter has help");
      }
      fields.add(
          new Field(
              component.getName(),
              typeOf(component),
              param.help(),
              param.value().isEmpty()
                  ? Optional.empty()
                  : Optional.of(parse(component, param.value())),
              param.min(),
              param.max(),
              optionsOf(component.getType()),
              param.choose().length == 0 ? Optional.empty() : Optional.of(param.choose()[0])));
    }
    return fields;
  }

  /**
   * The given parameters with every default filled in, in the record's order, checked.
   *
   * @param owner whose parameters they are, for sentences ({@code stage 'fine-tune'})
   * @throws Mistake naming the field, what it was and what was expected
   */
  public ObjectNode fill(String owner, Class<? extends Record> type, JsonNode given) {
    if (!(given instanceof ObjectNode object)) {
      throw new Mistake(owner + ": parameters are " + given + "; expected an object.");
    }
    List<Field> fields = fields(type);
    List<String> names = fields.stream().map(Field::name).toList();
    for (var it = object.fieldNames(); it.hasNext(); ) {
      String name = it.next();
      if (!names.contains(name)) {
        throw new Mistake(owner + ": " + Names.unknown("parameter", name, names));
      }
    }
    ObjectNode filled = Json.object();
    for (Field field : fields) {
      JsonNode value = object.get(field.name());
      if (value == null) {
        value =
            field
                .value()
                .orElseThrow(() ->
                    new Mistake(
                        owner
                            + ": parameter '"
                            + field.name()
                            + "' is missing; expected "
                            + expected(field)
                            + "."));
      }
      filled.set(field.name(), check(owner, field, value));
    }
    return filled;
  }

  /** The parameters as a record: {@link #fill} and then the record's own checks. */
  public <P extends Record> P bind(String owner, Class<P> type, JsonNode given) {
    return Json.read(owner, fill(owner, type, given), type);
  }

  /** The chosen method and its bound parameters, handed to {@code use}. */
  public <M extends Method<?>> M method(Kind kind, Choice choice, Class<M> type) {
    return methods.get(kind, choice.method(), type);
  }

  private JsonNode check(String owner, Field field, JsonNode value) {
    if (field.choose().isPresent()) {
      return choice(owner, field, field.choose().get(), value);
    }
    boolean fits =
        switch (field.type()) {
          case "number" -> value.isNumber() && inRange(field, value.doubleValue());
          case "integer" -> value.isIntegralNumber() && inRange(field, value.doubleValue());
          case "boolean" -> value.isBoolean();
          case "text" ->
              value.isTextual()
                  && (field.options().isEmpty() || field.options().contains(value.textValue()));
          case "list" -> value.isArray();
          default -> true;
        };
    if (!fits) {
      throw new Mistake(
          owner
              + ": parameter '"
              + field.name()
              + "' is "
              + value
              + "; expected "
              + expected(field)
              + ".");
    }
    return field.type().equals("number")
        ? DEFAULTS.getNodeFactory().numberNode(value.doubleValue())
        : value;
  }

  private JsonNode choice(String owner, Field field, Kind kind, JsonNode value) {
    Choice choice = Json.read(owner + ", parameter '" + field.name() + "'", value, Choice.class);
    Method<?> method;
    try {
      method = methods.get(kind, choice.method(), Method.class);
    } catch (Mistake e) {
      throw new Mistake(owner + ", parameter '" + field.name() + "': " + e.getMessage(), e);
    }
    String inner = owner + ", " + kind.label() + " '" + method.name() + "'";
    ObjectNode filled = Json.object();
    filled.put("method", method.name());
    filled.setAll(fill(inner, method.parameters(), choice.parameters()));
    return filled;
  }

  private static boolean inRange(Field field, double value) {
    return value >= field.min() && value <= field.max();
  }

  private static String expected(Field field) {
    if (!field.options().isEmpty()) {
      return "one of " + String.join(", ", field.options());
    }
    if (field.choose().isPresent()) {
      return "the name of " + article(field.choose().get().label());
    }
    String type = article(field.type());
    boolean low = field.min() != Double.NEGATIVE_INFINITY;
    boolean high = field.max() != Double.POSITIVE_INFINITY;
    if (low && high) {
      return type + " from " + brief(field.min()) + " to " + brief(field.max());
    }
    return low
        ? type + " of at least " + brief(field.min())
        : high ? type + " of at most " + brief(field.max()) : type;
  }

  private static String article(String noun) {
    return ("aeiou".indexOf(noun.charAt(0)) >= 0 ? "an " : "a ") + noun;
  }

  private static String brief(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  private static String typeOf(RecordComponent component) {
    Class<?> type = component.getType();
    if (type == Choice.class) {
      return "choice";
    }
    if (type == double.class || type == float.class) {
      return "number";
    }
    if (type == int.class || type == long.class) {
      return "integer";
    }
    if (type == boolean.class) {
      return "boolean";
    }
    if (type == String.class || type.isEnum()) {
      return "text";
    }
    if (type == List.class) {
      return "list";
    }
    throw new IllegalStateException(
        "parameter "
            + component.getName()
            + " has type "
            + type.getName()
            + ", which no form can show");
  }

  private static List<String> optionsOf(Class<?> type) {
    var options = new ArrayList<String>();
    if (type.isEnum()) {
      for (Object constant : type.getEnumConstants()) {
        options.add(Json.tree(constant).asText());
      }
    }
    return options;
  }

  private static JsonNode parse(RecordComponent component, String json) {
    try {
      return DEFAULTS.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "the default of parameter " + component.getName() + " is not JSON: " + json, e);
    }
  }
}
