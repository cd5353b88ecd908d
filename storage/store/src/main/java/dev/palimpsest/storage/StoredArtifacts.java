package dev.palimpsest.storage;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Artifacts in a store, with a cache of read-only files on this machine that any number of
 * processes may share: {@code sha256/ab/<digest>} below the cache's directory.
 */
public final class StoredArtifacts implements Artifacts {
  /** Marks of writers that found their bytes there already: {@code wanted/<digest>}. */
  static final String WANTED = "wanted/";

  private static final int TRIES = 3;

  /** No download takes this long: what is older was left by a process that was killed. */
  private static final Duration ABANDONED = Duration.ofDays(1);

  private static final long MOST_BYTES = 8L << 30;

  /** A file that was asked for so lately may still be read. */
  private static final Duration IN_USE = Duration.ofHours(1);

  private final Store store;
  private final long mostBytes;
  private final Path files;
  private final Path partial;

  /**
   * With a cache of at most 8 GiB: beyond that the files that were not used for longest go, but
   * none that was used within the hour.
   *
   * @param cacheDirectory made if it is missing; may be emptied whenever nothing runs
   */
  public StoredArtifacts(Store store, Path cacheDirectory) {
    this(store, cacheDirectory, MOST_BYTES);
  }

  StoredArtifacts(Store store, Path cacheDirectory, long mostBytes) {
    this.store = store;
    this.mostBytes = mostBytes;
    this.files = cacheDirectory.resolve("sha256");
    this.partial = cacheDirectory.resolve("partial");
    try {
      Files.createDirectories(files);
      Files.createDirectories(partial);
      sweep();
    } catch (IOException e) {
      throw new Failure(
          "The artifact cache in "
              + cacheDirectory
              + " cannot be used ("
              + e
              + "); expected a folder that may be written to.",
          e);
    }
  }

  @Override
  public Reference put(String type, Path file, List<String> taint) {
    HashedFile hashed;
    try {
      hashed = HashedFile.of(file);
    } catch (IOException e) {
      throw new Failure(
          "The " + type + " in " + file.getFileName() + " cannot be read (" + e + ").", e);
    }
    Reference reference = new Reference(type, hashed.digest(), hashed.bytes(), taint);
    if (present(reference)) {
      // From here on no collector takes the bytes; one may have done so just before.
      store.put(WANTED + reference.sha256().hex(), new byte[0]);
    }
    if (!present(reference)) {
      store.upload(key(reference.sha256()), file);
    }
    return reference;
  }

  @Override
  public boolean present(Reference reference) {
    return store
        .stat(key(reference.sha256()))
        .filter(seen -> seen.bytes() == reference.bytes())
        .isPresent();
  }

  @Override
  public List<Reference> starting(String digits) {
    return store.list("blobs/sha256/" + digits.substring(0, 2) + "/" + digits).stream()
        .map(seen ->
            new Reference("artifact", new Digest(References.digest(seen)), seen.bytes(), List.of()))
        .toList();
  }

  @Override
  public Path fetch(Reference reference) {
    Path cached = files.resolve(sharded(reference.sha256()));
    try {
      if (Files.exists(cached)) {
        // First, so that it is in use while it is read. Where the cache is another user's, its
        // files
        // count as old and may be fetched again.
        cached.toFile().setLastModified(System.currentTimeMillis());
        if (matches(HashedFile.of(cached), reference)) {
          return cached;
        }
      }
      Files.createDirectories(cached.getParent());
    } catch (NoSuchFileException e) {
      // Another process removed it since it was seen; it is fetched again.
    } catch (IOException e) {
      throw new Failure(
          "The cached file of " + name(reference) + " cannot be read (" + e + ").", e);
    }
    for (int attempt = 1; ; attempt++) {
      try {
        return download(reference, cached);
      } catch (Failure e) {
        if (!e.isPassing() || attempt == TRIES) {
          throw e;
        }
      }
    }
  }

  @Override
  public InputStream open(Reference reference) {
    return new VerifiedStream(
        opened(reference),
        reference.bytes(),
        found -> {
          if (!matches(found, reference)) {
            throw mismatch(reference, found);
          }
        });
  }

