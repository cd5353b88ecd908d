package dev.palimpsest.stages.catalogue;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.engine.Net;
import dev.palimpsest.methods.attacks.Attack;
import dev.palimpsest.report.Table;
import dev.palimpsest.spec.Fields;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.stages.Train;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;

/** Writes the catalogue of everything on the class path; run by the build. */
public final class CatalogueWriter {
  /** One class of each module whose code decides what a stage computes. */
  private static final List<Class<?>> MODULES =
      List.of(
          Json.class, Method.class, Net.class, Attack.class, Table.class, Stage.class, Train.class);

  private CatalogueWriter() {}

  /**
   * Writes {@code META-INF/palimpsest/catalogue.json}.
   *
   * @param arguments the folder of classes, then names and versions of libraries
   */
  public static void main(String[] arguments) throws IOException {
    List<String> libraries = Arrays.asList(arguments).subList(1, arguments.length);
    Digest code = CodeDigest.of(MODULES, libraries);
    Path file = Path.of(arguments[0]).resolve(Catalogue.RESOURCE);
    Files.createDirectories(file.resolveSibling(""));
    Files.writeString(file, Json.pretty(catalogue(code)));
  }

  private static Catalogue catalogue(Digest code) {
    var stages = new ArrayList<Catalogue.StageEntry>();
    for (Stage<?> stage : ServiceLoader.load(Stage.class)) {
      stages.add(
          new Catalogue.StageEntry(
              stage.name(),
              stage.summary(),
              stage.lane(),
              Fields.of(stage.parameters()),
              stage.inputs(),
              stage.outputs(),
              code));
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
                Fields.of(method.parameters())));
      }
    }
    return new Catalogue(stages, methods);
  }
}
