package dev.palimpsest.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What standard output can show.
 *
 * @param live whether lines can be drawn over: a terminal that is not dumb
 * @param colour whether colours are wanted: as {@code live}, unless {@code NO_COLOR} is set
 * @param columns characters in a line, at least 40
 * @param rows lines on the screen, at least 8
 */
record Terminal(boolean live, boolean colour, int columns, int rows) {
  /** A file, a pipe or a dumb terminal. */
  static final Terminal PLAIN = new Terminal(false, false, 80, 24);

  Terminal {
    columns = Math.max(40, columns);
    rows = Math.max(8, rows);
  }

  /** Asks the system. {@code COLUMNS} and {@code LINES} go before what the terminal says. */
  static Terminal detect(Map<String, String> environment) {
    String size = size();
    if (size.isEmpty()) {
      return new Terminal(false, false, number(environment.get("COLUMNS"), 80), 24);
    }
    String[] parts = size.split(" ", -1);
    int rows = number(environment.get("LINES"), number(parts[0], 24));
    int columns = number(environment.get("COLUMNS"), number(parts.length > 1 ? parts[1] : "", 80));
    String kind = environment.getOrDefault("TERM", "dumb");
    boolean live = !kind.equals("dumb") && !kind.isEmpty();
    boolean colour = live && environment.getOrDefault("NO_COLOR", "").isEmpty();
    return new Terminal(live, colour, columns, rows);
  }

  /** Rows and columns as {@code stty} tells them; empty if standard output is no terminal. */
  private static String size() {
    try {
      Process process =
          new ProcessBuilder(
                  "/bin/sh", "-c", "test -t 1 && { stty size <&1 >&2 || echo 24 80 >&2; }")
              .redirectOutput(ProcessBuilder.Redirect.INHERIT)
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(2, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return "";
      }
      String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.exitValue() == 0 ? said.lines().reduce("", (a, b) -> b).strip() : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  private static int number(@Nullable String text, int otherwise) {
    if (text == null || !text.strip().matches("[1-9][0-9]{0,4}")) {
      return otherwise;
    }
    return Integer.parseInt(text.strip());
  }
}
