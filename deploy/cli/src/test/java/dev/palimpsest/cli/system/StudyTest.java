package dev.palimpsest.cli.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Digest;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.TensorDifference;
import dev.palimpsest.tensors.Tensors;
import dev.palimpsest.workflows.OutputDifference;
import dev.palimpsest.workflows.Plan;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.Verification;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small sequential-backdoor study on real processes, undisturbed and disturbed. */
final class StudyTest {
  private static final Reference MISSING =
      new Reference("checkpoint", Digest.of("missing"), 0, List.of());

  private static final int STAGES = 17;

  @TempDir static Path home;
  @TempDir Path elsewhere;

  private static LocalSystem system;
  private static String first;
  private static Map<String, Digest> undisturbed;

  @BeforeAll
  static void runUndisturbed() {
    system = LocalSystem.up(home, 2);
    first = system.start(LocalSystem.QUICKSTART, LocalSystem.SMALL);
    undisturbed = system.digests(first);
  }

  @AfterAll
  static void stop() {
    system.close();
  }

  @Test
  void aSecondRunComputesNothing() {
    assertThat(system.plan(LocalSystem.QUICKSTART, LocalSystem.SMALL).tasks())
        .hasSize(17)
        .allMatch(task -> task.state() == Plan.State.CACHED);
    String again = system.start(LocalSystem.QUICKSTART, LocalSystem.SMALL);
    assertThat(system.digests(again)).isEqualTo(undisturbed);
    assertThat(states(system, again).values()).containsOnly(RunView.StageState.CACHED);
  }

  @Test
  void aDefencesLearningRateRerunsThatDefenceAndWhatFollowsAndNothingElse() {
    var planned = new TreeMap<Plan.State, Set<String>>();
    for (Plan.Planned task :
        system
            .plan(
                LocalSystem.QUICKSTART, LocalSystem.with(LocalSystem.SMALL, "defences.ft.lr=0.02"))
            .tasks()) {
      planned.computeIfAbsent(task.state(), state -> new TreeSet<>()).add(task.task());
    }
    String changed =
        system.start(
            LocalSystem.QUICKSTART, LocalSystem.with(LocalSystem.SMALL, "defences.ft.lr=0.02"));
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
    assertThat(planned.get(Plan.State.RUNS)).containsExactly("joint_ft", "sbl_ft");
    assertThat(planned.get(Plan.State.UNKNOWN))
        .containsExactly("joint_after_ft", "sbl_after_ft", "summarise");
  }

  @Test
  void aVerificationComputesEveryStageAgainAndTellsTheTensorThatIsNotTheSame() {
    String again = system.verify(first);
    assertThat(system.digests(again)).isEqualTo(undisturbed);
    assertThat(states(system, again).values()).containsOnly(RunView.StageState.DONE);
    Verification same = compared(again);
    assertThat(same.stages()).hasSize(STAGES);
    assertThat(same.differing()).isEmpty();

    // The first run as if one weight of one checkpoint had come out otherwise.
    RunJournal.StageEntry entry = system.journal().stage(first, "joint_ft").orElseThrow();
    Reference whole = entry.outputs().getOrDefault("checkpoint", MISSING);
    Tensors tensors = Safetensors.read(system.artifacts().fetch(whole), "checkpoint");
    String name = tensors.tensors().firstEntry().getKey();
    system.journal().write(first, with(entry, system.put("checkpoint", nudged(tensors, name))));
    Verification.Compared differs = compared(again).first().orElseThrow();
    system.journal().write(first, entry);
    assertThat(differs.task()).isEqualTo("joint_ft");
    assertThat(differs.outputs())
        .singleElement()
        .isInstanceOfSatisfying(
            OutputDifference.OfTensors.class,
            output ->
                assertThat(output.tensors())
                    .singleElement()
                    .isInstanceOfSatisfying(
                        TensorDifference.Elements.class,
                        tensor -> {
                          assertThat(tensor.name()).isEqualTo(name);
                          assertThat(tensor.differing()).isEqualTo(1);
                          assertThat(tensor.largest()).hasValueCloseTo(0.5, Offset.offset(1e-6));
                        }));
  }

  private static Verification compared(String again) {
    return Verification.of(
        first, again, Optional.empty(), system.journal(), system.ledger(), system.artifacts());
  }

