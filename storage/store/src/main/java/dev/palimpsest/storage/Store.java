package dev.palimpsest.storage;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One bucket of an S3 store, or its in-memory twin.
 *
 * <p>Keys are {@code segment/segment/...} of letters, digits, {@code . _ -}; no key is a prefix
 * segment of another. Every method throws {@link dev.palimpsest.base.Failure} naming the key and
 * the endpoint when the store cannot be reached or refuses; a failure that trying again may cure is
 * {@linkplain dev.palimpsest.base.Failure#isPassing() passing}.
 */
public interface Store extends AutoCloseable {
  /**
   * What a listing or a look tells of an object.
   *
   * @param version changes whenever the object is written again
   */
  record Stat(String key, long bytes, String version) {}

  Optional<Stat> stat(String key);

  /** The whole of a small object (JSON); at most 16 MiB. */
  Optional<byte[]> read(String key);

  /** The object as a stream, from {@code offset} on. The caller closes it. */
  Optional<InputStream> open(String key, long offset);

  /** Writes or replaces a small object. */
  void put(String key, byte[] value);

  /** Writes a small object if there is none; false if there was one. Atomic among all writers. */
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
