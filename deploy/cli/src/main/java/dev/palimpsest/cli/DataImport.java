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
import dev.palimpsest.tasks.TensorSummary;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensors;
import dev.palimpsest.workflows.Study;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.HashMap;
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
  private final SequencedMap<String, Part> parts = new LinkedHashMap<>();

  private record Part(Path file, Reference reference, TensorSummary summary) {}

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
    parts.put(split, new Part(file, reference(file), TensorSummary.of(tensors)));
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
    var references = new LinkedHashMap<String, Reference>();
    parts.forEach((split, part) -> references.put(split, part.reference()));
    return references;
  }

  /** What is known of the parts, by digest. */
  Map<String, Facts> facts() {
    var facts = new HashMap<String, Facts>();
    parts
        .values()
        .forEach(part -> facts.put(part.reference().sha256().hex(), Facts.of(part.summary())));
    return facts;
  }

  /** The references as JSON: a workflow's input {@code data}. */
  ObjectNode json() {
    ObjectNode json = Json.object();
    references().forEach((split, reference) -> json.set(split, Json.tree(reference)));
    return json;
  }

  /** Stores what the store does not have. */
  void upload(Artifacts artifacts) {
    for (Part part : parts.values()) {
      artifacts.put(part.reference().artifact(), part.file(), List.of());
      artifacts.summarise(part.reference(), Json.canonical(part.summary()));
    }
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
    parts.values().forEach(part -> part.file().toFile().delete());
    scratch.ifPresent(folder -> folder.toFile().delete());
  }
}
