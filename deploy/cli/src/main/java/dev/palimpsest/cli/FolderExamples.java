package dev.palimpsest.cli;

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
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The studies in the folders of one folder. */
public final class FolderExamples implements Examples {
  private final Path folder;
  private final MethodIndex methods;

  /** What was read, by the study's folder. */
  private final Map<Path, Known> known = new ConcurrentHashMap<>();

  private record Known(String state, Data data) {}

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
  public Data data(Study study) {
    String state =
        study.content().data().map(each -> state(study.folder().resolve(each))).orElse("");
    Known kept = known.get(study.folder());
    if (kept != null && kept.state().equals(state)) {
      return kept.data();
    }
    try (DataImport read = DataImport.of(study, methods)) {
      var data = new Data(read.json(), read.facts());
      known.put(study.folder(), new Known(state, data));
      return data;
    }
  }

  @Override
  public void store(Study study, Artifacts into) {
    try (DataImport read = DataImport.of(study, methods)) {
      read.upload(into);
    }
  }

  /** What changes where one of the files does. */
  private static String state(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .sorted()
          .map(each -> each + " " + each.toFile().length() + " " + each.toFile().lastModified())
          .collect(Collectors.joining("\n"));
    } catch (IOException e) {
      return "";
    }
  }
}
