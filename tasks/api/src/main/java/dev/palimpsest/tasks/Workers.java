package dev.palimpsest.tasks;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.Store;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The workers that serve a store's runs, as they announce themselves under {@code
 * workers/<id>.json}.
 *
 * <p>A worker writes its announcement anew every minute and removes it at its end, so what was not
 * written for {@link #SILENT_AFTER} is of a worker that ended without a word.
 */
public final class Workers {
  /** How often an announcement is written. */
  public static final Duration BEAT = Duration.ofMinutes(1);

  /** Without a sign of life for this long a worker counts as gone. */
  public static final Duration SILENT_AFTER = Duration.ofMinutes(3);

  private static final Duration SWEPT_AFTER = Duration.ofHours(1);
  private static final String PREFIX = "workers/";

  private final Store store;
  private final Clock clock;

  public Workers(Store store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  /**
   * A worker, as it tells of itself.
   *
   * @param id its name
   * @param version of its build
   * @param commit that its build was made from, where it knows
   * @param catalogue {@link Catalogue#digest()} of the stages and methods that it computes
   * @param lanes that it serves
   * @param numerics that it computes with
   * @param host the machine's name
   * @param started when its process began; ISO 8601 instant, as all times here
   * @param beat its last sign of life, by its own clock
   */
  public record Announcement(
      String id,
      String version,
      Optional<String> commit,
      Digest catalogue,
      List<Lane> lanes,
      Numerics numerics,
      String host,
      String started,
      String beat) {
    /** Throws {@link java.time.DateTimeException} for a beat that is no instant. */
    public Announcement {
      lanes = lanes.stream().distinct().sorted().toList();
      Instant.parse(beat);
    }

    /** How long ago its last sign of life was. */
    public Duration silent(Instant now) {
      return Duration.between(Instant.parse(beat), now);
    }

    private Announcement beating(Instant now) {
      return new Announcement(
          id, version, commit, catalogue, lanes, numerics, host, started, now.toString());
    }
  }

  /** The workers that live, by id. */
  public List<Announcement> living() {
    Instant now = clock.instant();
    return announced().stream()
        .filter(worker -> worker.silent(now).compareTo(SILENT_AFTER) <= 0)
        .toList();
  }

  /**
   * Every worker that is announced, those included that fell silent within the last hour; by id.
   */
  public List<Announcement> announced() {
    var workers = new ArrayList<Announcement>();
    for (Store.Stat seen : store.list(PREFIX)) {
      store.read(seen.key()).flatMap(bytes -> read(seen.key(), bytes)).ifPresent(workers::add);
    }
    workers.sort(Comparator.comparing(Announcement::id));
    return workers;
  }

  /** The lanes that a living worker serves. */
  public Set<Lane> lanes() {
    var lanes = new TreeSet<Lane>();
    living().forEach(worker -> lanes.addAll(worker.lanes()));
    return lanes;
  }

  /** Tells of a worker, now. */
  public void announce(Announcement worker) {
    store.put(key(worker.id()), Json.canonical(worker.beating(clock.instant())));
  }

  /** Tells that a worker has ended. */
  public void remove(String id) {
    store.delete(key(id));
  }

  /** Removes what has been silent for an hour, or cannot be read. */
  public void sweep() {
    Instant now = clock.instant();
    for (Store.Stat seen : store.list(PREFIX)) {
      boolean stays =
          store
              .read(seen.key())
              .flatMap(bytes -> read(seen.key(), bytes))
              .filter(worker -> worker.silent(now).compareTo(SWEPT_AFTER) <= 0)
              .isPresent();
      if (!stays) {
        store.delete(seen.key());
      }
    }
  }

  /** An announcement; empty for one of a build that writes them otherwise. */
  private static Optional<Announcement> read(String key, byte[] bytes) {
    try {
      return Optional.of(Json.read(key, bytes, Announcement.class));
    } catch (Mistake e) {
      return Optional.empty();
    }
  }

  /** An id may be any text; a key may not. */
  private static String key(String id) {
    String name = id.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}") ? id : Digest.of(id).brief();
    return PREFIX + name + ".json";
  }
}
