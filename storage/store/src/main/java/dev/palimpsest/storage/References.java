package dev.palimpsest.storage;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which digests are referred to. Whatever looks like a digest in the text of a root counts: a
 * reference, a key of a stage, the digest of code; so what is kept is never too little.
 */
final class References {
  /** Under these everything is a root: runs, and what was imported. */
  private static final List<String> ROOTS = List.of("runs/", "imports/");

  private static final Pattern DIGEST = Pattern.compile("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])");

  private final Store store;

  /** Digests by key and version of an object: looking again reads only what is new. */
  private final Map<String, Set<String>> read = new HashMap<>();

  References(Store store) {
    this.store = store;
  }

  /**
   * The digests that are referred to now.
   *
   * @param records the stage records there are
   * @param limit what was written then or later is a root
   */
  Set<String> marked(List<Store.Stat> records, Instant limit) {
    List<Store.Stat> roots = new ArrayList<>();
    ROOTS.forEach(folder -> roots.addAll(store.list(folder)));
    Set<String> marked = new HashSet<>(of(roots));
    for (Store.Stat wanted : store.list(StoredArtifacts.WANTED)) {
      if (!wanted.modified().isBefore(limit)) {
        marked.add(digest(wanted));
      }
    }
    marked.addAll(
        of(
            records.stream()
                .filter(seen -> marked.contains(stage(seen)) || !seen.modified().isBefore(limit))
                .toList()));
    return marked;
  }

  /** The digest that a blob, a summary, a manifest of code or a mark is named by. */
  static String digest(Store.Stat seen) {
    return seen.key().substring(seen.key().lastIndexOf('/') + 1);
  }

  /** The key of the stage that a record, a state or a claim belongs to. */
  static String stage(Store.Stat seen) {
    return seen.key().split("/", -1)[1];
  }

  private Set<String> of(List<Store.Stat> objects) {
    List<Store.Stat> unread =
        objects.stream().filter(seen -> !read.containsKey(version(seen))).toList();
    List<Set<String>> found = SideBySide.map(unread, this::in);
    for (int i = 0; i < unread.size(); i++) {
      read.put(version(unread.get(i)), found.get(i));
    }
    Set<String> all = new HashSet<>();
    objects.forEach(seen -> all.addAll(read.getOrDefault(version(seen), Set.of())));
    return all;
  }

  private static String version(Store.Stat seen) {
    return seen.key() + " " + seen.version();
  }

  private Set<String> in(Store.Stat seen) {
    Set<String> digests = new HashSet<>();
    store
        .read(seen.key())
        .ifPresent(bytes -> {
          Matcher text = DIGEST.matcher(new String(bytes, StandardCharsets.UTF_8));
          while (text.find()) {
            digests.add(text.group());
          }
        });
    return digests;
  }
}
