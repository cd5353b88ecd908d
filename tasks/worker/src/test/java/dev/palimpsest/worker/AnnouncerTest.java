package dev.palimpsest.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.storage.ForwardingStore;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.storage.Store;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.Workers;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class AnnouncerTest {
  private static final Workers.Announcement WORKER =
      Facts.announcement("w1", Digest.of("c"), List.of(Lane.GPU, Lane.CPU), Numerics.PINNED_CPU);

  private final MemoryStore store = new MemoryStore();
  private final Workers workers = new Workers(store, Clock.systemUTC());

  /** A store that does something before each put, and counts them. */
  private static final class Putting extends ForwardingStore {
    private final Runnable before;
    private final CountDownLatch puts;

    Putting(Store store, Runnable before, CountDownLatch puts) {
      super(store);
      this.before = before;
      this.puts = puts;
    }

    @Override
    public void put(String key, byte[] value) {
      before.run();
      super.put(key, value);
      puts.countDown();
    }
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
