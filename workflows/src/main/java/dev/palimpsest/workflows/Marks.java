package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import dev.palimpsest.base.Json;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Facts;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What is known of a value before a run: JSON, within which marks stand for artifacts that are yet
 * to be made and for what cannot be known.
 */
final class Marks {
  /** Anything. */
  static final JsonNode UNKNOWN = new POJONode(new Unknown());

  private Marks() {}

  private record Unknown() {}

  private record Artifact(ArtifactType type, Facts facts) {}

  private record Turn(int last, String words) {}

  private record Each(JsonNode element) {}

  private record Loop(JsonNode body, JsonNode iteration) {}

  /** A value and where it stands. */
  record Found(JsonNode value, Place place) {}

  static JsonNode artifact(ArtifactType type) {
    return artifact(type, Facts.NONE);
  }

  /** An artifact of which something is known. */
  static JsonNode artifact(ArtifactType type, Facts facts) {
    return new POJONode(new Artifact(type, facts));
  }

  /**
   * The number of a loop's iteration: anything from 1 to its bound.
   *
   * @param bound as it stands in the definition
   */
  static JsonNode turn(int last, JsonNode bound) {
    String says = bound.isTextual() ? " as " + bound.textValue() + " says" : "";
    return new POJONode(new Turn(last, "iteration " + last + says));
  }

  /** An object of such elements under names that a run makes. */
  static JsonNode each(JsonNode element) {
    return new POJONode(new Each(element));
  }

  /** A loop's output: those of its tasks, by iteration and task. */
  static JsonNode loop(JsonNode body) {
    return loop(body, UNKNOWN);
  }

  /** As {@link #loop(JsonNode)}, of which the iteration is asked from within. */
  static JsonNode loop(JsonNode body, JsonNode iteration) {
    return new POJONode(new Loop(body, iteration));
  }

  static boolean unknown(JsonNode value) {
    return value.equals(UNKNOWN) || pojo(value) instanceof Turn;
  }

  /** The iteration of {@link #loop}. */
  static JsonNode iteration(JsonNode value) {
    return pojo(value) instanceof Loop loop ? loop.iteration() : UNKNOWN;
  }

  /** What is known of an artifact. */
  static Facts facts(JsonNode value) {
    return pojo(value) instanceof Artifact artifact ? artifact.facts() : Facts.NONE;
  }

  /**
   * A copy in which artifacts that are there stand with what is known of them.
   *
   * @param known by digest
   */
  static JsonNode told(JsonNode value, Map<String, Facts> known) {
    return copy(
        value,
        each ->
            Optional.ofNullable(known.get(each.path("sha256").asText()))
                .flatMap(facts -> type(each).map(type -> artifact(type, facts))));
  }

  /**
   * A copy with the last iteration for any of a loop.
   *
   * @param words collects which it is, for sentences
   */
  static JsonNode lastTurn(JsonNode value, Set<String> words) {
    return copy(
        value,
        each -> {
          if (!(pojo(each) instanceof Turn turn)) {
            return Optional.empty();
          }
          words.add(turn.words());
          return Optional.of(IntNode.valueOf(turn.last()));
        });
  }

  private static JsonNode copy(JsonNode value, Function<JsonNode, Optional<JsonNode>> other) {
    Optional<JsonNode> replaced = other.apply(value);
    if (replaced.isPresent()) {
      return replaced.get();
    }
    if (value instanceof ObjectNode object) {
      ObjectNode copy = Json.object();
      object.properties().forEach(e -> copy.set(e.getKey(), copy(e.getValue(), other)));
      return copy;
    }
    if (value instanceof ArrayNode array) {
      ArrayNode copy = array.arrayNode();
      array.forEach(each -> copy.add(copy(each, other)));
      return copy;
    }
    return value;
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
