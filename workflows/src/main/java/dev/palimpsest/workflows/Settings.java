package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.spec.Field;
import dev.palimpsest.spec.MethodIndex;
import java.util.ArrayList;
import java.util.List;

/** Which parameters of a call are not the defaults. */
final class Settings {
  private final MethodIndex methods;
  private final List<String> found = new ArrayList<>();

  private Settings(MethodIndex methods) {
    this.methods = methods;
  }

  /**
   * The parameters that are not their fields' defaults: {@code defence=ft}, {@code
   * defence.lr=0.02}.
   *
   * @param filled with every default filled in
   */
  static List<String> of(MethodIndex methods, List<Field> fields, JsonNode filled) {
    var settings = new Settings(methods);
    settings.within("", fields, filled);
    return settings.found;
  }

  private void within(String place, List<Field> fields, JsonNode values) {
    for (Field field : fields) {
      JsonNode value = values.path(field.name());
      String name = place + field.name();
      if (field.choose().isPresent()) {
        String method = value.path("method").asText();
        if (field.value().filter(usual -> method(usual).equals(method)).isEmpty()) {
          found.add(name + "=" + method);
        }
        within(name + ".", methods.of(field.choose().get()).getOrDefault(method, List.of()), value);
      } else if (field.type().equals("group")) {
        within(name + ".", field.fields(), value);
      } else if (field.value().filter(usual -> same(usual, value)).isEmpty()) {
        found.add(name + "=" + (value.isTextual() ? value.textValue() : value.toString()));
      }
    }
  }

  private static String method(JsonNode choice) {
    return choice.isTextual() ? choice.textValue() : choice.path("method").asText();
  }

  /** 1 and 1.0 are one number. */
  private static boolean same(JsonNode one, JsonNode other) {
    return one.isNumber() && other.isNumber()
        ? one.doubleValue() == other.doubleValue()
        : one.equals(other);
  }
}
