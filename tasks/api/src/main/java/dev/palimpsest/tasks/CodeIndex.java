package dev.palimpsest.tasks;

import dev.palimpsest.spec.Kind;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which code each stage and each method of a build can reach.
 *
 * @param all everything that any of them reaches
 * @param reached names in {@code all} by provider: {@code stage train}, {@code attack badnets}
 */
public record CodeIndex(Code all, SortedMap<String, List<String>> reached) {
  /** Of a catalogue that makes no keys. */
  public static final CodeIndex NONE =
      new CodeIndex(new Code(new TreeMap<>(), new TreeMap<>(), new TreeMap<>()), new TreeMap<>());

  /** The provider that a stage is. */
  public static String stage(String name) {
    return "stage " + name;
  }

  /** The provider that a method is. */
  public static String method(Kind kind, String name) {
    return kind.label() + " " + name;
  }

  /** What these providers reach together. */
  public Code of(Collection<String> providers) {
    Set<String> names = new HashSet<>();
    for (String provider : providers) {
      List<String> reachedHere = reached.get(provider);
      if (reachedHere == null) {
        throw new IllegalStateException("the build left no code of " + provider);
      }
      names.addAll(reachedHere);
    }
    return new Code(
        only(all.classes(), names), only(all.resources(), names), only(all.libraries(), names));
  }

  private static <V> SortedMap<String, V> only(SortedMap<String, V> map, Set<String> names) {
    var only = new TreeMap<>(map);
    only.keySet().retainAll(names);
    return only;
  }
}
