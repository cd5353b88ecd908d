package dev.palimpsest.storage.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The server in a JVM of its own, which a test may kill. */
final class ServerProcess implements AutoCloseable {
  private final Process process;
  private final String endpoint;

  private ServerProcess(Process process, String endpoint) {
    this.process = process;
    this.endpoint = endpoint;
  }

  /** Runs until its standard input ends. */
  public static void main(String[] arguments) throws IOException {
    try (EmbeddedS3 server =
        EmbeddedS3.start(
            Path.of(arguments[0]), "127.0.0.1", 0, TestServer.ACCESS, TestServer.SECRET)) {
      System.out.println(server.endpoint());
      while (System.in.read() >= 0) {
        // Wait for the parent to end.
      }
    }
    System.exit(0);
  }

  static ServerProcess start(Path directory) throws IOException {
    return start(directory, List.of());
  }

  /**
   * @param launcher what runs the JVM's command line, such as a shell that sets limits
   */
  static ServerProcess start(Path directory, List<String> launcher) throws IOException {
    List<String> command = new ArrayList<>(launcher);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:-UsePerfData");
    command.add("-Xmx256m");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(ServerProcess.class.getName());
    command.add(directory.toString());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    String endpoint = out.readLine();
    if (endpoint == null) {
      throw new IOException("the server process ended with " + process.exitValue());
    }
    return new ServerProcess(process, endpoint);
  }

  String endpoint() {
    return endpoint;
  }

  /** SIGKILL, and wait until it is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
