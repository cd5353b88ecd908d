package dev.palimpsest.storage;

import dev.palimpsest.base.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.function.Consumer;

/** A stream whose size and digest are looked at before its end, or too many bytes, are given. */
final class VerifiedStream extends InputStream {
  private final InputStream in;
  private final long expectedBytes;
  private final Consumer<HashedFile> check;
  private final MessageDigest digest = Digest.algorithm();
  private long bytes;
  private boolean checked;

  /**
   * @param check throws what the reader is to get if the bytes are not the ones expected
   */
  VerifiedStream(InputStream in, long expectedBytes, Consumer<HashedFile> check) {
    this.in = in;
    this.expectedBytes = expectedBytes;
    this.check = check;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    int read = read(one, 0, 1);
    return read < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int read = in.read(into, offset, length);
    if (read > 0) {
      digest.update(into, offset, read);
      bytes += read;
    }
    if (!checked && (read < 0 || bytes >= expectedBytes)) {
      checkNow(read < 0);
    }
    return read;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** A reader that stops at the last byte expected, and never sees the end, is told too. */
  private void checkNow(boolean ended) throws IOException {
    checked = true;
    if (!ended) {
      int more = in.read();
      if (more >= 0) {
        digest.update((byte) more);
        bytes++;
      }
    }
    check.accept(new HashedFile(Digest.of(digest), bytes));
  }
}
