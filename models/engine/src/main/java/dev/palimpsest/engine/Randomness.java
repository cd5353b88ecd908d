package dev.palimpsest.engine;

import dev.palimpsest.base.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Random streams as a function of a seed, a purpose and an index: any of them can be drawn again
 * without replaying another.
 */
public final class Randomness {
  private final long seed;
  private final String scope;

  private Randomness(long seed, String scope) {
    this.seed = seed;
    this.scope = scope;
  }

  public static Randomness of(long seed) {
    return new Randomness(seed, "");
  }

  /** Streams of their own for a part of the study: the same purposes draw other numbers in it. */
  public Randomness within(String part) {
    return new Randomness(seed, scope + part + "/");
  }

  /**
   * A fresh stream, always the same for the same arguments.
   *
   * @param purpose what is drawn ({@code shuffle})
   * @param index where in the work it is drawn (epoch, step)
   */
  public RandomStream stream(String purpose, long... index) {
    MessageDigest digest = Digest.algorithm();
    byte[] name = (scope + purpose).getBytes(StandardCharsets.UTF_8);
    ByteBuffer head = ByteBuffer.allocate(16 + name.length + 8 * index.length);
    head.putLong(seed).putLong(name.length).put(name);
    for (long part : index) {
      head.putLong(part);
    }
    return RandomStream.of(new L64X128Mix(ByteBuffer.wrap(digest.digest(head.array()))));
  }
}
