package dev.palimpsest.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Digest;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class LeftoversTest {
  private static final String DONE = "progress/" + Digest.of("done") + "/000000000001-x";
  private static final String OPEN = "progress/" + Digest.of("open") + "/000000000001-x";
  private static final String CLAIM = "claims/" + Digest.of("open");

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final MemoryStore store = new MemoryStore(() -> now);

  private void sweepAfter(Duration time) {
    now = now.plus(time);
    Leftovers.sweep(store);
  }

  @Test
  void savedStateGoesWhenItsStageHasARecordOrAfterThirtyDays() {
    store.put("stages/" + Digest.of("done") + "/0", new byte[0]);
    store.put(DONE, new byte[0]);
    store.put(OPEN, new byte[0]);
    sweepAfter(Duration.ofMinutes(59));
    assertThat(store.stat(DONE)).isPresent();
    sweepAfter(Duration.ofMinutes(2));
    assertThat(store.stat(DONE)).isEmpty();
    sweepAfter(Duration.ofDays(29));
    assertThat(store.stat(OPEN)).isPresent();
    sweepAfter(Duration.ofDays(1));
    assertThat(store.stat(OPEN)).isEmpty();
  }

  @Test
  void aClaimGoesWhenItWasNotRenewedForAnHour() {
    store.put(CLAIM, new byte[] {1});
    sweepAfter(Duration.ofMinutes(40));
    store.put(CLAIM, new byte[] {2});
    sweepAfter(Duration.ofMinutes(40));
    assertThat(store.stat(CLAIM)).isPresent();
    sweepAfter(Duration.ofMinutes(40));
    assertThat(store.stat(CLAIM)).isEmpty();
  }
}
