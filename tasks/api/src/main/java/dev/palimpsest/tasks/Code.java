package dev.palimpsest.tasks;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The code that decides what a computation gives, part by part, so that two can be compared.
 *
 * @param classes digest of each class's bytecode without debug data, by its binary name
 * @param resources digest of each file on the class path that those classes open, by its path
 * @param libraries version of each library that those classes call, by name
 */
public record Code(
    SortedMap<String, Digest> classes,
    SortedMap<String, Digest> resources,
    SortedMap<String, String> libraries) {
  public Code {
    classes = copy(classes);
    resources = copy(resources);
    libraries = copy(libraries);
  }

  /** The digest of {@link #manifest()}: what stands in keys. */
  public Digest digest() {
    return Digest.of(manifest());
  }

  /** Its canonical JSON, kept in the store under {@code code/<digest>}. */
  public byte[] manifest() {
    return Json.canonical(this);
  }

  private static <V> SortedMap<String, V> copy(SortedMap<String, V> map) {
    return Collections.unmodifiableSortedMap(new TreeMap<>(map));
  }
}
