package dev.palimpsest.cli;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** What a file to be imported is, by its first bytes; its name is only asked about pickles. */
final class ImportedFile {
  private static final Pattern PICKLED_NAME =
      Pattern.compile("(?i).*\\.(pt|pth|pkl|pickle|ckpt|bin|joblib)(\\.tar)?");
  private static final int BRACE_AT = 8;

  private ImportedFile() {}

  /** What can be imported. */
  enum Kind {
    DATA,
    CHECKPOINT,
    BUNDLE
  }

  /** Throws {@link Mistake} for what cannot; a pickle is never opened. */
  static Kind kind(Path path) {
    if (Files.isDirectory(path)) {
      return Kind.DATA;
    }
    if (!Files.isRegularFile(path)) {
      throw new Mistake(
          "There is nothing at "
              + path
              + "; expected a data set's folder, a .safetensors file or an exported .zip.");
    }
    byte[] start = start(path);
    boolean zip = start.length > 3 && start[0] == 'P' && start[1] == 'K';
    boolean pickle = start.length > 1 && (start[0] & 0xff) == 0x80 && start[1] <= 5;
    boolean safetensors = start.length > BRACE_AT && start[BRACE_AT] == '{';
    String name = path.getFileName().toString();
    if (!safetensors && (pickle || PICKLED_NAME.matcher(name).matches())) {
      throw new Mistake(
          name
              + " is a pickle: opening one runs whatever program is in it, so it is never opened"
              + " here; convert it with examples/read-in-python/to_safetensors.py and import what"
              + " that writes.");
    }
    if (safetensors) {
      return Kind.CHECKPOINT;
    }
    if (zip) {
      return Kind.BUNDLE;
    }
    throw new Mistake(
        name
            + " is neither safetensors nor a zip archive; expected a data set's folder, a"
            + " .safetensors file or an exported .zip.");
  }

  private static byte[] start(Path path) {
    try (InputStream in = Files.newInputStream(path)) {
      return in.readNBytes(BRACE_AT + 1);
    } catch (IOException e) {
      throw new Failure(path + " cannot be read (" + e.getMessage() + ").", e);
    }
  }
}
