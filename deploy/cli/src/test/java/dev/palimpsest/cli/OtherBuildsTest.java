package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Digest;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.Workers;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class OtherBuildsTest {
  private final MemoryStore store = new MemoryStore();

  private void announce(String id, Digest catalogue) {
    new Workers(store, Clock.systemUTC())
        .announce(
            new Workers.Announcement(
                id,
                "0.1.0",
                Optional.of("c".repeat(40) + " (modified)"),
                catalogue,
                List.of(Lane.GPU),
                Numerics.PINNED_CPU,
                "lab-1",
                "2026-01-01T00:00:00Z",
                "2026-01-01T00:00:00Z"));
  }

  @Test
  void aWorkerOfAnotherBuildIsNamedWithItsCommit() {
    Catalogue own = Catalogue.load();
    announce("same", own.digest());
    announce("other", Digest.of("another catalogue"));
    assertThat(OtherBuilds.of(store, own))
        .containsExactly(
            "Worker other on lab-1 was built from other code (0.1.0, commit cccccccccccc"
                + " (modified)) than this command: what it computes has other keys. Restart it from"
                + " the same build.");
  }
}
