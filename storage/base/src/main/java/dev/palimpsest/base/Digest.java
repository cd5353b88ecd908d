package dev.palimpsest.base;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A SHA-256 digest.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record Digest(@JsonValue String hex) implements Comparable<Digest> {
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  /** Throws {@link Mistake} unless {@code hex} is 64 lower-case hexadecimal digits. */
  @JsonCreator
  public Digest {
    if (!HEX.matcher(hex).matches()) {
      throw new Mistake("'" + hex + "' is no digest: expected 64 lower-case hexadecimal digits.");
    }
  }

  /** The digest of these bytes. */
  public static Digest of(byte[] bytes) {
    return new Digest(HexFormat.of().formatHex(algorithm().digest(bytes)));
  }

  /** The digest of this text in UTF-8. */
  public static Digest of(String text) {
    return new Digest(
        HexFormat.of().formatHex(algorithm().digest(text.getBytes(StandardCharsets.UTF_8))));
  }

  /** The digest that a finished {@link #algorithm()} holds. */
  public static Digest of(MessageDigest finished) {
    return new Digest(HexFormat.of().formatHex(finished.digest()));
  }

  /** A fresh SHA-256. */
  public static MessageDigest algorithm() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The first twelve digits, for people. */
  public String brief() {
    return hex.substring(0, 12);
  }

  @Override
  public int compareTo(Digest other) {
    return hex.compareTo(other.hex);
  }

  @Override
  public String toString() {
    return hex;
  }
}
