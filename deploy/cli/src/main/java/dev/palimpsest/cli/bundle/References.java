package dev.palimpsest.cli.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.storage.Reference;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** The references within a run's inputs. */
final class References {
  private References() {}

  /** By path: {@code data.train}. */
  static SortedMap<String, Reference> of(JsonNode inputs) {
    var found = new TreeMap<String, Reference>();
    collect("", inputs, found);
    return found;
  }

  private static void collect(String path, JsonNode node, SortedMap<String, Reference> into) {
    if (isReference(node)) {
      into.put(path, read(path, node));
      return;
    }
    String within = path.isEmpty() ? "" : path + ".";
    node.properties().forEach(field -> collect(within + field.getKey(), field.getValue(), into));
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      collect(within + i, node.get(i), into);
    }
  }

  /** The inputs with every reference exchanged. */
  static JsonNode replaced(JsonNode inputs, UnaryOperator<Reference> by) {
    JsonNode copy = inputs.deepCopy();
    replace(copy, by);
    return copy;
  }

  private static void replace(JsonNode node, UnaryOperator<Reference> by) {
    if (node instanceof ObjectNode object && isReference(object)) {
      object.setAll((ObjectNode) Json.tree(by.apply(read("inputs", object))));
    } else {
      node.forEach(child -> replace(child, by));
    }
  }

  private static boolean isReference(JsonNode node) {
    return node.has("artifact") && node.has("sha256");
  }

  private static Reference read(String path, JsonNode node) {
    return Json.read("the run's input '" + path + "'", node, Reference.class);
  }
}
