package dev.palimpsest.tasks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tensors.Safetensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes the keys of calls.
 *
 * <p>A stage runs the code of the methods that its parameters name and of those that its inputs
 * name: to open a checkpoint is to run its network, to apply a poison plan is to run its attack.
 */
public final class StageKeys {
  private final Catalogue catalogue;
  private final Artifacts artifacts;

  /** What immutable artifacts name; a few bytes each. */
  private final Map<Digest, Optional<Choice>> named = new ConcurrentHashMap<>();

  public StageKeys(Catalogue catalogue, Artifacts artifacts) {
    this.catalogue = catalogue;
    this.artifacts = artifacts;
  }

  /**
   * The key of a call.
   *
   * @throws dev.palimpsest.base.Mistake if an input names a method that this build does not have
   * @throws dev.palimpsest.base.Failure if such an input cannot be read
   */
  public StageKey of(StageCall call) {
    List<Catalogue.Chosen> chosen = new ArrayList<>();
    for (Reference input : call.inputs().values()) {
      Optional<Kind> kind = ArtifactType.of(input.artifact()).names();
      if (kind.isPresent()) {
        named
            .computeIfAbsent(input.sha256(), digest -> choice(input, kind.get().label()))
            .ifPresent(choice -> chosen.add(new Catalogue.Chosen(kind.get(), choice)));
      }
    }
    return call.key(catalogue.code(call.stage(), call.parameters(), chosen));
  }

  /** What an artifact names, if it names anything. */
  private Optional<Choice> choice(Reference input, String kind) {
    String what = "the " + input.artifact() + " " + input.sha256().brief();
    Optional<byte[]> summary = artifacts.summary(input);
    // The summary is small; where it was lost, the artifact itself tells.
    Optional<String> name =
        summary.isPresent()
            ? Optional.of(
                    Json.parse("the summary of " + what, summary.get()).at("/metadata/" + kind))
                .filter(JsonNode::isTextual)
                .map(JsonNode::textValue)
            : Optional.ofNullable(
                Safetensors.header(artifacts.fetch(input), what).metadata().get(kind));
    return name.map(text -> Json.read(what + ", '" + kind + "'", json(text), Choice.class));
  }

  private static JsonNode json(String choice) {
    return choice.startsWith("{")
        ? Json.read("a method", choice, JsonNode.class)
        : Json.tree(choice);
  }
}
