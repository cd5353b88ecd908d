package dev.palimpsest.engine;

import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/**
 * The generator of that name in the LXM family (Steele and Vigna, OOPSLA 2021), whole: the JDK's
 * own seeds it from bytes in a way that changed between versions.
 */
final class L64X128Mix implements RandomGenerator {
  private static final long MULTIPLIER = 0xd1342543de82ef95L;
  private static final long MIXER = 0xdaba0b6eb09322e3L;

  private final long addend;
  private long s;
  private long x0;
  private long x1;

  /**
   * @param seed 32 bytes, big-endian: addend (made odd), linear state, xor state (not all zero)
   */
  L64X128Mix(ByteBuffer seed) {
    addend = seed.getLong() | 1;
    s = seed.getLong();
    x0 = seed.getLong();
    x1 = seed.getLong();
    if ((x0 | x1) == 0) {
      x0 = MIXER;
    }
  }

  @Override
  public long nextLong() {
    long word = mixed(s + x0);
    s = MULTIPLIER * s + addend;
    long q1 = x1 ^ x0;
    x0 = Long.rotateLeft(x0, 24) ^ q1 ^ (q1 << 16);
    x1 = Long.rotateLeft(q1, 37);
    return word;
  }

  /** Lea's 64-bit mixer. */
  private static long mixed(long z) {
    z = (z ^ (z >>> 32)) * MIXER;
    z = (z ^ (z >>> 32)) * MIXER;
    return z ^ (z >>> 32);
  }
}
