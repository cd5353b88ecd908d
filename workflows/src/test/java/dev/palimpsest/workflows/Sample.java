package dev.palimpsest.workflows;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Field;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Code;
import dev.palimpsest.tasks.CodeIndex;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.Port;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A definition of two stages within a fork, and the catalogue that it is right for. */
final class Sample {
  static final String RIGHT =
      """
      {"name": "study", "version": 1, "inputParameters": ["seed", "data", "epochs"],
       "inputTemplate": {"epochs": 3},
       "tasks": [
        {"name": "fork", "taskReferenceName": "fork", "type": "FORK_JOIN", "forkTasks": [[
          {"name": "train", "taskReferenceName": "first", "type": "SIMPLE", "inputParameters": {
            "parameters": {"epochs": "${workflow.input.epochs}", "attack": "badnets"},
            "inputs": {"data": "${workflow.input.data}"}, "seed": "${workflow.input.seed}"}}],
          [{"name": "train", "taskReferenceName": "second", "type": "SIMPLE", "inputParameters": {
            "parameters": {"epochs": 2, "attack": {"method": "badnets", "size": 3}},
            "inputs": {"data": "${workflow.input.data}"}, "seed": "${workflow.input.seed}"}}]]},
        {"name": "join", "taskReferenceName": "join", "type": "JOIN", "joinOn": ["first", "second"]},
        {"name": "compare", "taskReferenceName": "compare", "type": "SIMPLE", "inputParameters": {
          "inputs": {"models": {"a": "${first.output.checkpoint}", "b": "${second.output.checkpoint}"}},
          "seed": "${workflow.input.seed}"}}],
       "outputParameters": {"result": "${compare.output.result}"}}
      """;

  static final String MODELS =
      "\"inputs\": {\"models\": {\"a\": \"${first.output.checkpoint}\", \"b\":"
          + " \"${second.output.checkpoint}\"}}";

  private Sample() {}

  static Set<Numerics> check(String text) {
    return checked(text, inputs());
  }

  static Set<Numerics> check(String text, ObjectNode epochs) {
    ObjectNode given = inputs();
    given.set("epochs", epochs);
    return checked(text, given);
  }

  static ObjectNode inputs() {
    ObjectNode given = Json.object();
    given.set("seed", IntNode.valueOf(1));
    given.set("data", Json.tree(new Reference("dataset", Digest.of("data"), 10, List.of())));
    return given;
  }

  static Set<Numerics> checked(String text, ObjectNode given) {
    Definition definition = Definition.of("test", text.getBytes(StandardCharsets.UTF_8));
    return new DefinitionCheck(catalogue())
        .check(definition, DefinitionCheck.inputs(definition, given));
  }

  static void refused(String text, String sentence) {
    assertThatThrownBy(() -> check(text))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining(sentence);
  }

  /** Code of one class. */
  static Code code(String bytes) {
    var classes = new TreeMap<>(Map.of("Stage", Digest.of(bytes)));
    return new Code(classes, new TreeMap<>(), new TreeMap<>());
  }

  static Catalogue catalogue() {
    Field epochs = integer("epochs", 1, Optional.of(100.0));
    Field attack =
        new Field(
            "attack",
            "choice",
            "the attack",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.of(Kind.ATTACK),
            List.of());
    return new Catalogue(
        List.of(
            new Catalogue.StageEntry(
                "train",
                "Trains.",
                Lane.GPU,
                List.of(epochs, attack),
                List.of(
                    Port.of("data", ArtifactType.DATASET, "data"),
                    Port.optional("start", ArtifactType.CHECKPOINT, "what to begin with")),
                List.of(
                    Port.of("checkpoint", ArtifactType.CHECKPOINT, "network"),
                    Port.of("metrics", ArtifactType.METRICS, "metrics"))),
            new Catalogue.StageEntry(
                "compare",
                "Compares.",
                Lane.CPU,
                List.of(),
                List.of(Port.many("models", ArtifactType.CHECKPOINT, "networks")),
                List.of(Port.of("result", ArtifactType.RESULT, "result")))),
        List.of(
            new Catalogue.MethodEntry(
                Kind.ATTACK,
                "badnets",
                "A patch.",
                Citation.paper("gu", "Gu", "BadNets", "Access", 2019),
                Optional.empty(),
                List.of(integer("size", 1, Optional.empty())))),
        CodeIndex.NONE);
  }

  private static Field integer(String name, double least, Optional<Double> most) {
    return new Field(
        name,
        "integer",
        "how many",
        Optional.of(IntNode.valueOf(3)),
        Optional.of(least),
        most,
        List.of(),
        Optional.empty(),
        List.of());
  }
}
