package dev.palimpsest.local;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines of child JVMs that end with their parent. */
public final class JavaCommand {
  /** The system property that names the commit that this process was built from. */
  public static final String COMMIT = "palimpsest.commit";

  private JavaCommand() {}

  /**
   * A child that runs {@code mainClass} under {@link Guard} on the JDK of this process.
   *
   * @param flags the JVM's options
   * @param classPath must hold this module
   */
  public static List<String> guarded(
      List<String> flags, String classPath, String mainClass, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(java().toString());
    command.addAll(flags);
    command.addAll(List.of("-cp", classPath, Guard.class.getName(), mainClass));
    command.addAll(arguments);
    return List.copyOf(command);
  }

  /**
   * A worker's command without the worker's own arguments. What this process knows of its build's
   * commit is passed on.
   *
   * @param classPath of the worker; must hold this module
   */
  public static List<String> worker(String classPath) {
    List<String> flags =
        new ArrayList<>(
            List.of(
                "-Xms64m",
                "-Xmx4g",
                "-XX:MaxNewSize=128m",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                "-Dorg.slf4j.simpleLogger.showDateTime=true",
                "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSS"));
    String commit = System.getProperty(COMMIT);
    if (commit != null) {
      flags.add("-D" + COMMIT + "=" + commit);
    }
    return guarded(flags, classPath, "dev.palimpsest.worker.WorkerMain", List.of());
  }

  /** The {@code java} of this process. */
  static Path java() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }
}
