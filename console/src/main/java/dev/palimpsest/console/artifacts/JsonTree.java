package dev.palimpsest.console.artifacts;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A JSON value as a tree that folds.
 *
 * @param name of the field, or the place in the list; empty for the whole
 * @param text a plain value, or how much is folded: {@code 3 fields}
 * @param kind {@code text}, {@code number}, {@code word}, {@code object} or {@code list}
 * @param children none for a plain value
 */
record JsonTree(String name, String text, String kind, List<JsonTree> children, boolean open) {
  private static final int MOST = 3000;
  private static final int OPEN_DEPTH = 2;
  private static final int OPEN_FIELDS = 24;
  private static final int DEEPEST = 24;

  static JsonTree of(JsonNode json) {
    return of("", json, 0, new AtomicInteger(MOST));
  }

  private static JsonTree of(String name, JsonNode json, int depth, AtomicInteger left) {
    left.decrementAndGet();
    if (!json.isContainerNode()) {
      String kind = json.isTextual() ? "text" : json.isNumber() ? "number" : "word";
      return new JsonTree(
          name, json.isTextual() ? json.textValue() : json.toString(), kind, List.of(), false);
    }
    var children = new ArrayList<JsonTree>();
    if (depth < DEEPEST) {
      if (json.isObject()) {
        for (var field : json.properties()) {
          if (left.get() > 0) {
            children.add(of(field.getKey(), field.getValue(), depth + 1, left));
          }
        }
      } else {
        for (int i = 0; i < json.size() && left.get() > 0; i++) {
          children.add(of(Integer.toString(i), json.get(i), depth + 1, left));
        }
      }
    }
    String what = json.isObject() ? "field" : "element";
    String text =
        json.size()
            + " "
            + what
            + (json.size() == 1 ? "" : "s")
            + (children.size() < json.size()
                ? ", of which the first " + children.size() + " are shown"
                : "");
    boolean open = depth < OPEN_DEPTH && (depth == 0 || json.size() <= OPEN_FIELDS);
    return new JsonTree(name, text, json.isObject() ? "object" : "list", children, open);
  }
}
