package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tasks.Imports;
import dev.palimpsest.tasks.TensorSummary;
import java.util.HashMap;
import java.util.Map;

/** Inputs that name what was imported: {@code import:my-net}, {@code import:fashion.train}. */
public final class NamedImports {
  private final Imports imports;
  private final Artifacts artifacts;
  private final Map<String, Facts> known = new HashMap<>();

  public NamedImports(Imports imports, Artifacts artifacts) {
    this.imports = imports;
    this.artifacts = artifacts;
  }

  /** What is known of the artifacts that were named, by digest: what their summaries tell. */
  public Map<String, Facts> known() {
    return known;
  }

  /** Whether some input does. */
  public static boolean in(JsonNode inputs) {
    if (inputs.isTextual()) {
      return inputs.textValue().startsWith(Imports.NAMED);
    }
    for (JsonNode child : inputs) {
      if (in(child)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The inputs with references where names stood. What has one part stands for that part, what has
   * several for an object of them.
   */
  public ObjectNode resolved(ObjectNode inputs) {
    ObjectNode copy = inputs.deepCopy();
    resolve(copy);
    return copy;
  }

  private void resolve(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.properties().forEach(field -> field.setValue(child(field.getValue())));
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, child(array.get(i)));
      }
    }
  }

  private JsonNode child(JsonNode value) {
    if (value.isTextual() && value.textValue().startsWith(Imports.NAMED)) {
      return reference(value.textValue().substring(Imports.NAMED.length()));
    }
    resolve(value);
    return value;
  }

  private JsonNode reference(String named) {
    String[] path = named.split("\\.", 2);
    var parts = imports.get(path[0]).parts();
    for (Reference part : parts.values()) {
      artifacts
          .summary(part)
          .map(summary -> Json.read("the summary of " + named, summary, TensorSummary.class))
          .ifPresent(summary -> known.put(part.sha256().hex(), Facts.of(summary)));
    }
    if (path.length == 1) {
      return Json.tree(parts.size() == 1 ? parts.values().iterator().next() : parts);
    }
    Reference part = parts.get(path[1]);
    if (part == null) {
      throw new Mistake(
          "Import '" + path[0] + "': " + Names.unknown("part", path[1], parts.keySet()));
    }
    return Json.tree(part);
  }
}
