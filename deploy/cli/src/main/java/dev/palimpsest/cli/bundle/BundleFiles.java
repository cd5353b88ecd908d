package dev.palimpsest.cli.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.cli.bundle.Archive.Unpacked;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Set;
import java.util.TreeSet;

/** The files of a bundle, each with the digest that {@code SHA256SUMS} gives it. */
final class BundleFiles {
  private static final int LARGEST_TEXT = 16 << 20;

  private final String what;
  private final Archive archive;

  /**
   * @param what the bundle's name
   * @throws Mistake unless {@code SHA256SUMS} names every file but itself, with its digest
   */
  BundleFiles(String what, Archive archive) {
    this.what = what;
    this.archive = archive;
    checkSums();
  }

  private void checkSums() {
    Set<String> unnamed = new TreeSet<>(names());
    unnamed.remove(ArchiveWriter.SUMS);
    String sums = new String(bytes(ArchiveWriter.SUMS), StandardCharsets.UTF_8);
    for (String line : sums.lines().toList()) {
      String[] parts = line.split(" [ *]", 2);
      if (parts.length != 2 || !unnamed.remove(parts[1])) {
        throw new Mistake(
            what
                + ": "
                + ArchiveWriter.SUMS
                + " has the line '"
                + line
                + "', which names no file of the archive, or one twice; "
                + again());
      }
      var found = file(parts[1]).digest();
      if (!found.hex().equals(parts[0])) {
        throw new Mistake(
            what + ": '" + parts[1] + "' is damaged: its digest is " + found + "; " + again());
      }
    }
    if (!unnamed.isEmpty()) {
      throw new Mistake(
          what
              + ": '"
              + unnamed.iterator().next()
              + "' is not named in "
              + ArchiveWriter.SUMS
              + "; "
              + again());
    }
  }

  private static String again() {
    return "fetch the archive again. Nothing was imported.";
  }

  Set<String> names() {
    return archive.files().keySet();
  }

  Unpacked file(String name) {
    Unpacked file = archive.files().get(name);
    if (file == null) {
      throw new Mistake(
          what
              + " has no '"
              + name
              + "'; expected a bundle made by 'palimpsest export'. Nothing was imported.");
    }
    return file;
  }

  byte[] bytes(String name) {
    Unpacked file = file(name);
    if (file.bytes() > LARGEST_TEXT) {
      throw fault(name, "has " + file.bytes() + " bytes; expected at most " + LARGEST_TEXT);
    }
    try {
      return Files.readAllBytes(file.path());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  JsonNode json(String name) {
    JsonNode json = Json.parse("'" + name + "' of " + what, bytes(name));
    checkPlain(name, json);
    return json;
  }

  <T> T read(String name, Class<T> type) {
    return Json.read("'" + name + "' of " + what, json(name), type);
  }

  /** A terminal would obey what is hidden in a text that is shown. */
  private void checkPlain(String name, JsonNode json) {
    json.properties().forEach(field -> checkPlain(name, field.getKey()));
    json.forEach(child -> checkPlain(name, child));
    checkPlain(name, json.asText());
  }

  /** As every text of a bundle: without control characters but tabs and ends of lines. */
  void checkPlain(String name, String text) {
    if (text.codePoints().anyMatch(c -> Character.isISOControl(c) && "\t\r\n".indexOf(c) < 0)) {
      throw fault(name, "holds control characters");
    }
  }

  Mistake fault(String name, String fault) {
    return new Mistake(what + ": '" + name + "' " + fault + "; nothing was imported.");
  }
}
