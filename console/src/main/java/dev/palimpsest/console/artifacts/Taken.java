package dev.palimpsest.console.artifacts;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.console.artifacts.Browse.Moment;
import dev.palimpsest.storage.SideBySide;
import dev.palimpsest.storage.Store;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * Who took tainted artifacts through a console, in the store for good: {@code
 * taken/<digest>/<time>-<id>.json}, written before the first byte is handed out.
 */
final class Taken {
  private static final int SHOWN = 20;

  private final Store store;

  Taken(Store store) {
    this.store = store;
  }

  /**
   * That somebody took an artifact.
   *
   * @param run that the page was shown for; empty where none was
   * @param visitor the address that the request came from
   * @param taken ISO 8601 instant
   */
  record Entry(
      Digest sha256,
      String artifact,
      List<String> taint,
      String run,
      String visitor,
      String taken) {}

  /** An entry as a page shows it. */
  record Line(Moment when, String visitor, String run) {}

  void write(Entry entry) {
    long millis = Instant.parse(entry.taken()).toEpochMilli();
    // Half a UUID: a whole one at the end of a name is what servers call half written.
    String id = UUID.randomUUID().toString().substring(0, 8);
    store.put(
        folder(entry.sha256()) + "%013d-%s.json".formatted(millis, id), Json.canonical(entry));
  }

  /** The last to take it, the latest first. */
  List<Line> of(Digest digest, Instant now) {
    List<String> keys =
        store.list(folder(digest)).reversed().stream().limit(SHOWN).map(Store.Stat::key).toList();
    return keys.isEmpty()
        ? List.of()
        : SideBySide.map(keys, store::read).stream()
            .flatMap(read -> read.stream())
            .map(bytes -> Json.read("a line of who took " + digest.brief(), bytes, Entry.class))
            .map(entry -> new Line(Moment.of(entry.taken(), now), entry.visitor(), entry.run()))
            .toList();
  }

  private static String folder(Digest digest) {
    return "taken/" + digest.hex() + "/";
  }
}
