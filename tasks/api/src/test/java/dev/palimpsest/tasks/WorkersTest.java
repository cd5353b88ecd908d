package dev.palimpsest.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Digest;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.tasks.Workers.Announcement;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WorkersTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private final MemoryStore store = new MemoryStore();

  private Workers after(Duration since) {
    return new Workers(store, Clock.fixed(NOON.plus(since), ZoneOffset.UTC));
  }

  private static Announcement worker(String id, Lane... lanes) {
    return new Announcement(
        id,
        "0.1.0",
        Optional.of("abc"),
        Digest.of("catalogue"),
        List.of(lanes),
        Numerics.PINNED_CPU,
        "lab-1",
        "2026-01-01T00:00:00Z",
        NOON.toString());
  }

  @Test
  void aWorkerThatAnnouncesItselfServesItsLanesUntilItIsRemoved() {
    after(Duration.ZERO).announce(worker("w2", Lane.GPU));
    assertThat(after(Duration.ZERO).lanes()).containsExactly(Lane.GPU);
    after(Duration.ZERO).announce(worker("w1", Lane.GPU, Lane.CPU));
    assertThat(after(Duration.ZERO).living())
        .extracting(Announcement::id)
        .containsExactly("w1", "w2");
    assertThat(after(Duration.ZERO).lanes()).containsExactly(Lane.CPU, Lane.GPU);

    after(Duration.ZERO).remove("w1");
    assertThat(after(Duration.ZERO).living()).containsExactly(worker("w2", Lane.GPU));
  }

  @Test
  void aWorkerThatIsSilentForThreeMinutesIsPassedOverAndAfterAnHourSwept() {
    after(Duration.ZERO).announce(worker("w1", Lane.CPU));
    after(Duration.ofMinutes(3)).sweep();
    assertThat(after(Duration.ofMinutes(3)).living()).hasSize(1);
    assertThat(after(Duration.ofSeconds(181)).living()).isEmpty();
    assertThat(after(Duration.ofSeconds(181)).announced()).hasSize(1);

    after(Duration.ofMinutes(61)).sweep();
    assertThat(store.list("workers/")).isEmpty();
  }

  @Test
  void aBeatIsOfTheMomentWhenItIsWritten() {
    after(Duration.ofMinutes(10)).announce(worker("w1", Lane.CPU));
    Announcement read = after(Duration.ofMinutes(12)).living().getFirst();
    assertThat(read.silent(NOON.plus(Duration.ofMinutes(12)))).isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void whatAnotherBuildWroteIsPassedOverAndSwept() {
    store.put("workers/old.json", "{\"id\":\"old\"}".getBytes(StandardCharsets.UTF_8));
    after(Duration.ZERO).announce(worker("w1", Lane.CPU));
    assertThat(after(Duration.ZERO).living()).hasSize(1);
    after(Duration.ZERO).sweep();
    assertThat(store.list("workers/")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"_", "../../runs", "Rechner 1", "é", "w-0bd2e2a6-6f0e-4f5c-8c39-3d4f7a1f5a10"})
  void anyNameCanBeAnnounced(String id) {
    after(Duration.ZERO).announce(worker(id, Lane.CPU));
    assertThat(after(Duration.ZERO).living()).extracting(Announcement::id).containsExactly(id);
    after(Duration.ZERO).remove(id);
    assertThat(after(Duration.ZERO).living()).isEmpty();
  }
}
