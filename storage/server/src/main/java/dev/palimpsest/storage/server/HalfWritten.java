package dev.palimpsest.storage.server;

import dev.palimpsest.base.Failure;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The files that the server writes before an object is whole: {@code name-<uuid>} beside the
 * object, and {@code .mpus-<uuid>-...} for the parts of a large one. They outlive a server that is
 * killed.
 */
final class HalfWritten {
  private static final Pattern BEING_WRITTEN =
      Pattern.compile(".*-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  private static final String PART = ".mpus-";

  private HalfWritten() {}

  /** Removes them. No server may be running on this directory. */
  static void sweep(Path directory) {
    try {
      Files.walkFileTree(directory, new Sweeper());
    } catch (IOException e) {
      throw new Failure(
          "The store's directory "
              + directory
              + " cannot be swept of half-written files ("
              + e
              + ").",
          e);
    }
  }

  private static final class Sweeper extends SimpleFileVisitor<Path> {
    /** How deep inside a folder of parts the walk is. */
    private int partFolders;

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      if (partFolders > 0 || isPart(folder)) {
        partFolders++;
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      if (partFolders > 0
          || isPart(file)
          || BEING_WRITTEN.matcher(file.getFileName().toString()).matches()) {
        Files.delete(file);
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failed)
        throws IOException {
      if (failed != null) {
        throw failed;
      }
      if (partFolders > 0) {
        partFolders--;
        Files.delete(folder);
      }
      return FileVisitResult.CONTINUE;
    }

    private static boolean isPart(Path path) {
      return path.getFileName().toString().startsWith(PART);
    }
  }
}