  @Override
  public byte[] part(Reference reference, long offset, int length) {
    return store.read(key(reference.sha256()), offset, length).orElseThrow(() -> lost(reference));
  }

  @Override
  public void summarise(Reference reference, byte[] summary) {
    store.put(summaryKey(reference), summary);
  }

  @Override
  public Optional<byte[]> summary(Reference reference) {
    return store.read(summaryKey(reference));
  }

  /** Where the bytes of this digest lie in the store. */
  static String key(Digest digest) {
    return "blobs/sha256/" + sharded(digest);
  }

  private static String summaryKey(Reference reference) {
    return "summaries/sha256/" + sharded(reference.sha256());
  }

  private static String sharded(Digest digest) {
    return digest.hex().substring(0, 2) + "/" + digest.hex();
  }

  private Path download(Reference reference, Path cached) {
    Path part = null;
    try {
      part = Files.createTempFile(partial, reference.sha256().brief(), ".part");
      HashedFile found;
      try (InputStream in = opened(reference)) {
        found = HashedFile.copied("The " + name(reference), in, part);
      }
      if (!matches(found, reference)) {
        throw mismatch(reference, found);
      }
      if (!part.toFile().setReadOnly()) {
        throw new IOException("it cannot be made read-only");
      }
      Files.move(part, cached, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      evict();
      return cached;
    } catch (IOException e) {
      throw Failure.passing(
          "The " + name(reference) + " cannot be kept in the local cache (" + e + ").", e);
    } finally {
      if (part != null) {
        part.toFile().delete();
      }
    }
  }

  private InputStream opened(Reference reference) {
    return store.open(key(reference.sha256()), 0).orElseThrow(() -> lost(reference));
  }

  private static boolean matches(HashedFile found, Reference reference) {
    return found.bytes() == reference.bytes() && found.digest().equals(reference.sha256());
  }

  private Failure lost(Reference reference) {
    return new Failure(
        "The "
            + name(reference)
            + " is lost: "
            + store.where()
            + " has no object "
            + key(reference.sha256())
            + "; run the study again to compute it anew.");
  }

  private Failure mismatch(Reference reference, HashedFile found) {
    return new Failure(
        "The "
            + name(reference)
            + " is damaged: the object "
            + key(reference.sha256())
            + " in "
            + store.where()
            + " has "
            + found.bytes()
            + " bytes with the digest "
            + found.digest()
            + ", expected "
            + reference.bytes()
            + " bytes with the digest "
            + reference.sha256()
            + "; remove that object and run the study again to compute it anew.");
  }

  private static String name(Reference reference) {
    return reference.artifact() + " " + reference.sha256().brief();
  }

  /** A cached file; other processes may remove it at any time. */
  private record Cached(Path file, long bytes, Instant used) {}

  private void evict() throws IOException {
    List<Cached> kept = new ArrayList<>();
    try (Stream<Path> all = Files.walk(files)) {
      all.forEach(file -> cached(file).ifPresent(kept::add));
    } catch (UncheckedIOException e) {
      // Another process removed a folder's file while it was listed: the next download looks again.
      return;
    }
    long bytes = kept.stream().mapToLong(Cached::bytes).sum();
    Instant limit = Instant.now().minus(IN_USE);
    kept.sort(Comparator.comparing(Cached::used));
    for (Cached oldest : kept) {
      if (bytes <= mostBytes || !oldest.used().isBefore(limit)) {
        return;
      }
      Files.deleteIfExists(oldest.file());
      bytes -= oldest.bytes();
    }
  }

  private static Optional<Cached> cached(Path file) {
    try {
      BasicFileAttributes seen = Files.readAttributes(file, BasicFileAttributes.class);
      return seen.isRegularFile()
          ? Optional.of(new Cached(file, seen.size(), seen.lastModifiedTime().toInstant()))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private void sweep() throws IOException {
    Instant limit = Instant.now().minus(ABANDONED);
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(partial)) {
      for (Path part : parts) {
        try {
          if (Files.getLastModifiedTime(part).toInstant().isBefore(limit)) {
            Files.delete(part);
          }
        } catch (NoSuchFileException e) {
          // Its own process has finished with it since.
          continue;
        }
      }
    }
  }
}
