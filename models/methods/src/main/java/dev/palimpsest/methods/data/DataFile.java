package dev.palimpsest.methods.data;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** A binary file that is read from its start, unpacked on the way if its name ends in .gz. */
public final class DataFile implements AutoCloseable {
  private static final int CHUNK = 1 << 20;
  private final Path path;
  private final InputStream in;
  private long position;

  private DataFile(Path path, InputStream in) {
    this.path = path;
    this.in = in;
  }

  static DataFile open(Path path) {
    InputStream raw;
    try {
      raw = Files.newInputStream(path);
    } catch (IOException e) {
      throw new Failure("File '" + path + "' cannot be opened: " + e + ".", e);
    }
    try {
      boolean packed = path.toString().endsWith(".gz");
      return new DataFile(
          path, packed ? new GZIPInputStream(raw, 1 << 16) : new BufferedInputStream(raw, 1 << 16));
    } catch (IOException e) {
      try {
        raw.close();
      } catch (IOException closing) {
        e.addSuppressed(closing);
      }
      throw damaged(path, 0, e);
    }
  }

  /** The path, for sentences. */
  public String name() {
    return path.toString();
  }

  /**
   * The next bytes; fewer only at the file's end. Memory grows with what is there, not with what
   * was asked for.
   */
  public byte[] upTo(int count) {
    byte[] bytes = new byte[Math.min(count, CHUNK)];
    int filled = 0;
    try {
      while (filled < count) {
        if (filled == bytes.length) {
          bytes = Arrays.copyOf(bytes, (int) Math.min(count, 2L * bytes.length));
        }
        int n = in.read(bytes, filled, bytes.length - filled);
        if (n < 0) {
          break;
        }
        filled += n;
        position += n;
      }
    } catch (IOException e) {
      throw damaged(path, position, e);
    }
    return filled == bytes.length ? bytes : Arrays.copyOf(bytes, filled);
  }

  /**
   * Exactly the next bytes.
   *
   * @param what what they are, for sentences ({@code 60000 images})
   * @throws Mistake when the file ends before
   */
  public byte[] exactly(int count, String what) {
    long start = position;
    byte[] bytes = upTo(count);
    if (bytes.length < count) {
      throw new Mistake(
          "File '"
              + path
              + "' is truncated: expected "
              + (start + count)
              + " bytes for "
              + what
              + ", found "
              + position
              + ".");
    }
    return bytes;
  }

  /**
   * Checks that nothing follows.
   *
   * @param what what the file should hold, for sentences
   */
  public void end(String what) {
    long expected = position;
    if (upTo(1).length > 0) {
      throw new Mistake(
          "File '"
              + path
              + "' is too long: expected "
              + expected
              + " bytes for "
              + what
              + ", found more.");
    }
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new Failure("File '" + path + "' cannot be closed: " + e.getMessage() + ".", e);
    }
  }

  private static RuntimeException damaged(Path path, long position, IOException e) {
    if (e instanceof EOFException) {
      return new Mistake(
          "File '"
              + path
              + "' is truncated: its gzip data ends after "
              + position
              + " unpacked bytes; expected a whole gzip file: fetch it again.",
          e);
    }
    if (e instanceof ZipException) {
      return new Mistake(
          "File '"
              + path
              + "' is not sound gzip ("
              + e.getMessage()
              + " after "
              + position
              + " unpacked bytes): fetch it again.",
          e);
    }
    return new Failure("File '" + path + "' cannot be read: " + e.getMessage() + ".", e);
  }
}