  @Test
  void aKilledWorkerIsReplacedAndTheDigestsAreThoseOfAnUndisturbedRun() {
    try (var disturbed = LocalSystem.up(elsewhere, 1)) {
      String run = disturbed.start(LocalSystem.QUICKSTART, LocalSystem.SMALL);
      disturbed.await(run, trained("task1", 0.7));
      kill(disturbed.services().workerPids().getFirst());

      assertThat(disturbed.digests(run)).isEqualTo(undisturbed);
      assertThat(disturbed.runs().log(run))
          .anySatisfy(line -> {
            assertThat(line.task()).isEqualTo("task1");
            assertThat(line.text()).startsWith("goes on after step");
          });
      assertThat(Computations.of(elsewhere.resolve("workers")).stages()).isEqualTo(STAGES);
    }
  }

  @Test
  void aKilledConductorComesBackAndTheDigestsAreThoseOfAnUndisturbedRun() {
    try (var disturbed = LocalSystem.up(elsewhere, 2)) {
      String run = disturbed.start(LocalSystem.QUICKSTART, LocalSystem.SMALL);
      disturbed.await(run, trained("task1", 0.2));
      long former = disturbed.services().conductorPid();
      kill(former);

      assertThat(disturbed.digests(run)).isEqualTo(undisturbed);
      assertThat(disturbed.services().conductorPid()).isNotEqualTo(former);
      // No worker died, so each stage was computed in these folders, and once.
      var computed = Computations.of(elsewhere.resolve("workers"));
      assertThat(computed.stages()).isEqualTo(STAGES);
      assertThat(computed.unexplained(List.of())).isEmpty();
    }
  }

  /** Beyond its lease and its claim; another worker goes on from the state that it saved. */
  @Test
  void aPausedWorkersTaskIsAnothersAndWhatItPublishesWhenItWakesIsHarmless() throws Exception {
    try (var disturbed = LocalSystem.up(elsewhere, 2)) {
      disturbed.lease(Duration.ofSeconds(10));
      String run = disturbed.start(LocalSystem.QUICKSTART, LocalSystem.SMALL);
      RunView view = disturbed.await(run, trained("task1", 0.5));
      String sleeper = view.stage("task1").orElseThrow().worker().orElseThrow();
      long pid = disturbed.services().workerPids().get(sleeper.equals("local-1") ? 0 : 1);
      signal("STOP", pid);
      Map<String, Digest> digests;
      try {
        digests = disturbed.digests(run);
      } finally {
        signal("CONT", pid);
      }
      assertThat(digests).isEqualTo(undisturbed);
      assertThat(disturbed.runs().view(run).stage("task1").orElseThrow().worker())
          .isPresent()
          .isNotEqualTo(Optional.of(sleeper));

      // It has put the task away when it keeps no note of it any more.
      while (disturbed.holds(sleeper)) {
        Thread.sleep(100);
      }
      assertThat(disturbed.digests(run)).isEqualTo(undisturbed);
      assertThat(disturbed.store().list("progress/")).isEmpty();
      assertThat(disturbed.store().list("claims/")).isEmpty();
    }
  }

  private static void signal(String name, long pid) throws Exception {
    assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor())
        .isZero();
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

  /** The tensors with 0.5 added to the first element of one. */
  private static Tensors nudged(Tensors tensors, String name) {
    var nudged = new Tensors.Builder();
    tensors
        .tensors()
        .forEach((each, tensor) -> {
          if (!each.equals(name)) {
            nudged.put(each, tensor);
            return;
          }
          float[] values = tensor.floats();
          values[0] += 0.5f;
          nudged.put(each, Tensor.of(values, tensor.shape()));
        });
    tensors.metadata().forEach(nudged::text);
    return nudged.build();
  }

  private static RunJournal.StageEntry with(RunJournal.StageEntry entry, Reference checkpoint) {
    var outputs = new TreeMap<>(entry.outputs());
    outputs.put("checkpoint", checkpoint);
    return new RunJournal.StageEntry(
        entry.task(),
        entry.stage(),
        entry.key(),
        entry.generation(),
        entry.cached(),
        entry.seconds(),
        entry.attempts(),
        entry.worker(),
        entry.environment(),
        outputs,
        entry.finished());
  }

  private static Map<String, RunView.StageState> states(LocalSystem system, String run) {
    var states = new TreeMap<String, RunView.StageState>();
    List<RunView.StageView> stages = system.runs().view(run).stages();
    stages.forEach(stage -> states.put(stage.task(), stage.state()));
    return states;
  }
}
