package dev.palimpsest.storage;

import dev.palimpsest.base.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One bucket of an S3 store, or its in-memory twin.
 *
 * <p>Keys are {@code segment/segment/...} of letters, digits, {@code . _ -}; a segment begins with
 * a letter or digit and does not end in a hyphen and a UUID (so servers name what is half written);
 * no key is a folder of another. Every method throws {@link dev.palimpsest.base.Failure} naming the
 * key and the endpoint when the store cannot be reached or refuses; a failure that trying again may
 * cure is {@linkplain dev.palimpsest.base.Failure#isPassing() passing}.
 */
public interface Store extends AutoCloseable {
  /** The most bytes of an object that is read as a whole: 16 MiB. */
  int SMALL = 16 << 20;

  /**
   * What a listing or a look tells of an object.
   *
   * @param version changes whenever other bytes are written
   * @param modified when it was last written, by the store's own clock, in whole seconds
   */
  record Stat(String key, long bytes, String version, Instant modified) {}

  Optional<Stat> stat(String key);

  /** The whole of a small object (JSON); at most 16 MiB. */
  Optional<byte[]> read(String key);

  /**
   * The object as a stream, from {@code offset} on; nothing is left from its end on. The caller
   * closes it. A connection that breaks on the way is an {@link java.io.IOException} of the stream.
   */
  Optional<InputStream> open(String key, long offset);

  /**
   * A part of an object: up to {@code length} bytes from {@code offset} on, fewer where it ends
   * before. No more than these is asked of a server.
   */
  default Optional<byte[]> read(String key, long offset, int length) {
    return open(key, offset)
        .map(opened -> {
          try (InputStream in = opened) {
            return in.readNBytes(length);
          } catch (IOException e) {
            throw Failure.passing(
                "The object " + key + " in " + where() + " broke off while it was read.", e);
          }
        });
  }

  /** Writes or replaces a small object. */
  void put(String key, byte[] value);

  /**
   * Writes a small object if there is none; false if there was one. Atomic among all writers. Where
   * an answer was lost on the way and the request repeated, the one that was there may be one's
   * own: who must know, reads it.
   */
  boolean putIfAbsent(String key, byte[] value);

  /** Writes a file, streaming, in parts where it is large; never half visible. */
  void upload(String key, Path file);

  /** Removes an object; nothing happens if there is none. */
  void delete(String key);

  /** The objects whose keys start with {@code prefix}, in key order. Keep prefixes short-listed. */
  List<Stat> list(String prefix);

  /** Where this store is, for sentences: the endpoint and the bucket, never a secret. */
  String where();

  @Override
  void close();
}
