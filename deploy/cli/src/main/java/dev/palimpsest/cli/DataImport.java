package dev.palimpsest.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.methods.data.DataFolder;
import dev.palimpsest.methods.data.DataFormat;
import dev.palimpsest.methods.data.Imported;
import dev.palimpsest.spec.MethodIndex;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensors;
import dev.palimpsest.workflows.Study;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A data set that was read and checked: its parts as files, to be uploaded once a store is there.
 */
final class DataImport implements AutoCloseable {
  private final Optional<Path> scratch;
  private final Map<String, Path> files = new LinkedHashMap<>();
  private final SequencedMap<String, Reference> references = new LinkedHashMap<>();
  private final Map<String, Facts> facts = new LinkedHashMap<>();

  private DataImport(Optional<Path> scratch) {
    this.scratch = scratch;
  }

  /** No data: for studies that bring none. */
  private static DataImport none() {
    return new DataImport(Optional.empty());
  }

  /** Reads the data that a study brings. */
  static DataImport of(Study study, MethodIndex methods) {
    return study
        .content()
        .data()
        .map(folder -> of(study.folder().resolve(folder), methods))
        .orElseGet(DataImport::none);
  }

  /**
   * Reads a data set's folder.
   *
   * @throws dev.palimpsest.base.Mistake naming the file that is missing or damaged
   */
  static DataImport of(Path folder, MethodIndex methods) {
    DataFolder opened = DataFolder.open(folder);
    DataFormat<?> format = DataFormat.detect(opened);
    Imported imported = format.read(opened, new Parameters(methods), Json.object());
    DataImport made;
    try {
      made = new DataImport(Optional.of(Files.createTempDirectory("palimpsest-import-")));
    } catch (IOException e) {
      throw unwritable(e);
    }
    try {
      imported.splits().forEach(made::add);
      return made;
    } catch (RuntimeException e) {
      made.close();
      throw e;
    }
  }

  private void add(String split, Tensors tensors) {
    Path folder = scratch.orElseThrow();
    Path file = folder.resolve(split + ".safetensors");
    Safetensors.write(file, tensors);
    // Where Ctrl-C ends the process, nothing closes this.
    folder.toFile().deleteOnExit();
    file.toFile().deleteOnExit();
    files.put(split, file);
    Reference reference = reference(file);
    references.put(split, reference);
    facts.put(reference.sha256().hex(), Facts.of(tensors));
  }

  private static Reference reference(Path file) {
    var algorithm = Digest.algorithm();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), algorithm)) {
      long bytes = in.transferTo(OutputStream.nullOutputStream());
      return new Reference(ArtifactType.DATASET.label(), Digest.of(algorithm), bytes, List.of());
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  /** What stands for the parts, by name: {@code train}, {@code test}. */
  SequencedMap<String, Reference> references() {
    return references;
  }

  /** What is known of the parts, by digest. */
  Map<String, Facts> facts() {
    return facts;
  }

  /** The references as JSON: a workflow's input {@code data}. */
  ObjectNode json() {
    ObjectNode json = Json.object();
    references.forEach((split, reference) -> json.set(split, Json.tree(reference)));
    return json;
  }

  /** Stores what the store does not have. */
  void upload(Artifacts artifacts) {
    files.forEach((split, file) -> artifacts.put(ArtifactType.DATASET.label(), file, List.of()));
  }

  private static Failure unwritable(IOException e) {
    return new Failure(
        "The data set cannot be written to this machine's folder for temporary files ("
            + e.getMessage()
            + "); expected room there.",
        e);
  }

  @Override
  public void close() {
    files.values().forEach(file -> file.toFile().delete());
    scratch.ifPresent(folder -> folder.toFile().delete());
  }
}
