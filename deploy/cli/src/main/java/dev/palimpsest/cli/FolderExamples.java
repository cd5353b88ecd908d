package dev.palimpsest.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.console.Examples;
import dev.palimpsest.spec.MethodIndex;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.workflows.Study;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The studies in the folders of one folder. */
public final class FolderExamples implements Examples {
  private final Path folder;
  private final MethodIndex methods;

  public FolderExamples(Path folder, MethodIndex methods) {
    this.folder = folder;
    this.methods = methods;
  }

  /** One that cannot be read is left out: {@code palimpsest check} tells why. */
  @Override
  public List<Study> studies() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(folder)) {
      return folders
          .filter(each -> Files.isRegularFile(each.resolve(Study.FILE)))
          .sorted()
          .flatMap(FolderExamples::readable)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<Study> readable(Path folder) {
    try {
      return Stream.of(Study.read(folder));
    } catch (Mistake e) {
      return Stream.empty();
    }
  }

  @Override
  public ObjectNode data(Study study, Artifacts into) {
    try (DataImport data = DataImport.of(study, methods)) {
      data.upload(into);
      return data.json();
    }
  }
}
