package dev.palimpsest.cli.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Digest;
import dev.palimpsest.workflows.RunView;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small sequential-backdoor study on real processes. */
final class StudyTest {
  private static final Path QUICKSTART = Path.of("../../examples/sbl-quickstart");

  /** The quickstart, a few epochs of it. */
  private static final String[] SMALL = {
    "joint.epochs=2",
    "task1.epochs=2",
    "fisher.samples=50",
    "task2.epochs=2",
    "defences.ft.epochs=2",
    "defences.ftSam.epochs=2"
  };

  @TempDir Path home;
  @TempDir Path other;

  @Test
  void aSecondRunComputesNothingAndAColdOneElsewhereGivesTheSameDigests() {
    Map<String, Digest> first;
    try (var system = LocalSystem.up(home, 2)) {
      first = system.digests(system.start(QUICKSTART, SMALL));
      assertThat(first).containsKey("summarise/table").hasSizeGreaterThan(20);

      String again = system.start(QUICKSTART, SMALL);
      assertThat(system.digests(again)).isEqualTo(first);
      assertThat(states(system, again)).containsOnly(RunView.StageState.CACHED);
    }
    try (var system = LocalSystem.up(other, 1)) {
      String elsewhere = system.start(QUICKSTART, SMALL);
      assertThat(system.digests(elsewhere)).isEqualTo(first);
      assertThat(states(system, elsewhere)).doesNotContain(RunView.StageState.CACHED);
    }
  }

  private static List<RunView.StageState> states(LocalSystem system, String run) {
    return system.runs().view(run).stages().stream().map(RunView.StageView::state).toList();
  }
}
