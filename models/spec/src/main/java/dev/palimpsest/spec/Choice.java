package dev.palimpsest.spec;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;

/**
 * A method chosen by name together with its parameters.
 *
 * <p>In JSON either the bare name ({@code "badnets"}: all defaults) or an object with the name
 * under {@code method} and the parameters beside it ({@code {"method": "badnets", "size": 3}}).
 *
 * @param method the method's name
 * @param parameters its parameters, defaults filled in once it went through {@link Parameters}
 */
public record Choice(String method, ObjectNode parameters) {
  @JsonCreator
  static Choice of(JsonNode json) {
    if (json.isTextual()) {
      return new Choice(json.textValue(), Json.object());
    }
    if (json instanceof ObjectNode object && object.path("method").isTextual()) {
      ObjectNode parameters = object.deepCopy();
      parameters.remove("method");
      return new Choice(object.path("method").textValue(), parameters);
    }
    throw new Mistake("expected the name of a method, or an object with the name under 'method'");
  }

  @JsonValue
  ObjectNode json() {
    ObjectNode object = Json.object();
    object.put("method", method);
    object.setAll(parameters);
    return object;
  }
}
