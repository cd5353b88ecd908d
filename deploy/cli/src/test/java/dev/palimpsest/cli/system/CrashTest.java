package dev.palimpsest.cli.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.cli.system.Computations.Begun;
import dev.palimpsest.cli.system.Crashes.Killed;
import dev.palimpsest.cli.system.Crashes.Victim;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills at random instants; {@code bench/crashes} does more of them by hand. */
final class CrashTest {
  private static final long SEED = Long.getLong("palimpsest.crashes.seed", 1);
  private static final int KILLS = 20;
  private static final LocalDateTime NOON = LocalDateTime.of(2026, 1, 1, 12, 0);

  @TempDir Path folder;

  @Test
  void twentyKillsLoseNothingAndTheDigestsAreThoseOfAnUndisturbedRun() {
    try {
      check(Crashes.of(SEED, KILLS, folder));
    } catch (AssertionError e) {
      System.out.println(Standstill.tails(folder));
      throw e;
    }
  }

  private static void check(Crashes.Outcome outcome) {
    assertThat(outcome.faults())
        .as("seed %d; repeat with bench/crashes %d %d", SEED, SEED, KILLS)
        .isEmpty();
    assertThat(outcome.kills()).hasSize(KILLS);
    assertThat(outcome.computations()).isGreaterThanOrEqualTo((int) outcome.stages());
  }

  @Test
  void theScheduleIsAFunctionOfTheSeedAndHoldsEveryVictim() {
    assertThat(Crashes.schedule(1, 40)).isEqualTo(Crashes.schedule(1, 40));
    assertThat(Crashes.schedule(1, 40)).isNotEqualTo(Crashes.schedule(2, 40));
    assertThat(Crashes.schedule(1, 40))
        .startsWith(Crashes.schedule(1, 20).toArray(Crashes.Kill[]::new));
    assertThat(Crashes.schedule(1, KILLS).stream().map(Crashes.Kill::victim))
        .contains(Victim.values());
  }

  @Test
  void aSecondComputationIsExplainedByTheDeathOfTheFirstAndByNothingElse() {
    var twice = new Computations(List.of(begun("local-2", 10), begun("local-1", 0)));
    assertThat(twice.stages()).isEqualTo(1);
    assertThat(twice.unexplained(List.of()))
        .containsExactly(
            "stage train was computed by local-1 at 2026-01-01T12:00 and again by local-2 at"
                + " 2026-01-01T12:00:10, and nothing was killed for it");
    assertThat(twice.unexplained(List.of(killed(Victim.WORKER_1, 5)))).isEmpty();
    assertThat(twice.unexplained(List.of(killed(Victim.SUPERVISOR, 5)))).isEmpty();
    assertThat(twice.unexplained(List.of(killed(Victim.WORKER_1, -1)))).hasSize(1);
    assertThat(twice.unexplained(List.of(killed(Victim.WORKER_1, 11)))).hasSize(1);
    assertThat(twice.unexplained(List.of(killed(Victim.WORKER_2, 5)))).hasSize(1);
    assertThat(twice.unexplained(List.of(killed(Victim.CONDUCTOR, 5)))).hasSize(1);
  }

  private static Begun begun(String worker, int second) {
    return new Begun(NOON.plusSeconds(second), worker, "train", "aa");
  }

  private static Killed killed(Victim victim, int second) {
    return new Killed(victim, NOON.plusSeconds(second));
  }
}
