package dev.palimpsest.storage;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Removes from a store what nothing refers to.
 *
 * <p>Roots are the runs, whether or not they have ended, and what was imported. A stage record
 * whose key a root names is kept, with everything that it names: outputs, inputs, code. What is
 * younger than the grace time, by the store's own clock, is kept whatever; a young record is a root
 * as well. Saved state goes when its stage has a record, or after 30 days; a claim when it had no
 * sign of life for an hour; what lies under a run that has no record, when all of it is old.
 *
 * <p><b>Beside running workers.</b> Records go first, blobs later, and between the two all roots
 * are looked at again:
 *
 * <ol>
 *   <li>Roots are marked, and the records that none of them names are removed: from here on no
 *       stage is answered by them.
 *   <li>A pause. A worker that found such a record just before writes into its run's journal that
 *       it did, which takes it milliseconds.
 *   <li>Roots are marked again. A removed record that a run names by now is put back.
 *   <li>Blobs, summaries and code that are still unmarked go. A writer that finds the bytes it
 *       wants to store already there leaves a mark under {@code wanted/} and looks again before it
 *       relies on them; that mark is looked for immediately before each removal.
 * </ol>
 *
 * <p>Three things are left to luck: a worker that is halted for longer than the pause between a hit
 * and its journal; a writer whose mark falls between the last look for it and the removal, a
 * millisecond later; and a collector that is halted there. Then a run names an artifact that is
 * lost: the stage that reads it fails with a sentence, and running the study again computes it. A
 * record never counts as a hit while one of its outputs is missing, so no result is ever wrong, and
 * neither does it matter where a collector is interrupted: what is left is collected by the next.
 */
public final class GarbageCollector {
  private static final String BLOBS = "blobs/sha256/";
  private static final String SUMMARIES = "summaries/sha256/";
  private static final String CODE = "code/";
  private static final String RECORDS = "stages/";

  private static final Duration LEAST_WHILE_COMPUTING = Duration.ofHours(1);

  /** Marks that are older are made anew. */
  private static final Duration MARKS_HOLD = Duration.ofMinutes(5);

  /** Longer than a worker takes from finding a record to writing down that it did. */
  private static final Duration PAUSE = Duration.ofSeconds(3);

  private final Store store;
  private final Duration grace;
  private final Runnable pause;
  private final References references;

  /**
   * @param grace what is younger is kept
   */
  public GarbageCollector(Store store, Duration grace) {
    this(store, grace, GarbageCollector::pause);
  }

