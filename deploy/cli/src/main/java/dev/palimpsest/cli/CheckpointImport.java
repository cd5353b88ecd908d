package dev.palimpsest.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.local.LocalServices;
import dev.palimpsest.methods.networks.StateDict;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Field;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/** A user's own network, from a safetensors file, as a checkpoint artifact. */
final class CheckpointImport {
  private static final String CHANNELS_HEIGHT_WIDTH =
      "[1-9][0-9]{0,3}x[1-9][0-9]{0,4}x[1-9][0-9]{0,4}";

  private final Tensors checkpoint;
  private final List<String> taint;

  private CheckpointImport(Tensors checkpoint, List<String> taint) {
    this.checkpoint = checkpoint;
    this.taint = taint;
  }

  /**
   * What the user says of the file; what is not said is taken from its metadata.
   *
   * @param network a network's name, or a JSON object with its name under {@code method}
   * @param classes how many it tells apart
   * @param image {@code 3x32x32}: channels, height, width
   * @param tainted why it must be handled with care
   */
  record Claims(
      Optional<String> network,
      Optional<Integer> classes,
      Optional<String> image,
      List<String> tainted) {
    boolean none() {
      return network.isEmpty() && classes.isEmpty() && image.isEmpty() && tainted.isEmpty();
    }
  }

  /**
   * Reads a file and holds it against its network.
   *
   * @throws Mistake naming what is missing or does not fit
   */
  static CheckpointImport of(Path file, Claims claims) {
    String what = file.getFileName().toString();
    Tensors given = Safetensors.read(file, what);
    String named = said(claims.network(), given, "network", what, "--network resnet-small");
    String classes =
        said(claims.classes().map(String::valueOf), given, "classes", what, "--classes 10");
    String image = said(claims.image(), given, "image", what, "--image 1x28x28");
    if (!image.matches(CHANNELS_HEIGHT_WIDTH)) {
      throw new Mistake(
          "--image is '" + image + "'; expected channels, height and width, such as 3x32x32.");
    }
    if (!classes.matches("[1-9][0-9]{0,5}")) {
      throw new Mistake("--classes is " + classes + "; expected 1 or more.");
    }
    var methods = Methods.load();
    Choice network = network(methods, named);
    // The engine keeps its libraries where the workers do.
    System.setProperty(
        "DJL_CACHE_DIR", LocalServices.Options.defaultCache().resolve("djl").toString());
    Tensors state;
    try {
      state =
          StateDict.checked(
              methods,
              network,
              Integer.parseInt(classes),
              Arrays.stream(image.split("x")).map(Long::valueOf).toList(),
              given);
    } catch (Mistake e) {
      throw new Mistake(
          what + " is no state of network '" + network.method() + "': " + e.getMessage(), e);
    }
    var taint = new LinkedHashSet<String>();
    Optional.ofNullable(given.metadata().get("taint"))
        .filter(own -> !own.isBlank())
        .ifPresent(own -> taint.addAll(List.of(own.split("; "))));
    claims.tainted().forEach(each -> taint.addAll(reasons(each)));
    var made = new Tensors.Builder();
    state.tensors().forEach(made::put);
    made.text("network", Json.line(network)).text("classes", classes).text("image", image);
    if (!taint.isEmpty()) {
      made.text("taint", String.join("; ", taint));
    }
    return new CheckpointImport(made.build(), List.copyOf(taint));
  }

  private static List<String> reasons(String said) {
    List<String> reasons =
        Arrays.stream(said.split(";")).map(String::strip).filter(r -> !r.isEmpty()).toList();
    if (reasons.isEmpty()) {
      throw new Mistake("--tainted is empty; expected a reason, such as 'backdoor: badnets'.");
    }
    return reasons;
  }

  private static String said(
      Optional<String> claim, Tensors given, String name, String what, String option) {
    return claim
        .or(() -> Optional.ofNullable(given.metadata().get(name)))
        .orElseThrow(() ->
            new Mistake(
                what
                    + " does not say its "
                    + name
                    + " in its metadata; give it, such as "
                    + option
                    + "."));
  }

  /** The choice with every default filled in: the bytes of equal networks are equal. */
  private static Choice network(Methods methods, String named) {
    JsonNode json =
        named.stripLeading().startsWith("{")
            ? Json.read("--network", named, JsonNode.class)
            : TextNode.valueOf(named);
    Choice choice = Json.read("--network", json, Choice.class);
    List<Field> fields = methods.of(Kind.NETWORK).get(choice.method());
    if (fields == null) {
      throw new Mistake(
          "--network: "
              + Names.unknown("network", choice.method(), methods.of(Kind.NETWORK).keySet()));
    }
    return new Choice(
        choice.method(),
        new Parameters(methods)
            .fill("network '" + choice.method() + "'", fields, choice.parameters()));
  }

  /** How many numbers it holds. */
  long elements() {
    return checkpoint.tensors().values().stream().mapToLong(t -> t.elements()).sum();
  }

  /** Stores it; its reference. */
  Reference upload(Artifacts artifacts) {
    Path file;
    try {
      file = Files.createTempFile("palimpsest-import-", ".safetensors");
    } catch (IOException e) {
      throw new Failure(
          "The checkpoint cannot be written to this machine's folder for temporary files ("
              + e.getMessage()
              + "); expected room there.",
          e);
    }
    try {
      Safetensors.write(file, checkpoint);
      return artifacts.put(ArtifactType.CHECKPOINT.label(), file, taint);
    } finally {
      file.toFile().delete();
    }
  }
}
