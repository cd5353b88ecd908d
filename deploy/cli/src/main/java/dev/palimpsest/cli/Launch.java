package dev.palimpsest.cli;

import dev.palimpsest.base.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the launcher tells this process by system properties.
 *
 * <p>{@code palimpsest.conductor.path} names a file that holds the path of Conductor's jar, {@code
 * palimpsest.worker.classpath} the workers' class path (that of this process if it is not given);
 * {@code palimpsest.version}, {@code palimpsest.commit} and {@code palimpsest.modified} say what
 * this build was made from.
 */
final class Launch {
  private Launch() {}

  /** Conductor's executable jar, which local mode starts. */
  static Path conductorJar() {
    Path file =
        property("conductor.path")
            .map(Path::of)
            .orElseThrow(() ->
                new Failure(
                    "Local mode needs Conductor's server, and -Dpalimpsest.conductor.path does not"
                        + " say where it is; start this command with ./palimpsest."));
    try {
      return Path.of(Files.readString(file).strip());
    } catch (IOException e) {
      throw new Failure(
          "Cannot read where Conductor's server lies from "
              + file
              + "; build the project again with ./palimpsest.",
          e);
    }
  }

  static String workerClassPath() {
    return property("worker.classpath").orElseGet(() -> System.getProperty("java.class.path"));
  }

  /** What this build was made from, for the records of runs: version, commit, modified. */
  static Map<String, String> code() {
    var code = new TreeMap<String, String>();
    code.put("version", property("version").orElse("development"));
    property("commit").ifPresent(commit -> code.put("commit", commit));
    property("modified").ifPresent(modified -> code.put("modified", modified));
    return code;
  }

  /** The version in one line. */
  static String version() {
    Map<String, String> code = code();
    String commit = code.containsKey("commit") ? " (commit " + code.get("commit") : "";
    String changed = "true".equals(code.get("modified")) ? ", modified" : "";
    return "palimpsest "
        + code.get("version")
        + commit
        + (commit.isEmpty() ? "" : changed + ")")
        + ", Java "
        + Runtime.version().feature();
  }

  private static Optional<String> property(String name) {
    return Optional.ofNullable(System.getProperty("palimpsest." + name))
        .filter(value -> !value.isBlank());
  }
}
