package dev.palimpsest.methods.data;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A folder with the files of a data set, whose checksums hold. */
public final class DataFolder {
  private static final Pattern SUM = Pattern.compile("([0-9a-fA-F]{64}) [ *]([^/\\\\]+)");
  private static final int MOST_ENTRIES = 1_000_000;
  private static final int LARGEST_TEXT = 1 << 23;

  private final Path path;
  private final List<String> names;
  private final Optional<Description> description;

  private DataFolder(Path path, List<String> names) {
    this.path = path;
    this.names = names;
    checkSums();
    this.description =
        names.contains("dataset.json")
            ? Optional.of(
                Json.read(
                    "File '" + path.resolve("dataset.json") + "'",
                    text("dataset.json"),
                    Description.class))
            : Optional.empty();
  }

  /**
   * Opens a folder: every file named in its {@code SHA256SUMS} is checked, its {@code dataset.json}
   * is read; both may be absent.
   *
   * @throws Mistake when there is no such folder, a checksum does not hold, or {@code dataset.json}
   *     is not as expected
   */
  public static DataFolder open(Path path) {
    if (!Files.isDirectory(path)) {
      throw new Mistake(
          "'"
              + path
              + "' is not a folder"
              + (Files.exists(path) ? "" : " that exists")
              + "; expected the folder with the data set's files.");
    }
    try (Stream<Path> entries = Files.list(path)) {
      var names = new TreeSet<String>();
      entries
          .filter(Files::isRegularFile)
          .forEach(file -> names.add(file.getFileName().toString()));
      return new DataFolder(path, List.copyOf(names));
    } catch (IOException e) {
      throw new Failure("Folder '" + path + "' cannot be listed: " + e.getMessage() + ".", e);
    }
  }

  public Path path() {
    return path;
  }

  /** What {@code dataset.json} says, if there is one. */
  public Optional<Description> description() {
    return description;
  }

  /** The names of the files that match, in order. */
  public List<String> matching(Pattern pattern) {
    return names.stream().filter(name -> pattern.matcher(name).matches()).toList();
  }

  /**
   * The name of the one file that matches.
   *
   * @param what what it holds, for sentences ({@code the training images})
   * @param expected its usual name
   */
  public String only(Pattern pattern, String what, String expected) {
    List<String> found = matching(pattern);
    if (found.isEmpty()) {
      throw new Mistake(
          "Folder '" + path + "' lacks " + what + "; expected a file '" + expected + "'.");
    }
    if (found.size() > 1) {
      throw new Mistake(
          "Folder '"
              + path
              + "' has several files for "
              + what
              + " ("
              + String.join(", ", found)
              + "); expected one.");
    }
    return found.getFirst();
  }

  /**
   * The names of the folders in a folder of this one, in order; none if there is no such folder.
   * Hidden ones count for nothing.
   */
  List<String> folders(String within) {
    return entries(path.resolve(within), Files::isDirectory);
  }

  /** As {@link #folders}, of the files. */
  List<String> files(String within) {
    return entries(path.resolve(within), Files::isRegularFile);
  }

  private static List<String> entries(Path folder, Predicate<Path> wanted) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      List<String> names =
          entries
              .filter(entry -> !entry.getFileName().toString().startsWith("."))
              .filter(wanted)
              .limit(MOST_ENTRIES + 1L)
              .map(entry -> entry.getFileName().toString())
              .sorted()
              .toList();
      if (names.size() > MOST_ENTRIES) {
        throw new Mistake(
            "Folder '" + folder + "' holds more than 1,000,000 entries; expected fewer.");
      }
      return names;
    } catch (IOException e) {
      throw new Failure("Folder '" + folder + "' cannot be listed: " + e.getMessage() + ".", e);
    }
  }

  /** The lines of a text file of this folder. */
  List<String> lines(String name) {
    return text(name).lines().toList();
  }

  /** Opens a file of this folder, unpacked if its name ends in {@code .gz}. */
  public DataFile file(String name) {
    return DataFile.open(path.resolve(name));
  }

  private void checkSums() {
    if (!names.contains("SHA256SUMS")) {
      return;
    }
    Path sums = path.resolve("SHA256SUMS");
    int number = 0;
    for (String line : text("SHA256SUMS").lines().toList()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      Matcher parts = SUM.matcher(line);
      if (!parts.matches()) {
        throw new Mistake(
            "File '"
                + sums
                + "', line "
                + number
                + " is no checksum; expected 64 hexadecimal digits, two blanks and the name of a"
                + " file in the same folder.");
      }
      check(new Digest(parts.group(1).toLowerCase(Locale.ROOT)), parts.group(2));
    }
  }

  private void check(Digest expected, String name) {
    Path file = path.resolve(name);
    if (!names.contains(name)) {
      throw new Mistake("File '" + file + "' is missing; SHA256SUMS names it.");
    }
    MessageDigest algorithm = Digest.algorithm();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        algorithm.update(buffer, 0, n);
      }
    } catch (IOException e) {
      throw new Failure("File '" + file + "' cannot be read: " + e.getMessage() + ".", e);
    }
    Digest found = Digest.of(algorithm);
    if (!found.equals(expected)) {
      throw new Mistake(
          "File '"
              + file
              + "' has SHA-256 "
              + found.brief()
              + "…; expected "
              + expected.brief()
              + "… as SHA256SUMS says: fetch it again.");
    }
  }

  private String text(String name) {
    Path file = path.resolve(name);
    if (!Files.exists(file)) {
      throw new Mistake("File '" + file + "' is missing; expected a text.");
    }
    try {
      if (Files.size(file) > LARGEST_TEXT) {
        throw new Mistake("File '" + file + "' is over 8 MiB; expected a short text.");
      }
      return Files.readString(file);
    } catch (IOException e) {
      throw new Mistake("File '" + file + "' cannot be read as UTF-8 text: " + e + ".", e);
    }
  }
}
