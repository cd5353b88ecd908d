package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Conductor's {@code ${...}} expressions, as far as definitions may use them. */
public final class Expressions {
  private static final Pattern WHOLE = Pattern.compile("\\$\\{([^{}]+)}");

  private Expressions() {}

  /** The path within {@code ${path}} if the value is exactly one expression. */
  static Optional<String> path(JsonNode value) {
    if (!value.isTextual()) {
      return Optional.empty();
    }
    Matcher matcher = WHOLE.matcher(value.textValue());
    return matcher.matches() ? Optional.of(matcher.group(1).strip()) : Optional.empty();
  }

  /** The paths of all expressions within a value. */
  public static List<String> paths(JsonNode value) {
    var paths = new ArrayList<String>();
    path(value).ifPresent(paths::add);
    value.forEach(each -> paths.addAll(paths(each)));
    return paths;
  }

  /** Whether a text holds a {@code $}{@code {} and is not one whole expression. */
  static boolean broken(JsonNode value) {
    return value.isTextual() && value.textValue().contains("${") && path(value).isEmpty();
  }

  /** A copy in which every expression is replaced by what {@code resolve} says of its path. */
  static JsonNode replace(JsonNode value, Function<String, JsonNode> resolve) {
    Optional<String> path = path(value);
    if (path.isPresent()) {
      return resolve.apply(path.get());
    }
    if (value instanceof ObjectNode object) {
      ObjectNode copy = Json.object();
      object.properties().forEach(e -> copy.set(e.getKey(), replace(e.getValue(), resolve)));
      return copy;
    }
    if (value instanceof ArrayNode array) {
      ArrayNode copy = array.arrayNode();
      array.forEach(each -> copy.add(replace(each, resolve)));
      return copy;
    }
    return value;
  }
}
