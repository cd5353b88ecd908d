package dev.palimpsest.stages.catalogue;

import dev.palimpsest.base.Json;
import dev.palimpsest.spec.Fields;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.CodeIndex;
import dev.palimpsest.tasks.Formats;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tensors.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes the catalogue of everything on the class path; run by the build. */
public final class CatalogueWriter {
  /** What a worker runs for every stage: it binds parameters, reads inputs and writes outputs. */
  private static final List<Class<?>> ALWAYS =
      List.of(Parameters.class, Formats.class, Safetensors.class);

  private CatalogueWriter() {}

  /**
   * Writes {@code META-INF/palimpsest/catalogue.json}.
   *
   * @param arguments the folder of classes, then name, version and packages of each library
   */
  public static void main(String[] arguments) throws IOException {
    List<ReachableCode.Library> libraries =
        Arrays.stream(arguments).skip(1).map(ReachableCode.Library::of).toList();
    Path file = Path.of(arguments[0]).resolve(Catalogue.RESOURCE);
    Files.createDirectories(file.resolveSibling(""));
    Files.writeString(
        file, Json.pretty(catalogue(CatalogueWriter.class.getClassLoader(), libraries)));
  }

  /**
   * The catalogue of what {@code ServiceLoader} finds.
   *
   * @param classes where the bytes of classes and resources are read
   */
  static Catalogue catalogue(ClassLoader classes, List<ReachableCode.Library> libraries) {
    var roots = new TreeMap<String, Set<String>>();
    var stages = new ArrayList<Catalogue.StageEntry>();
    for (Stage<?> stage : ServiceLoader.load(Stage.class)) {
      stages.add(
          new Catalogue.StageEntry(
              stage.name(),
              stage.summary(),
              stage.lane(),
              Fields.of(stage.parameters()),
              stage.inputs(),
              stage.outputs()));
      roots.put(
          CodeIndex.stage(stage.name()),
          Stream.concat(ALWAYS.stream(), Stream.of(stage.getClass()))
              .map(Class::getName)
              .collect(Collectors.toSet()));
    }
    stages.sort(Comparator.comparing(Catalogue.StageEntry::name));
    var methods = new ArrayList<Catalogue.MethodEntry>();
    Methods loaded = Methods.load();
    for (Kind kind : Kind.values()) {
      for (Method<?> method : loaded.all(kind)) {
        methods.add(
            new Catalogue.MethodEntry(
                kind,
                method.name(),
                method.summary(),
                method.citation(),
                method.needs(),
                Fields.of(method.parameters())));
        roots.put(CodeIndex.method(kind, method.name()), Set.of(method.getClass().getName()));
      }
    }
    return new Catalogue(stages, methods, new ReachableCode(classes, libraries).index(roots));
  }
}
