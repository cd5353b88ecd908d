package dev.palimpsest.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Pattern;

/** A child's output in a file of bounded size; the part before it is kept in {@code <file>.1}. */
final class ChildLog {
  private static final long LIMIT = 8L << 20;
  private static final int TAIL = 32 << 10;
  private static final Pattern TELLING =
      Pattern.compile("already in use|Caused by: |\\bERROR\\b|Exception|Error[: ]|^error: ");
  private static final Pattern STACK_FRAME = Pattern.compile("^\\s+(at |\\.\\.\\. )");

  private final Path file;

  ChildLog(Path file) {
    this.file = file;
  }

  /** Copies {@code in} to the file until it ends. A full disk loses output, not the child. */
  void drain(InputStream in) {
    byte[] buffer = new byte[8192];
    try {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        append(buffer, read);
      }
    } catch (IOException e) {
      // The stream broke off with the child.
    }
  }

  private void append(byte[] bytes, int count) {
    try {
      if (Files.exists(file) && Files.size(file) >= LIMIT) {
        Files.move(file, before(), StandardCopyOption.REPLACE_EXISTING);
      }
      try (OutputStream out =
          Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        out.write(bytes, 0, count);
      }
    } catch (IOException e) {
      // These lines are lost.
    }
  }

  private Path before() {
    return file.resolveSibling(file.getFileName() + ".1");
  }

  /** The line near the end that says most about why the child ended; empty when there is none. */
  String lastWords() {
    List<String> lines;
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "r")) {
      long from = Math.max(0, raw.length() - TAIL);
      byte[] tail = new byte[(int) (raw.length() - from)];
      raw.seek(from);
      raw.readFully(tail);
      lines = new String(tail, StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      return "";
    }
    List<String> spoken =
        lines.stream()
            .filter(line -> !line.isBlank() && !STACK_FRAME.matcher(line).find())
            .toList();
    return spoken.stream()
        .filter(line -> TELLING.matcher(line).find())
        .reduce((earlier, later) -> later)
        .or(() -> spoken.stream().reduce((earlier, later) -> later))
        .map(String::strip)
        .orElse("");
  }
}
