package dev.palimpsest.console.studies;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.console.Examples;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.workflows.Study;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The studies of the repository, whose data are not read. */
final class Shelf implements Examples {
  static final Path FOLDER = Path.of("../examples").toAbsolutePath().normalize();

  /** The studies whose data were stored. */
  final List<String> stored = new ArrayList<>();

  @Override
  public List<Study> studies() {
    return List.of(
        Study.read(FOLDER.resolve("sbl-quickstart")),
        Study.read(FOLDER.resolve("continual-fashion")),
        Study.read(FOLDER.resolve("continual-cifar10")));
  }

  @Override
  public Data data(Study study) {
    return new Data((ObjectNode) Json.tree(parts()), Map.of());
  }

  @Override
  public void store(Study study, Artifacts into) {
    stored.add(study.content().study());
  }

  static Map<String, Reference> parts() {
    return Map.of("train", data("train"), "test", data("test"));
  }

  private static Reference data(String part) {
    return new Reference("dataset", Digest.of(part), 10, List.of());
  }
}
