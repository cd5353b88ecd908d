package dev.palimpsest.cli.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Digest;
import dev.palimpsest.workflows.RunView;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small sequential-backdoor study on real processes, undisturbed and disturbed. */
final class StudyTest {
  private static final Path QUICKSTART = Path.of("../../examples/sbl-quickstart");

  /** The quickstart with fewer images and epochs; task 1 is long enough to be interrupted. */
  private static final String[] SMALL = {
    "parts.mixed=0.3",
    "joint.epochs=2",
    "task1.epochs=10",
    "fisher.samples=50",
    "task2.epochs=2",
    "defences.ft.epochs=2",
    "defences.ftSam.epochs=2"
  };

  @TempDir static Path home;
  @TempDir Path elsewhere;

  private static LocalSystem system;
  private static Map<String, Digest> undisturbed;

  @BeforeAll
  static void runUndisturbed() {
    system = LocalSystem.up(home, 2);
    undisturbed = system.digests(system.start(QUICKSTART, SMALL));
  }

  @AfterAll
  static void stop() {
    system.close();
  }

  @Test
  void aSecondRunComputesNothing() {
    String again = system.start(QUICKSTART, SMALL);
    assertThat(system.digests(again)).isEqualTo(undisturbed);
    assertThat(states(system, again).values()).containsOnly(RunView.StageState.CACHED);
  }

  @Test
  void aDefencesLearningRateRerunsThatDefenceAndWhatFollowsAndNothingElse() {
    String changed = system.start(QUICKSTART, with(SMALL, "defences.ft.lr=0.02"));
    system.digests(changed);
    var rerun = new TreeSet<String>();
    states(system, changed)
        .forEach((task, state) -> {
          if (state != RunView.StageState.CACHED) {
            rerun.add(task);
          }
        });
    assertThat(rerun)
        .containsExactly("joint_after_ft", "joint_ft", "sbl_after_ft", "sbl_ft", "summarise");
  }

  @Test
  void aKilledWorkerIsReplacedAndTheDigestsAreThoseOfAnUndisturbedRun() {
    try (var disturbed = LocalSystem.up(elsewhere, 1)) {
      String run = disturbed.start(QUICKSTART, SMALL);
      disturbed.await(run, trained("task1", 0.7));
      kill(disturbed.services().workerPids().getFirst());

      assertThat(disturbed.digests(run)).isEqualTo(undisturbed);
      assertThat(disturbed.runs().log(run))
          .anySatisfy(line -> {
            assertThat(line.task()).isEqualTo("task1");
            assertThat(line.text()).startsWith("goes on after step");
          });
      assertThat(states(disturbed, run).values()).containsOnly(RunView.StageState.DONE);
    }
  }

  @Test
  void aKilledConductorComesBackAndTheDigestsAreThoseOfAnUndisturbedRun() {
    try (var disturbed = LocalSystem.up(elsewhere, 2)) {
      String run = disturbed.start(QUICKSTART, SMALL);
      disturbed.await(run, trained("task1", 0.2));
      long former = disturbed.services().conductorPid();
      kill(former);

      assertThat(disturbed.digests(run)).isEqualTo(undisturbed);
      assertThat(disturbed.services().conductorPid()).isNotEqualTo(former);
      assertThat(states(disturbed, run).values()).containsOnly(RunView.StageState.DONE);
    }
  }

  private static Predicate<RunView> trained(String task, double share) {
    return view ->
        view.stage(task)
            .flatMap(RunView.StageView::progress)
            .filter(progress -> progress.done() >= share * progress.total())
            .isPresent();
  }

  private static void kill(long pid) {
    assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
  }

  private static String[] with(String[] settings, String further) {
    String[] all = Arrays.copyOf(settings, settings.length + 1);
    all[settings.length] = further;
    return all;
  }

  private static Map<String, RunView.StageState> states(LocalSystem system, String run) {
    var states = new TreeMap<String, RunView.StageState>();
    List<RunView.StageView> stages = system.runs().view(run).stages();
    stages.forEach(stage -> states.put(stage.task(), stage.state()));
    return states;
  }
}