  /**
   * @param grace what is younger is kept
   * @param pause waits as long as a worker may take from finding a record to writing that down
   */
  public GarbageCollector(Store store, Duration grace, Runnable pause) {
    this.store = store;
    this.grace = grace;
    this.pause = pause;
    this.references = new References(store);
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("Interrupted while workers wrote down what they found.", e);
    }
  }

  /** So many objects of so many bytes. */
  public record Count(long objects, long bytes) {
    /** As many as these. */
    public static Count of(Collection<Store.Stat> seen) {
      return new Count(seen.size(), seen.stream().mapToLong(Store.Stat::bytes).sum());
    }
  }

  /** A record that is removed. */
  private record Gone(Store.Stat seen, byte[] bytes) {}

  /** What would go now, by kind: an artifact's type, {@code stage record} and the like. */
  public SortedMap<String, Count> look() {
    Instant now = Leftovers.now(store);
    Instant limit = now.minus(grace);
    List<Store.Stat> records = store.list(RECORDS);
    Set<String> marked = references.marked(records, limit);
    List<Gone> dead = dead(records, marked, limit);
    List<Store.Stat> contents = contents();
    contents.removeIf(seen -> kept(seen, marked, limit));
    return told(leftovers(now), dead, contents);
  }

  /**
   * Removes it, and tells what went.
   *
   * @throws Mistake if stages are computed now and the grace time is less than an hour
   */
  public SortedMap<String, Count> collect() {
    Instant now = Leftovers.now(store);
    Instant limit = now.minus(grace);
    List<Store.Stat> leftovers = leftovers(now);
    leftovers.forEach(seen -> store.delete(seen.key()));
    if (grace.compareTo(LEAST_WHILE_COMPUTING) < 0 && !store.list("claims/").isEmpty()) {
      throw new Mistake(
          "Stages are computed now, or were until lately; expected a grace time of an hour or more,"
              + " or to wait for an hour without them.");
    }
    List<Store.Stat> records = store.list(RECORDS);
    List<Gone> gone = new ArrayList<>(dead(records, references.marked(records, limit), limit));
    gone.forEach(each -> store.delete(each.seen().key()));
    if (!gone.isEmpty()) {
      pause.run();
    }
    List<Store.Stat> removed = sweepContents(limit, gone);
    store.list(StoredArtifacts.WANTED).stream()
        .filter(mark -> mark.modified().isBefore(limit))
        .forEach(mark -> store.delete(mark.key()));
    return told(leftovers, gone, removed);
  }

  private List<Store.Stat> leftovers(Instant now) {
    Duration age = grace.compareTo(LEAST_WHILE_COMPUTING) < 0 ? LEAST_WHILE_COMPUTING : grace;
    List<Store.Stat> left = new ArrayList<>(Leftovers.in(store, now));
    left.addAll(Leftovers.ofNoRun(store, now.minus(age)));
    return left;
  }

  private List<Gone> dead(List<Store.Stat> records, Set<String> marked, Instant limit) {
    List<Store.Stat> dead =
        records.stream()
            .filter(seen -> seen.modified().isBefore(limit))
            .filter(seen -> !marked.contains(References.stage(seen)))
            .toList();
    return SideBySide.map(dead, seen -> store.read(seen.key()).map(bytes -> new Gone(seen, bytes)))
        .stream()
        .flatMap(Optional::stream)
        .toList();
  }

  private List<Store.Stat> sweepContents(Instant limit, List<Gone> gone) {
    List<Store.Stat> removed = new ArrayList<>();
    List<Store.Stat> contents = contents();
    Set<String> marked = markedAgain(limit, gone);
    long made = System.nanoTime();
    for (Store.Stat seen : contents) {
      if (System.nanoTime() - made > MARKS_HOLD.toNanos()) {
        marked = markedAgain(limit, gone);
        made = System.nanoTime();
      }
      if (!kept(seen, marked, limit) && !wanted(seen, limit)) {
        store.delete(seen.key());
        removed.add(seen);
      }
    }
    return removed;
  }

  /** Marks anew, and puts back those of the removed records that are named by now. */
  private Set<String> markedAgain(Instant limit, List<Gone> gone) {
    Set<String> marked = references.marked(store.list(RECORDS), limit);
    List<Gone> named =
        gone.stream().filter(each -> marked.contains(References.stage(each.seen()))).toList();
    if (named.isEmpty()) {
      return marked;
    }
    named.forEach(each -> store.putIfAbsent(each.seen().key(), each.bytes()));
    gone.removeAll(named);
    return references.marked(store.list(RECORDS), limit);
  }

  private static boolean kept(Store.Stat seen, Set<String> marked, Instant limit) {
    return marked.contains(References.digest(seen)) || !seen.modified().isBefore(limit);
  }

  /** Whether a writer has said that it relies on these bytes. */
  private boolean wanted(Store.Stat seen, Instant limit) {
    return store
        .stat(StoredArtifacts.WANTED + References.digest(seen))
        .filter(mark -> !mark.modified().isBefore(limit))
        .isPresent();
  }

  /** All blobs, summaries and lists of code; by short prefixes, since servers walk all of one. */
  private List<Store.Stat> contents() {
    List<String> prefixes = new ArrayList<>(List.of(CODE));
    for (int shard = 0; shard < 256; shard++) {
      prefixes.add(BLOBS + "%02x/".formatted(shard));
      prefixes.add(SUMMARIES + "%02x/".formatted(shard));
    }
    List<Store.Stat> contents = new ArrayList<>();
    SideBySide.map(prefixes, store::list).forEach(contents::addAll);
    return contents;
  }

  private static SortedMap<String, Count> told(
      List<Store.Stat> leftovers, List<Gone> records, List<Store.Stat> contents) {
    Map<String, String> types = types(records);
    SortedMap<String, List<Store.Stat>> kinds = new TreeMap<>();
    leftovers.forEach(seen -> add(kinds, Leftovers.kind(seen), seen));
    records.forEach(each -> add(kinds, "stage record", each.seen()));
    for (Store.Stat seen : contents) {
      String kind =
          seen.key().startsWith(BLOBS)
              ? types.getOrDefault(References.digest(seen), "artifact of no record")
              : seen.key().startsWith(CODE) ? "list of code" : "summary";
      add(kinds, kind, seen);
    }
    SortedMap<String, Count> counts = new TreeMap<>();
    kinds.forEach((kind, seen) -> counts.put(kind, Count.of(seen)));
    return counts;
  }

  private static void add(Map<String, List<Store.Stat>> kinds, String kind, Store.Stat seen) {
    kinds.computeIfAbsent(kind, name -> new ArrayList<>()).add(seen);
  }

  /** The types of artifacts by their digests, as the records tell them. */
  private static Map<String, String> types(List<Gone> records) {
    Map<String, String> types = new HashMap<>();
    for (Gone each : records) {
      try {
        Json.read(each.seen().key(), each.bytes(), StageRecord.class)
            .outputs()
            .values()
            .forEach(output -> types.put(output.sha256().hex(), output.artifact()));
      } catch (Mistake damaged) {
        // Its outputs are counted without a type.
        continue;
      }
    }
    return types;
  }
}
