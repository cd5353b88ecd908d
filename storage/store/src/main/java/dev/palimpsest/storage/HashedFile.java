package dev.palimpsest.storage;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/** The digest and the size of a file, from one pass over it. */
record HashedFile(Digest digest, long bytes) {
  private static final int CHUNK = 1 << 18;

  /** Of a file that is there. */
  static HashedFile of(Path file) throws IOException {
    MessageDigest digest = Digest.algorithm();
    long bytes = 0;
    byte[] chunk = new byte[CHUNK];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        digest.update(chunk, 0, read);
        bytes += read;
      }
    }
    return new HashedFile(Digest.of(digest), bytes);
  }

  /**
   * Of what a stream gives, written to a file on the way.
   *
   * @param what names the stream in sentences
   * @throws Failure passing, if the stream broke off or there is no room for the file
   */
  static HashedFile copied(String what, InputStream in, Path to) {
    MessageDigest digest = Digest.algorithm();
    long bytes = 0;
    byte[] chunk = new byte[CHUNK];
    try (OutputStream out = Files.newOutputStream(to)) {
      for (int read = next(what, in, chunk); read >= 0; read = next(what, in, chunk)) {
        digest.update(chunk, 0, read);
        out.write(chunk, 0, read);
        bytes += read;
      }
    } catch (IOException e) {
      throw Failure.passing(
          what + " cannot be written here (" + e + "); expected a disk with room.", e);
    }
    return new HashedFile(Digest.of(digest), bytes);
  }

  private static int next(String what, InputStream in, byte[] chunk) {
    try {
      return in.read(chunk);
    } catch (IOException e) {
      throw Failure.passing(what + " broke off while it was read (" + e.getMessage() + ").", e);
    }
  }
}
