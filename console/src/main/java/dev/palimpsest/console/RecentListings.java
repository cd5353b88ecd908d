package dev.palimpsest.console;

import dev.palimpsest.base.Failure;
import dev.palimpsest.storage.Store;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A store that is asked for one listing, that of the runs, beside the pages and not by each of
 * them: a store looks at every object of it, and a thousand runs take longer than a page may.
 *
 * <p>While somebody asks, the listing is renewed every two seconds, or as often as takes a fifth of
 * the time. What is written through this store is seen at once, what others write after that.
 */
public final class RecentListings implements Store {
  private static final Duration PAUSE = Duration.ofSeconds(2);
  private static final int PAUSES_A_LISTING = 4;
  private static final Duration UNUSED = Duration.ofSeconds(10);

  private final Store store;
  private final String prefix;
  private final ReentrantLock asking = new ReentrantLock();

  /** Empty until asked for, and after a change. */
  private volatile @Nullable List<Stat> recent;

  private volatile long asked;
  private long changes;
  private boolean renewing;

  /**
   * @param store closed with this
   * @param prefix whose listing is kept
   */
  public RecentListings(Store store, String prefix) {
    this.store = store;
    this.prefix = prefix;
  }

  @Override
  public List<Stat> list(String given) {
    if (!given.equals(prefix)) {
      return store.list(given);
    }
    asked = System.nanoTime();
    List<Stat> kept = recent;
    if (kept != null) {
      return kept;
    }
    asking.lock();
    try {
      kept = recent;
      if (kept != null) {
        return kept;
      }
      List<Stat> listed = renewed();
      if (!renewing) {
        renewing = true;
        Thread.ofPlatform().daemon().name("recent-listings").start(this::keepRecent);
      }
      return listed;
    } finally {
      asking.unlock();
    }
  }

  /** Asks anew; not kept if something was changed meanwhile. */
  private List<Stat> renewed() {
    long before = changes();
    List<Stat> listed = List.copyOf(store.list(prefix));
    keep(listed, before);
    return listed;
  }

  private synchronized long changes() {
    return changes;
  }

  private synchronized void keep(List<Stat> listed, long before) {
    recent = before == changes ? listed : null;
  }

  private synchronized void forget() {
    changes++;
    recent = null;
  }

  private void keepRecent() {
    Duration pause = PAUSE;
    boolean goesOn = true;
    while (goesOn) {
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        throw new IllegalStateException("nothing interrupts this thread", e);
      }
      asking.lock();
      boolean used = System.nanoTime() - asked < UNUSED.toNanos();
      goesOn = false;
      try {
        long began = System.nanoTime();
        if (used) {
          renewed();
          goesOn = true;
        }
        Duration took = Duration.ofNanos(System.nanoTime() - began).multipliedBy(PAUSES_A_LISTING);
        pause = took.compareTo(PAUSE) > 0 ? took : PAUSE;
      } catch (Failure e) {
        // Who asks next is told.
      } finally {
        if (!goesOn) {
          forget();
          renewing = false;
        }
        asking.unlock();
      }
    }
  }

  private void changed(String key) {
    if (key.startsWith(prefix)) {
      forget();
    }
  }

  @Override
  public void put(String key, byte[] value) {
    try {
      store.put(key, value);
    } finally {
      changed(key);
    }
  }

  @Override
  public boolean putIfAbsent(String key, byte[] value) {
    try {
      return store.putIfAbsent(key, value);
    } finally {
      changed(key);
    }
  }

  @Override
  public void upload(String key, Path file) {
    try {
      store.upload(key, file);
    } finally {
      changed(key);
    }
  }

  @Override
  public void delete(String key) {
    try {
      store.delete(key);
    } finally {
      changed(key);
    }
  }

  @Override
  public Optional<Stat> stat(String key) {
    return store.stat(key);
  }

  @Override
  public Optional<byte[]> read(String key) {
    return store.read(key);
  }

  @Override
  public Optional<byte[]> read(String key, long offset, int length) {
    return store.read(key, offset, length);
  }

  @Override
  public Optional<InputStream> open(String key, long offset) {
    return store.open(key, offset);
  }

  @Override
  public String where() {
    return store.where();
  }

  @Override
  public void close() {
    store.close();
  }
}
