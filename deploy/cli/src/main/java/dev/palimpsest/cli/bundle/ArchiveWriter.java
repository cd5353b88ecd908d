package dev.palimpsest.cli.bundle;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

/**
 * Writes a zip archive whose bytes depend on its files alone: in the order of their names, all of
 * one time, and stored, because what deflate makes of them differs between machines. With them goes
 * {@code SHA256SUMS}.
 */
final class ArchiveWriter {
  static final String SUMS = "SHA256SUMS";

  private static final LocalDateTime TIME = LocalDateTime.of(2000, 1, 1, 0, 0);
  private static final int PLAIN_FILE = 0100644;

  private final SortedMap<String, Content> files = new TreeMap<>();

  /** Bytes at hand, or a file of this digest. */
  private sealed interface Content {
    Digest digest();

    /** Text and other small files. */
    record Bytes(byte[] bytes) implements Content {
      @Override
      public Digest digest() {
        return Digest.of(bytes);
      }
    }

    /** An artifact in this machine's cache. */
    record Large(Path path, Digest digest) implements Content {}
  }

  void add(String name, String text) {
    put(name, new Content.Bytes(text.getBytes(StandardCharsets.UTF_8)));
  }

  void add(String name, Path file, Digest digest) {
    put(name, new Content.Large(file, digest));
  }

  private void put(String name, Content content) {
    if (files.putIfAbsent(name, content) != null) {
      throw new IllegalStateException("two files of the bundle are named " + name);
    }
  }

  /**
   * Writes the archive as a whole or not at all; its size in bytes.
   *
   * @param root the folder that all files lie in
   * @throws Failure if it cannot be written; nothing is then left of it
   */
  long write(String root, Path target) {
    if (Files.isDirectory(target)) {
      throw new Mistake(target + " is a folder; expected the name of a file to be made.");
    }
    var sums = new StringBuilder();
    files.forEach(
        (name, content) -> sums.append(content.digest()).append("  ").append(name).append('\n'));
    var all = new TreeMap<>(files);
    all.put(SUMS, new Content.Bytes(sums.toString().getBytes(StandardCharsets.UTF_8)));
    Path part = target.resolveSibling("." + target.getFileName() + ".part");
    try {
      try (var zip = new ZipArchiveOutputStream(part)) {
        zip.setMethod(ZipEntry.STORED);
        for (var file : all.entrySet()) {
          write(zip, root + "/" + file.getKey(), file.getValue());
        }
      }
      long bytes = Files.size(part);
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return bytes;
    } catch (IOException e) {
      part.toFile().delete();
      throw new Failure(
          "Cannot write " + target + " (" + e + "); expected a folder with room for it.", e);
    } catch (RuntimeException e) {
      part.toFile().delete();
      throw e;
    }
  }

  private static void write(ZipArchiveOutputStream zip, String name, Content content)
      throws IOException {
    var entry = new ZipArchiveEntry(name);
    entry.setTimeLocal(TIME);
    entry.setUnixMode(PLAIN_FILE);
    switch (content) {
      case Content.Bytes small -> {
        entry.setSize(small.bytes().length);
        zip.putArchiveEntry(entry);
        zip.write(small.bytes());
      }
      case Content.Large large -> {
        entry.setSize(Files.size(large.path()));
        zip.putArchiveEntry(entry);
        Files.copy(large.path(), zip);
      }
    }
    zip.closeArchiveEntry();
  }
}
