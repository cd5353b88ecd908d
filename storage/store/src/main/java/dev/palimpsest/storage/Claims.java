package dev.palimpsest.storage;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims under {@code claims/<key>}: an object with the owner, a nonce, and a beat that its owner
 * raises as long as it lives. No clock of another machine is trusted: a claim is abandoned when its
 * object was seen unchanged here for long enough.
 *
 * <p>Two takers of one abandoned claim may, if the store is slow, both believe to hold it for a
 * while; the later writer's nonce stands and the other stops renewing. They then compute the same
 * stage twice, and publishing decides which record is used.
 */
final class Claims {
  private static final Logger LOG = LoggerFactory.getLogger(Claims.class);

  private final Store store;
  private final LongSupplier nanos;
  private final Duration settling;
  private final Map<Digest, Sighting> sightings = new ConcurrentHashMap<>();

  /**
   * @param nanos a monotonic clock
   * @param settling how long a taker waits before it looks whether another took it over too
   */
  Claims(Store store, LongSupplier nanos, Duration settling) {
    this.store = store;
    this.nanos = nanos;
    this.settling = settling;
  }

  /** What a claim says. */
  private record Note(String owner, String nonce, long beat) {
    byte[] bytes() {
      return Json.line(this).getBytes(StandardCharsets.UTF_8);
    }

    Note next() {
      return new Note(owner, nonce, beat + 1);
    }
  }

  /**
   * A foreign claim that is seen unchanged.
   *
   * @param since when it was first seen so
   * @param last when it was last looked at
   */
  private record Sighting(Digest content, long since, long last) {}

  Optional<Ledger.Claim> claim(
      Digest key, String owner, Duration patience, Supplier<Boolean> alive) {
    Note own = new Note(owner, UUID.randomUUID().toString(), 0);
    if (store.putIfAbsent(at(key), own.bytes())) {
      return held(key, own, patience, alive);
    }
    Optional<byte[]> found = store.read(at(key));
    if (found.isEmpty()) {
      // Released since: the next call takes it, or this one.
      return store.putIfAbsent(at(key), own.bytes())
          ? held(key, own, patience, alive)
          : Optional.empty();
    }
    if (isOwn(found, own)) {
      return held(key, own, patience, alive);
    }
    // An owner computes a key once at a time: its earlier claim is that of a process that died.
    boolean predecessor = parse(found.get()).filter(note -> note.owner().equals(owner)).isPresent();
    return (predecessor || abandoned(key, found.get(), patience)) && takeOver(key, own)
        ? held(key, own, patience, alive)
        : Optional.empty();
  }

  /**
   * A look after a long time without one, as when the store was away or this machine slept, starts
   * anew: the owner could not renew or was not seen to.
   */
  private boolean abandoned(Digest key, byte[] found, Duration patience) {
    Digest content = Digest.of(found);
    long now = nanos.getAsLong();
    Sighting sighting =
        sightings.merge(
            key,
            new Sighting(content, now, now),
            (before, first) ->
                before.content().equals(content) && now - before.last() <= patience.toNanos()
                    ? new Sighting(content, before.since(), now)
                    : first);
    return now - sighting.since() >= patience.toNanos();
  }

  /** Removes a claim, whoever holds it. */
  void forget(Digest key) {
    store.delete(at(key));
  }

  private boolean takeOver(Digest key, Note own) {
    store.put(at(key), own.bytes());
    try {
      Thread.sleep(settling);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    return isOwn(store.read(at(key)), own);
  }

  private Optional<Ledger.Claim> held(
      Digest key, Note own, Duration patience, Supplier<Boolean> alive) {
    sightings.remove(key);
    Held held = new Held(key, own);
    Thread.ofPlatform()
        .daemon()
        .name("claim-" + key.brief())
        .start(() -> held.renew(patience.dividedBy(4), alive));
    return Optional.of(held);
  }

  private boolean isOwn(Optional<byte[]> found, Note own) {
    return found
        .flatMap(Claims::parse)
        .filter(note -> note.nonce().equals(own.nonce()))
        .isPresent();
  }

  private static Optional<Note> parse(byte[] found) {
    try {
      return Optional.of(Json.read("a claim", found, Note.class));
    } catch (Mistake damaged) {
      return Optional.empty();
    }
  }

  private static String at(Digest key) {
    return "claims/" + key.hex();
  }

  /** A claim that this process holds. */
  private final class Held implements Ledger.Claim {
    private final Digest key;
    private final CountDownLatch closed = new CountDownLatch(1);
    private Note note;

    Held(Digest key, Note note) {
      this.key = key;
      this.note = note;
    }

    void renew(Duration period, Supplier<Boolean> alive) {
      try {
        while (!closed.await(period.toNanos(), TimeUnit.NANOSECONDS)) {
          if (!alive.get() || !beat()) {
            return;
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /** False if the claim is lost or closed. A store out of reach is asked again later. */
    private synchronized boolean beat() {
      if (closed.getCount() == 0) {
        return false;
      }
      try {
        if (!isOwn(store.read(at(key)), note)) {
          return false;
        }
        note = note.next();
        store.put(at(key), note.bytes());
      } catch (Failure e) {
        LOG.debug("The claim on {} was not renewed", key, e);
      }
      return true;
    }

    /** A claim that cannot be removed is abandoned instead. */
    @Override
    public synchronized void close() {
      if (closed.getCount() == 0) {
        return;
      }
      closed.countDown();
      try {
        if (isOwn(store.read(at(key)), note)) {
          store.delete(at(key));
        }
      } catch (Failure e) {
        LOG.debug("The claim on {} was not released", key, e);
      }
    }
  }
}
