package dev.palimpsest.cli.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Digest;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.RunView.StageState;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stream of tasks on real processes: extended, and interrupted within a turn. */
final class StreamTest {
  private static final Path STUDY = Path.of("src/test/studies/stream");

  @TempDir static Path home;
  @TempDir Path elsewhere;

  private static LocalSystem system;
  private static Map<String, Digest> undisturbed;

  @BeforeAll
  static void learnTwoTasks() {
    system = LocalSystem.up(home, 1);
    undisturbed = system.digests(system.start(STUDY));
  }

  @AfterAll
  static void stop() {
    system.close();
  }

  @Test
  void aStreamThatIsExtendedComputesTheNewTasksOnly() {
    String longer = system.start(STUDY, "learn=3");
    Map<String, Digest> digests = system.digests(longer);
    var states = new TreeMap<String, StageState>();
    system.view(longer).stages().forEach(stage -> states.put(stage.task(), stage.state()));
    assertThat(states)
        .containsEntry("learn__2", StageState.CACHED)
        .containsEntry("consolidate__2", StageState.CACHED)
        .containsEntry("evaluate__2", StageState.CACHED)
        .containsEntry("learn__3", StageState.DONE)
        .containsEntry("evaluate__3", StageState.DONE)
        .containsEntry("summarise", StageState.DONE);
    assertThat(states.values().stream().filter(state -> state == StageState.DONE)).hasSize(4);
    assertThat(digests).containsEntry("evaluate__2/row", undisturbed.get("evaluate__2/row"));
  }

  @Test
  void aWorkerKilledWithinATurnIsReplacedAndTheStreamGoesOn() {
    try (var disturbed = LocalSystem.up(elsewhere, 1)) {
      String run = disturbed.start(STUDY);
      disturbed.await(run, view -> running(view, "learn__2"));
      long worker = disturbed.services().workerPids().getFirst();
      ProcessHandle.of(worker).orElseThrow().destroyForcibly();
      assertThat(disturbed.digests(run)).isEqualTo(undisturbed);
    }
  }

  private static boolean running(RunView view, String task) {
    return view.stage(task).filter(stage -> stage.state() == StageState.RUNNING).isPresent();
  }
}
