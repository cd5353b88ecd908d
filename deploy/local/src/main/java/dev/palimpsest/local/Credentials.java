package dev.palimpsest.local;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;

/**
 * The key pair of the local store: 20 and 40 hexadecimal digits, made once, readable by the owner
 * alone.
 */
public record Credentials(String accessKey, String secretKey) {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  /**
   * Reads {@code <home>/credentials.json}.
   *
   * @throws Failure when it cannot be read
   */
  public static Credentials read(Path home) {
    Path file = file(home);
    try {
      return Json.read(file.toString(), Files.readAllBytes(file), Credentials.class);
    } catch (IOException e) {
      throw new Failure("Cannot read the store's keys from " + file + ": " + e.getMessage(), e);
    }
  }

  /** Reads the keys, or makes them when there are none. Rights that grew too wide are narrowed. */
  public static Credentials readOrMake(Path home) {
    Path file = file(home);
    try {
      if (!Files.exists(file)) {
        write(file, make());
      }
      if (posix() && !Files.getPosixFilePermissions(file).equals(OWNER_ONLY)) {
        Files.setPosixFilePermissions(file, OWNER_ONLY);
      }
    } catch (IOException e) {
      throw new Failure("Cannot keep the store's keys in " + file + ": " + e.getMessage(), e);
    }
    return read(home);
  }

  private static Path file(Path home) {
    return home.resolve("credentials.json");
  }

  private static Credentials make() {
    SecureRandom random = new SecureRandom();
    return new Credentials(hex(random, 10), hex(random, 20));
  }

  private static String hex(SecureRandom random, int bytes) {
    byte[] drawn = new byte[bytes];
    random.nextBytes(drawn);
    return HexFormat.of().formatHex(drawn);
  }

  private static void write(Path file, Credentials credentials) throws IOException {
    Path raw = file.resolveSibling("credentials.tmp");
    Files.deleteIfExists(raw);
    FileAttribute<?>[] rights =
        posix()
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
            : new FileAttribute<?>[0];
    try (var channel =
        Files.newByteChannel(
            raw, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), rights)) {
      channel.write(ByteBuffer.wrap(Json.pretty(credentials).getBytes(StandardCharsets.UTF_8)));
    }
    Files.move(raw, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static boolean posix() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "Credentials[accessKey=" + accessKey + "]";
  }
}
