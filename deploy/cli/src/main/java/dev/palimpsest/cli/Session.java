package dev.palimpsest.cli;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a command may touch of the process it runs in.
 *
 * @param out results
 * @param err words beside the results, and errors
 * @param environment the process's variables
 * @param folder where relative paths start
 * @param terminal what {@code out} can show
 * @param answer a line that the user types; empty where nobody does
 * @param backends how servers are reached
 */
record Session(
    PrintStream out,
    PrintStream err,
    Map<String, String> environment,
    Path folder,
    Supplier<Terminal> terminal,
    Supplier<String> answer,
    Backends backends) {

  /** That of this process. Text is UTF-8 whatever the locale says: files and pipes keep it. */
  static Session ofProcess() {
    Map<String, String> environment = System.getenv();
    return new Session(
        stream(FileDescriptor.out),
        stream(FileDescriptor.err),
        environment,
        Path.of(""),
        () -> Terminal.detect(environment),
        Session::typed,
        new ServerBackends(environment));
  }

  private static String typed() {
    try {
      String line =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
      return line == null ? "" : line;
    } catch (IOException e) {
      return "";
    }
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }
}
