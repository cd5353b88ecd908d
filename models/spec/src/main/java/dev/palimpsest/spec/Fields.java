package dev.palimpsest.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.palimpsest.base.Json;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads the fields of a parameters record from its components and their {@link Param}. */
public final class Fields {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Fields() {}

  /** The fields in the record's order. */
  public static List<Field> of(Class<? extends Record> type) {
    return Arrays.stream(type.getRecordComponents()).map(Fields::of).toList();
  }

  private static Field of(RecordComponent component) {
    Param param = component.getAnnotation(Param.class);
    if (param == null) {
      throw new IllegalStateException(
          component.getDeclaringRecord().getName() + "." + component.getName() + " lacks @Param");
    }
    return new Field(
        component.getName(),
        typeOf(component),
        param.help(),
        value(component, param),
        finite(param.min()),
        finite(param.max()),
        optionsOf(component.getType()),
        Arrays.stream(param.choose()).findFirst(),
        group(component) ? of(component.getType().asSubclass(Record.class)) : List.of());
  }

  private static Optional<JsonNode> value(RecordComponent component, Param param) {
    if (group(component)) {
      return Optional.of(Json.object());
    }
    return param.value().isEmpty()
        ? Optional.empty()
        : Optional.of(parse(component, param.value()));
  }

  private static boolean group(RecordComponent component) {
    return component.getType().isRecord() && component.getType() != Choice.class;
  }

  private static Optional<Double> finite(double bound) {
    return Double.isInfinite(bound) ? Optional.empty() : Optional.of(bound);
  }

  private static String typeOf(RecordComponent component) {
    Class<?> type = component.getType();
    if (group(component)) {
      return "group";
    }
    if (type == Choice.class) {
      return "choice";
    }
    if (type == double.class) {
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
        "parameter '" + component.getName() + "' is a " + type.getName() + "; no form shows that");
  }

  private static List<String> optionsOf(Class<?> type) {
    return type.isEnum()
        ? Arrays.stream(type.getEnumConstants()).map(each -> Json.tree(each).asText()).toList()
        : List.of();
  }

  private static JsonNode parse(RecordComponent component, String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "the default of parameter '" + component.getName() + "' is not JSON: " + json, e);
    }
  }
}
