package dev.palimpsest.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Digest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Each {@link Claims} stands for a process; time is a number that the test moves. */
final class ClaimsTest {
  private static final AtomicLong STAGES = new AtomicLong();
  private static final Duration HOUR = Duration.ofHours(1);

  private final Digest key = Digest.of("stage " + STAGES.incrementAndGet());
  private final String at = "claims/" + key;
  private final Store store = new MemoryStore();
  private final AtomicLong nanos = new AtomicLong();
  private final Claims one = process(store);
  private final Claims two = process(store);

  @Test
  void anOwnersEarlierClaimIsThatOfADeadProcessAndTakenOverAtOnce() {
    assertThat(one.claim(key, "local-1", HOUR, () -> true)).isPresent();
    assertThat(two.claim(key, "local-2", HOUR, () -> true)).isEmpty();
    assertThat(two.claim(key, "local-1", HOUR, () -> true)).isPresent();
  }

  @Test
  void aHeldClaimKeepsOthersAwayUntilItIsClosed() {
    Ledger.Claim held = claim(one).orElseThrow();
    assertThat(text()).contains("\"owner\":\"worker ");
    assertThat(claim(two)).isEmpty();
    held.close();
    assertThat(store.stat(at)).isEmpty();
    try (Ledger.Claim next = claim(two).orElseThrow()) {
      assertThat(next).isNotNull();
    }
  }

  @Test
  void closingTwiceReleasesNobodyElse() {
    Ledger.Claim held = claim(one).orElseThrow();
    held.close();
    Ledger.Claim next = claim(two).orElseThrow();
    held.close();
    assertThat(store.stat(at)).isPresent();
    next.close();
  }

  @Test
  void amongManyClaimantsOneHolds() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(16);
    try {
      CountDownLatch start = new CountDownLatch(1);
      List<Future<Optional<Ledger.Claim>>> asked = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        Claims process = process(store);
        asked.add(
            threads.submit(() -> {
              start.await();
              return claim(process);
            }));
      }
      start.countDown();
      int holders = 0;
      for (Future<Optional<Ledger.Claim>> each : asked) {
        holders += each.get().isPresent() ? 1 : 0;
      }
      assertThat(holders).isEqualTo(1);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aClaimUnchangedForThePatienceIsTakenOver() {
    assertThat(claim(one)).isPresent();
    assertThat(claim(two)).as("seen for the first time").isEmpty();
    nanos.addAndGet(HOUR.toNanos() - 1);
    assertThat(claim(two)).as("not yet").isEmpty();
    nanos.addAndGet(1);
    assertThat(claim(two)).isPresent();
  }

  /** As after an outage of the store, in which no owner could renew. */
  @Test
  void aLookAfterLongWithoutOneStartsThePatienceAnew() {
    assertThat(claim(one)).isPresent();
    assertThat(claim(two)).isEmpty();
    nanos.addAndGet(HOUR.toNanos() + 1);
    assertThat(claim(two)).as("nobody looked in between").isEmpty();
    nanos.addAndGet(HOUR.toNanos());
    assertThat(claim(two)).isPresent();
  }

  @Test
  void aBeatStartsThePatienceAnew() {
    assertThat(claim(one)).isPresent();
    assertThat(claim(two)).isEmpty();
    nanos.addAndGet(HOUR.toNanos());
    store.put(at, text().replace("\"beat\":0", "\"beat\":1").getBytes(StandardCharsets.UTF_8));
    assertThat(claim(two)).isEmpty();
    nanos.addAndGet(HOUR.toNanos());
    assertThat(claim(two)).isPresent();
  }

  @Test
  void aNewHolderStartsThePatienceAnew() {
    Ledger.Claim held = claim(one).orElseThrow();
    assertThat(claim(two)).isEmpty();
    nanos.addAndGet(HOUR.toNanos());
    held.close();
    assertThat(claim(one)).isPresent();
    assertThat(claim(two)).isEmpty();
  }

  @Test
  void whoLostItsClaimDoesNotReleaseTheNewHolders() {
    Ledger.Claim stale = claim(one).orElseThrow();
    claim(two);
    nanos.addAndGet(HOUR.toNanos());
    assertThat(claim(two)).isPresent();
    String now = text();
    stale.close();
    assertThat(text()).isEqualTo(now);
  }

