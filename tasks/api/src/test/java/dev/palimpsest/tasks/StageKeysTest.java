package dev.palimpsest.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Field;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StoredArtifacts;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stage that may choose a defence, whose parameters choose a measure, and opens a network. */
final class StageKeysTest {
  private static final Field MEASURE = choice("measure", Kind.MEASURE, "accuracy");
  private static final List<Port> PORTS =
      List.of(Port.optional("checkpoint", ArtifactType.CHECKPOINT, "a network"));

  @TempDir Path folder;
  private final Catalogue catalogue =
      new Catalogue(
          List.of(
              new Catalogue.StageEntry(
                  "defend",
                  "Defends.",
                  Lane.GPU,
                  List.of(group("how", choice("defence", Kind.DEFENCE, "ft"))),
                  PORTS,
                  List.of())),
          List.of(
              method(Kind.DEFENCE, "ft"),
              method(Kind.DEFENCE, "prune", MEASURE),
              method(Kind.MEASURE, "accuracy"),
              method(Kind.MEASURE, "asr"),
              method(Kind.NETWORK, "deep", MEASURE),
              method(Kind.NETWORK, "wide")),
          index(
              "stage defend",
              "defence ft",
              "defence prune",
              "measure accuracy",
              "measure asr",
              "network deep",
              "network wide"));
  private StoredArtifacts artifacts;
  private StageKeys keys;

  @BeforeEach
  void aStore() {
    artifacts = new StoredArtifacts(new MemoryStore(), folder.resolve("cache"));
    keys = new StageKeys(catalogue, artifacts);
  }

  @Test
  void theMethodsThatParametersNameAreItsCodeNestedOnesToo() {
    assertThat(code("{}")).containsExactlyInAnyOrder("stage defend", "defence ft");
    assertThat(code("{'how': {'defence': 'prune'}}"))
        .containsExactlyInAnyOrder("stage defend", "defence prune", "measure accuracy");
    assertThat(code("{'how': {'defence': {'method': 'prune', 'measure': 'asr'}}}"))
        .containsExactlyInAnyOrder("stage defend", "defence prune", "measure asr");
  }

  @Test
  void theMethodThatAnInputNamesIsItsCode() throws Exception {
    assertThat(code("{}", checkpoint("wide"))).contains("network wide");
    assertThat(code("{}", checkpoint("{\"method\":\"deep\",\"measure\":\"asr\"}")))
        .contains("network deep", "measure asr");
    assertThat(code("{}", checkpoint("deep"))).contains("network deep", "measure accuracy");
  }

  @Test
  void aSummaryTellsTheMethodWithoutTheArtifact() throws Exception {
    Reference lost = new Reference("checkpoint", Digest.of("lost"), 4, List.of());
    artifacts.summarise(
        lost, Json.canonical(Map.of("metadata", Map.of("network", "wide"), "tensors", List.of())));
    assertThat(code("{}", lost)).contains("network wide");
  }

  @Test
  void anInputThatNamesNoMethodAddsNoCode() throws Exception {
    Path file = folder.resolve("bare");
    Safetensors.write(file, new Tensors.Builder().build());
    assertThat(code("{}", artifacts.put("checkpoint", file, List.of())))
        .containsExactlyInAnyOrder("stage defend", "defence ft");
  }

  @Test
  void aMethodThatThisBuildDoesNotHaveIsRefused() throws Exception {
    Reference input = checkpoint("wied");
    assertThatThrownBy(() -> code("{}", input))
        .isInstanceOf(Mistake.class)
        .hasMessage("unknown network 'wied'; did you mean 'wide'?");
  }

  @Test
  void aKeyChangesWithTheCodeAndNamesItByItsDigest() {
    StageCall call = call("{}");
    StageKey key = keys.of(call);
    assertThat(key.identity().path("code").asText()).isEqualTo(key.code().digest().hex());
    assertThat(key.key()).isEqualTo(Digest.of(Json.canonical(key.identity())));
    assertThat(call.key(catalogue.code().of(Set.of("stage defend"))).key()).isNotEqualTo(key.key());
  }

  private Set<String> code(String parameters, Reference... inputs) {
    return keys.of(call(parameters, inputs)).code().classes().keySet();
  }

  private StageCall call(String parameters, Reference... inputs) {
    ObjectNode task = Json.object();
    task.set(
        "parameters",
        Json.parse("parameters", parameters.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
    ObjectNode given = task.putObject("inputs");
    for (Reference input : inputs) {
      given.set("checkpoint", Json.tree(input));
    }
    task.put("seed", 1);
    return StageCall.of(
        "defend", catalogue.stage("defend").parameters(), PORTS, new Parameters(catalogue), task);
  }

  private Reference checkpoint(String network) throws IOException {
    Path file = Files.createTempFile(folder, "checkpoint", "");
    Safetensors.write(file, new Tensors.Builder().text("network", network).build());
    return artifacts.put("checkpoint", file, List.of());
  }

  /** Each provider reaches one class, of its own name. */
  private static CodeIndex index(String... providers) {
    var classes = new TreeMap<String, Digest>();
    var reached = new TreeMap<String, List<String>>();
    for (String provider : providers) {
      classes.put(provider, Digest.of(provider));
      reached.put(provider, List.of(provider));
    }
    return new CodeIndex(new Code(classes, new TreeMap<>(), new TreeMap<>()), reached);
  }

  private static Catalogue.MethodEntry method(Kind kind, String name, Field... fields) {
    return new Catalogue.MethodEntry(
        kind,
        name,
        "",
        Citation.paper("a", "A", "B", "C", 2000),
        Optional.empty(),
        List.of(fields));
  }

  private static Field choice(String name, Kind kind, String value) {
    return field(name, "choice", Json.tree(value), Optional.of(kind), List.of());
  }

  private static Field group(String name, Field... fields) {
    return field(name, "group", Json.object(), Optional.empty(), List.of(fields));
  }

  private static Field field(
      String name, String type, JsonNode value, Optional<Kind> choose, List<Field> fields) {
    return new Field(
        name,
        type,
        "help",
        Optional.of(value),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        choose,
        fields);
  }
}
