package dev.palimpsest.console.web;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.SequencedMap;
import java.util.TreeMap;

/** The inputs of a run, one line each, named as {@code --set} takes them. */
public final class FlatInputs {
  private static final int BRIEF = 12;

  private FlatInputs() {}

  /** {@code task1.epochs} = {@code 20}; a method chosen with parameters stands as its name. */
  public static SequencedMap<String, String> of(JsonNode inputs) {
    var flat = new TreeMap<String, String>();
    collect("", inputs, flat);
    return flat;
  }

  private static void collect(String name, JsonNode value, SequencedMap<String, String> into) {
    if (!value.isObject()) {
      into.put(name, value.isTextual() ? value.textValue() : value.toString());
    } else if (value.path("sha256").isTextual()) {
      String digest = value.path("sha256").textValue();
      into.put(
          name,
          value.path("artifact").asText("artifact")
              + " "
              + digest.substring(0, Math.min(BRIEF, digest.length())));
    } else {
      value
          .properties()
          .forEach(field -> {
            boolean method = field.getKey().equals("method") && !name.isEmpty();
            String within = name.isEmpty() ? field.getKey() : name + "." + field.getKey();
            collect(method ? name : within, field.getValue(), into);
          });
    }
  }
}