  @Test
  void ofTwoTakersTheLaterWritersClaimStands() {
    assertThat(claim(one)).isPresent();
    byte[] abandoned = store.read(at).orElseThrow();
    Queue<byte[]> readBefore = new ArrayDeque<>();
    Claims later =
        process(
            new ForwardingStore(store) {
              @Override
              public Optional<byte[]> read(String key) {
                return readBefore.isEmpty() ? super.read(key) : Optional.of(readBefore.remove());
              }
            });
    List<Optional<Ledger.Claim>> taken = new ArrayList<>();
    Claims earlier =
        process(
            new ForwardingStore(store) {
              @Override
              public void put(String key, byte[] value) {
                super.put(key, value);
                readBefore.add(abandoned);
                taken.add(claim(later));
              }
            });
    assertThat(claim(earlier)).isEmpty();
    assertThat(claim(later)).isEmpty();
    nanos.addAndGet(HOUR.toNanos());
    assertThat(claim(earlier)).as("who wrote first").isEmpty();
    assertThat(taken).hasSize(1).first().matches(Optional::isPresent, "who wrote last holds it");
  }

  @Test
  void aClaimIsRenewedWhileItsOwnerLives() throws InterruptedException {
    BlockingQueue<String> written = new ArrayBlockingQueue<>(100);
    Claims watched =
        process(
            new ForwardingStore(store) {
              @Override
              public void put(String key, byte[] value) {
                super.put(key, value);
                written.add(new String(value, StandardCharsets.UTF_8));
              }
            });
    Ledger.Claim held =
        watched.claim(key, "worker", Duration.ofMillis(4), () -> true).orElseThrow();
    for (int beat = 1; beat <= 3; beat++) {
      assertThat(written.poll(10, TimeUnit.SECONDS)).contains("\"beat\":" + beat + "}");
    }
    held.close();
    assertThat(store.stat(at)).isEmpty();
  }

  @Test
  void aClaimWhoseOwnerIsNoLongerAliveIsRenewedNoMore() throws InterruptedException {
    CountDownLatch asked = new CountDownLatch(1);
    Ledger.Claim held =
        one.claim(
                key,
                "worker",
                Duration.ofMillis(4),
                () -> {
                  asked.countDown();
                  return false;
                })
            .orElseThrow();
    assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
    awaitNoRenewal();
    assertThat(text()).contains("\"beat\":0");
    held.close();
  }

  @Test
  void aLostClaimIsNotWrittenAgain() throws InterruptedException {
    CountDownLatch taken = new CountDownLatch(1);
    Optional<Ledger.Claim> held =
        one.claim(
            key,
            "worker",
            Duration.ofMillis(4),
            () -> {
              try {
                return taken.await(10, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                return false;
              }
            });
    assertThat(held).isPresent();
    store.put(at, "{\"owner\":\"x\",\"nonce\":\"y\",\"beat\":7}".getBytes(StandardCharsets.UTF_8));
    taken.countDown();
    awaitNoRenewal();
    assertThat(text()).contains("\"nonce\":\"y\"");
  }

  @Test
  void anUnreadableClaimIsTakenOverInTheEnd() {
    store.put(at, new byte[] {1, 2, 3});
    assertThat(claim(one)).isEmpty();
    nanos.addAndGet(HOUR.toNanos());
    assertThat(claim(one)).isPresent();
  }

  @Test
  void anAnswerLostOnTheWayDoesNotLockTheClaimantOut() {
    Claims unlucky =
        process(
            new ForwardingStore(store) {
              @Override
              public boolean putIfAbsent(String key, byte[] value) {
                super.putIfAbsent(key, value);
                return false;
              }
            });
    assertThat(claim(unlucky)).isPresent();
  }

  private Claims process(Store through) {
    return new Claims(through, nanos::get, Duration.ofMillis(1));
  }

  private Optional<Ledger.Claim> claim(Claims process) {
    return process.claim(key, "worker " + System.identityHashCode(process), HOUR, () -> true);
  }

  private String text() {
    return new String(store.read(at).orElseThrow(), StandardCharsets.UTF_8);
  }

  private void awaitNoRenewal() throws InterruptedException {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("claim-" + key.brief())) {
        thread.join(10_000);
      }
    }
  }
}
