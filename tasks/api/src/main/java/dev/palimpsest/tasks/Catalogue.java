package dev.palimpsest.tasks;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Field;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.MethodIndex;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Every stage and method that a build holds, as data: what the check, the console and the reference
 * read, without the engine on their class path.
 */
public record Catalogue(List<StageEntry> stages, List<MethodEntry> methods) implements MethodIndex {
  /** Where the build leaves it on the class path. */
  public static final String RESOURCE = "META-INF/palimpsest/catalogue.json";

  /**
   * A stage.
   *
   * @param code digest of the code that it can reach, with that of the methods it may choose
   */
  public record StageEntry(
      String name,
      String summary,
      Lane lane,
      List<Field> parameters,
      List<Port> inputs,
      List<Port> outputs,
      Digest code) {
    /** The output port of this name, or {@link Mistake}. */
    public Port output(String port) {
      return port("output", outputs, port);
    }

    /** The input port of this name, or {@link Mistake}. */
    public Port input(String port) {
      return port("input", inputs, port);
    }

    private Port port(String what, List<Port> ports, String wanted) {
      return ports.stream()
          .filter(port -> port.name().equals(wanted))
          .findFirst()
          .orElseThrow(() ->
              new Mistake(
                  "stage '"
                      + name
                      + "': "
                      + Names.unknown(what, wanted, ports.stream().map(Port::name).toList())));
    }
  }

  /** A method. */
  public record MethodEntry(
      Kind kind, String name, String summary, Citation citation, List<Field> parameters) {}

  /** The catalogue of this build. */
  public static Catalogue load() {
    try (InputStream in = Catalogue.class.getClassLoader().getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is not on the class path: the build makes it");
      }
      return Json.read("the catalogue", in.readAllBytes(), Catalogue.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a worker announces and a command compares. */
  public Digest digest() {
    return Digest.of(Json.canonical(this));
  }

  /** The stage of this name, or {@link Mistake} with the name that was probably meant. */
  public StageEntry stage(String name) {
    return stages.stream()
        .filter(stage -> stage.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new Mistake(
                Names.unknown("stage", name, stages.stream().map(StageEntry::name).toList())));
  }

  @Override
  public SortedMap<String, List<Field>> of(Kind kind) {
    var fields = new TreeMap<String, List<Field>>();
    for (MethodEntry method : methods) {
      if (method.kind() == kind) {
        fields.put(method.name(), method.parameters());
      }
    }
    return fields;
  }
}
