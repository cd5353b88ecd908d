package dev.palimpsest.storage;

import dev.palimpsest.base.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Immutable artifacts under {@code blobs/sha256/ab/<digest>}, with a cache on this machine keyed by
 * digest. Bytes are checked against their digest whenever they are read.
 */
public interface Artifacts {
  /** Stores a file's bytes (once: a second writer of the same bytes uploads nothing). */
  Reference put(String type, Path file, List<String> taint);

  /** Whether its bytes are in the store at their full size. The digest is not read. */
  boolean present(Reference reference);

  /**
   * The stored artifacts whose digests begin so, as bare references: of type {@code artifact},
   * without taint.
   *
   * @param digits two at least
   */
  List<Reference> starting(String digits);

  /**
   * A read-only file with its bytes, verified; kept in the local cache.
   *
   * @throws dev.palimpsest.base.Failure if the bytes are lost or do not match the digest
   */
  Path fetch(Reference reference);

  /** Its bytes as a stream that fails at the end if they do not match the digest. */
  InputStream open(Reference reference);

  /**
   * A part of its bytes, to look at: up to {@code length} from {@code offset} on. They are not
   * checked against the digest.
   *
   * @throws dev.palimpsest.base.Failure if the bytes are lost
   */
  byte[] part(Reference reference, long offset, int length);

  /**
   * All its bytes, verified; for what is small.
   *
   * @throws dev.palimpsest.base.Failure also if the connection breaks on the way
   */
  default byte[] read(Reference reference) {
    try (InputStream in = open(reference)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw Failure.passing(
          "The "
              + reference.artifact()
              + " "
              + reference.sha256().brief()
              + " broke off while it was read: "
              + e.getMessage()
              + ".",
          e);
    }
  }

  /** Stores the small summary (JSON) that previews this artifact. */
  void summarise(Reference reference, byte[] summary);

  Optional<byte[]> summary(Reference reference);
}
