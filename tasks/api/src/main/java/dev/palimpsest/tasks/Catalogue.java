package dev.palimpsest.tasks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Field;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.MethodIndex;
import dev.palimpsest.spec.Parameters;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Every stage and method that a build holds, as data: what the check, the console and the reference
 * read, without the engine on their class path.
 */
public record Catalogue(List<StageEntry> stages, List<MethodEntry> methods, CodeIndex code)
    implements MethodIndex {
  /** Where the build leaves it on the class path. */
  public static final String RESOURCE = "META-INF/palimpsest/catalogue.json";

  /** A stage. */
  public record StageEntry(
      String name,
      String summary,
      Lane lane,
      List<Field> parameters,
      List<Port> inputs,
      List<Port> outputs) {
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

  /**
   * A method.
   *
   * @param needs what it works from, where methods of its kind differ in that
   */
  public record MethodEntry(
      Kind kind,
      String name,
      String summary,
      Citation citation,
      Optional<String> needs,
      List<Field> parameters) {}

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

  /** A method that an input names. */
  public record Chosen(Kind kind, Choice choice) {}

  /** As {@link #code(String, ObjectNode, List)} for a call whose inputs name no methods. */
  public Code code(String stage, ObjectNode parameters) {
    return code(stage, parameters, List.of());
  }

  /**
   * The code that decides what a call of a stage gives: what the stage reaches, and what the
   * methods reach that its parameters and its inputs name.
   *
   * @param parameters with every default filled in
   * @throws Mistake if a method is not in this catalogue
   */
  public Code code(String stage, ObjectNode parameters, List<Chosen> chosen) {
    Set<String> providers = new HashSet<>();
    providers.add(CodeIndex.stage(stage));
    collect(stage(stage).parameters(), parameters, providers);
    chosen.forEach(each -> collect(each, providers));
    return code.of(providers);
  }

  private void collect(List<Field> fields, JsonNode values, Set<String> providers) {
    for (Field field : fields) {
      JsonNode value = values.path(field.name());
      if (field.choose().isPresent()) {
        Choice choice = Json.read("parameter '" + field.name() + "'", value, Choice.class);
        collect(new Chosen(field.choose().get(), choice), providers);
      } else {
        collect(field.fields(), value, providers);
      }
    }
  }

  private void collect(Chosen chosen, Set<String> providers) {
    Kind kind = chosen.kind();
    String name = chosen.choice().method();
    List<Field> fields = of(kind).get(name);
    if (fields == null) {
      throw new Mistake(Names.unknown(kind.label(), name, of(kind).keySet()));
    }
    providers.add(CodeIndex.method(kind, name));
    ObjectNode filled =
        new Parameters(this)
            .fill(kind.label() + " '" + name + "'", fields, chosen.choice().parameters());
    collect(fields, filled, providers);
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
