package dev.palimpsest.cli.bundle;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.palimpsest.storage.Reference;
import java.util.List;
import java.util.Locale;

/**
 * What a bundle is and holds: {@code manifest.json}.
 *
 * @param format {@link #FORMAT}
 * @param version {@link #VERSION}; a reader of another refuses
 * @param run the run's id
 * @param study the workflow's name
 * @param holds which artifacts were taken along
 * @param taint every reason why something in it must be handled with care
 * @param artifacts those in the archive, each once, by path
 * @param leftOut those that the run refers to and the archive has not
 */
record Manifest(
    String format,
    int version,
    String run,
    String study,
    Holds holds,
    List<String> taint,
    List<Held> artifacts,
    List<Reference> leftOut) {
  static final String FILE = "manifest.json";
  static final String FORMAT = "palimpsest-bundle";
  static final int VERSION = 1;

  /** Which artifacts a bundle holds. */
  enum Holds {
    EVERYTHING,
    NO_CHECKPOINTS,
    RESULTS;

    @JsonValue
    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** An artifact and the file that has its bytes. */
  record Held(String path, Reference artifact) {}
}
