package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import dev.palimpsest.base.Json;
import dev.palimpsest.tasks.ArtifactType;
import java.util.Arrays;
import java.util.Optional;

/**
 * What is known of a value before a run: JSON, within which marks stand for artifacts that are yet
 * to be made and for what cannot be known.
 */
final class Marks {
  /** Anything. */
  static final JsonNode UNKNOWN = new POJONode(new Unknown());

  private Marks() {}

  private record Unknown() {}

  private record Artifact(ArtifactType type) {}

  private record Each(JsonNode element) {}

  private record Loop(JsonNode body) {}

  /** A value and where it stands. */
  record Found(JsonNode value, Place place) {}

  static JsonNode artifact(ArtifactType type) {
    return new POJONode(new Artifact(type));
  }

  /** An object of such elements under names that a run makes. */
  static JsonNode each(JsonNode element) {
    return new POJONode(new Each(element));
  }

  /** A loop's output: those of its tasks, by iteration and task. */
  static JsonNode loop(JsonNode body) {
    return new POJONode(new Loop(body));
  }

  static boolean unknown(JsonNode value) {
    return value.equals(UNKNOWN);
  }

  /** The element of {@link #each}. */
  static Optional<JsonNode> element(JsonNode value) {
    return pojo(value) instanceof Each each ? Optional.of(each.element()) : Optional.empty();
  }

  /** The tasks of {@link #loop}. */
  static Optional<JsonNode> body(JsonNode value) {
    return pojo(value) instanceof Loop loop ? Optional.of(loop.body()) : Optional.empty();
  }

  /** The type of an artifact, made or to be made. */
  static Optional<ArtifactType> type(JsonNode value) {
    if (pojo(value) instanceof Artifact artifact) {
      return Optional.of(artifact.type());
    }
    String label = value.path("artifact").asText();
    return Arrays.stream(ArtifactType.values())
        .filter(type -> type.label().equals(label))
        .findFirst();
  }

  /** Whether all of a value is known. */
  static boolean sure(JsonNode value) {
    if (value.isPojo()) {
      return false;
    }
    for (JsonNode each : value) {
      if (!sure(each)) {
        return false;
      }
    }
    return true;
  }

  /** What is known of a value that is one of two. */
  static JsonNode either(JsonNode a, JsonNode b) {
    return a.equals(b)
        ? a
        : type(a).isPresent() && type(a).equals(type(b)) ? artifact(type(a).get()) : UNKNOWN;
  }

  /** jq's {@code a * b}: objects are merged at every depth, else the second counts. */
  static JsonNode merged(JsonNode first, JsonNode second) {
    if (!(first instanceof ObjectNode) || !(second instanceof ObjectNode)) {
      return second;
    }
    ObjectNode merged = Json.object();
    first.properties().forEach(e -> merged.set(e.getKey(), e.getValue()));
    second
        .properties()
        .forEach(e -> {
          JsonNode before = merged.get(e.getKey());
          merged.set(e.getKey(), before == null ? e.getValue() : merged(before, e.getValue()));
        });
    return merged;
  }

  private static Object pojo(JsonNode value) {
    return value instanceof POJONode node && node.getPojo() != null ? node.getPojo() : "";
  }
}
