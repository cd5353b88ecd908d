package dev.palimpsest.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.storage.Store;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.Workers;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class AnnouncerTest {
  private static final Workers.Announcement WORKER =
      Facts.announcement("w1", Digest.of("c"), List.of(Lane.GPU, Lane.CPU), Numerics.PINNED_CPU);

  private final MemoryStore store = new MemoryStore();
  private final Workers workers = new Workers(store, Clock.systemUTC());

  /** A store whose puts do as they are told. */
  private record Putting(Store store, Runnable before, CountDownLatch puts) implements Store {
    @Override
    public void put(String key, byte[] value) {
      before.run();
      store.put(key, value);
      puts.countDown();
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
    public Optional<InputStream> open(String key, long offset) {
      return store.open(key, offset);
    }

    @Override
    public boolean putIfAbsent(String key, byte[] value) {
      return store.putIfAbsent(key, value);
    }

    @Override
    public void upload(String key, Path file) {
      store.upload(key, file);
    }

    @Override
    public void delete(String key) {
      store.delete(key);
    }

    @Override
    public List<Stat> list(String prefix) {
      return store.list(prefix);
    }

    @Override
    public String where() {
      return store.where();
    }

    @Override
    public void close() {}
  }

  private static Announcer announcer(Store store) {
    return new Announcer(new Workers(store, Clock.systemUTC()), WORKER);
  }

  @Test
  void aWorkerIsAnnouncedAgainAndAgainAndTakesItBackAtItsEnd() throws Exception {
    var puts = new CountDownLatch(3);
    Announcer announcer = announcer(new Putting(store, () -> {}, puts));
    announcer.begin(Duration.ofMillis(5));
    assertThat(puts.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(workers.living()).hasSize(1);
    assertThat(workers.living().getFirst().lanes()).containsExactly(Lane.CPU, Lane.GPU);

    announcer.close();
    announcer.close();
    assertThat(workers.announced()).isEmpty();
  }

  @Test
  void aStoreThatFailsIsAskedAgain() throws Exception {
    var failures = new CountDownLatch(2);
    var puts = new CountDownLatch(1);
    Runnable flaky =
        () -> {
          if (failures.getCount() > 0) {
            failures.countDown();
            throw new Failure("the store is away");
          }
        };
    try (Announcer announcer = announcer(new Putting(store, flaky, puts))) {
      announcer.begin(Duration.ofMillis(5));
      assertThat(puts.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(workers.living()).hasSize(1);
    }
  }

  @Test
  void aStoreThatHangsHoldsUpNeitherTheWorkerNorItsEnd() throws Exception {
    var hanging = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    Runnable hang =
        () -> {
          hanging.countDown();
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        };
    Announcer announcer = announcer(new Putting(store, hang, new CountDownLatch(1)));
    announcer.begin(Duration.ofMillis(5));
    assertThat(hanging.await(30, TimeUnit.SECONDS)).isTrue();
    announcer.close();
    release.countDown();
  }
}
