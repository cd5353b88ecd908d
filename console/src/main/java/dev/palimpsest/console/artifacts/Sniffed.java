package dev.palimpsest.console.artifacts;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.ArtifactType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** What the first bytes of an artifact tell, where no run is known that made it. */
final class Sniffed {
  private Sniffed() {}

  /** The reference with the type and the taint that the bytes tell of. */
  static Reference of(Artifacts artifacts, Reference bare) {
    try {
      TensorFile file = TensorFile.open(artifacts, bare);
      var metadata = file.header().metadata();
      ArtifactType type =
          metadata.containsKey("attack")
              ? ArtifactType.POISON_PLAN
              : metadata.containsKey("network")
                  ? ArtifactType.CHECKPOINT
                  : metadata.containsKey("classes") && ImageSheet.in(file)
                      ? ArtifactType.DATASET
                      : ArtifactType.MEMORY;
      List<String> taint =
          Optional.ofNullable(metadata.get("taint"))
              .map(text -> List.of(text.split("; ")))
              .orElse(List.of());
      return reference(bare, type, taint);
    } catch (Mistake noTensors) {
      String start = new String(artifacts.part(bare, 0, 16), StandardCharsets.UTF_8).strip();
      return reference(
          bare, start.startsWith("<") ? ArtifactType.FIGURE : ArtifactType.RESULT, List.of());
    }
  }

  private static Reference reference(Reference bare, ArtifactType type, List<String> taint) {
    return new Reference(type.label(), bare.sha256(), bare.bytes(), taint);
  }
}
