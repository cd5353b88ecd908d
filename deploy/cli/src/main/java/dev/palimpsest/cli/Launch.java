package dev.palimpsest.cli;

import dev.palimpsest.base.Failure;
import dev.palimpsest.local.JavaCommand;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What the launcher tells this process by system properties: {@code palimpsest.root}, the sources'
 * folder, and {@code palimpsest.conductor.jar}, Conductor's executable jar.
 */
final class Launch {
  private static final String POM = "/META-INF/maven/dev.palimpsest/palimpsest-cli/pom.properties";

  private Launch() {}

  /** Conductor's executable jar, which local mode starts. */
  static Path conductorJar() {
    return property("conductor.jar")
        .map(Path::of)
        .orElseThrow(() ->
            new Failure(
                "Local mode needs Conductor's server, and nothing says where it is; start this"
                    + " command with the script ./palimpsest."));
  }

  /** The folder of the studies that come along. */
  static Path examples() {
    return Path.of(property("root").orElse("")).resolve("examples");
  }

  /** A worker runs on the class path of this process. */
  static String workerClassPath() {
    return System.getProperty("java.class.path");
  }

  /** What this build was made from, for the records of runs: version, commit, modified. */
  static Map<String, String> code() {
    var code = new TreeMap<String, String>();
    code.put("version", version());
    property("root")
        .ifPresent(root ->
            git(root, "rev-parse", "HEAD")
                .ifPresent(commit -> {
                  code.put("commit", commit);
                  git(root, "status", "--porcelain", "--untracked-files=no")
                      .ifPresent(changes -> code.put("modified", "" + !changes.isEmpty()));
                }));
    return code;
  }

  /** Notes the commit of this build, if it is known, for the workers that this process starts. */
  static void noteCommit() {
    Map<String, String> code = code();
    if (code.containsKey("commit")) {
      boolean modified = "true".equals(code.get("modified"));
      System.setProperty(JavaCommand.COMMIT, code.get("commit") + (modified ? " (modified)" : ""));
    }
  }

  /** The version of this build. */
  static String version() {
    try (InputStream in = Launch.class.getResourceAsStream(POM)) {
      var properties = new Properties();
      if (in != null) {
        properties.load(in);
      }
      return properties.getProperty("version", "development");
    } catch (IOException e) {
      return "development";
    }
  }

  /** What git prints; empty where it cannot say. */
  private static Optional<String> git(String root, String... arguments) {
    try {
      var command = new ArrayList<>(List.of("git", "-C", root));
      command.addAll(List.of(arguments));
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      byte[] said = process.getInputStream().readAllBytes();
      boolean ended = process.waitFor(5, TimeUnit.SECONDS);
      return ended && process.exitValue() == 0
          ? Optional.of(new String(said, StandardCharsets.UTF_8).strip())
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static Optional<String> property(String name) {
    return Optional.ofNullable(System.getProperty("palimpsest." + name))
        .filter(value -> !value.isBlank());
  }
}
