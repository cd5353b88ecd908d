package dev.palimpsest.stages.catalogue;

import dev.palimpsest.base.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;

/**
 * The digest of the code that stages can reach: the classes of the modules that hold them, without
 * debug data, so that a changed comment or line number changes nothing.
 */
final class CodeDigest {
  private CodeDigest() {}

  /**
   * The digest over the modules of these classes.
   *
   * @param anchors one class of each module
   * @param libraries names and versions of the libraries whose code decides results
   */
  static Digest of(List<Class<?>> anchors, List<String> libraries) {
    SortedMap<String, byte[]> classes = new TreeMap<>();
    for (Class<?> anchor : anchors) {
      collect(anchor, classes);
    }
    MessageDigest digest = Digest.algorithm();
    libraries.forEach(library -> update(digest, library, new byte[0]));
    classes.forEach((name, bytes) -> update(digest, name, bytes));
    return Digest.of(digest);
  }

  /** A class without line numbers, variable names and source file. */
  static byte[] normalised(byte[] bytes) {
    var writer = new ClassWriter(0);
    new ClassReader(bytes).accept(writer, ClassReader.SKIP_DEBUG);
    return writer.toByteArray();
  }

  private static void update(MessageDigest digest, String name, byte[] bytes) {
    digest.update((name + " " + bytes.length + "\n").getBytes(StandardCharsets.UTF_8));
    digest.update(bytes);
  }

  private static void collect(Class<?> anchor, SortedMap<String, byte[]> into) {
    try {
      Path place = Path.of(anchor.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isDirectory(place)) {
        collect(place, into);
      } else {
        try (FileSystem jar = FileSystems.newFileSystem(place)) {
          collect(jar.getPath("/"), into);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void collect(Path root, SortedMap<String, byte[]> into) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        String name = root.relativize(file).toString().replace('\\', '/');
        if (!name.endsWith("package-info.class") && !name.contains("/stages/catalogue/")) {
          into.put(name, normalised(Files.readAllBytes(file)));
        }
      }
    }
  }
}
