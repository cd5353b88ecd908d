package dev.palimpsest.cli;

import static dev.palimpsest.cli.Views.running;
import static dev.palimpsest.cli.Views.stage;
import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.RunView.StageState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class StallWatchTest {
  private static final String REMEDY = "palimpsest worker --conductor C --s3 S";

  private long now;
  private Optional<Long> lastPoll = Optional.empty();
  private List<String> unserved = List.of();

  private List<String> watch(RunView view, int seconds) {
    var watch =
        new StallWatch(
            new StallWatch.Questions() {
              @Override
              public Optional<Long> lastPoll(String stage) {
                assertThat(stage).isEqualTo("train");
                return lastPoll;
              }

              @Override
              public List<String> unserved() {
                return unserved;
              }
            },
            () -> REMEDY);
    var lines = new ArrayList<String>();
    for (int i = 0; i < 2 * seconds; i++) {
      now += 500;
      lines.addAll(watch.look(view, now));
    }
    return lines;
  }

  @Test
  void aStageThatNoWorkerAsksForIsNamedOnceWithTheRemedy() {
    RunView view =
        running(stage("joint", StageState.QUEUED, 0), stage("task1", StageState.QUEUED, 0));
    assertThat(watch(view, 9)).isEmpty();
    assertThat(watch(view, 120))
        .containsExactly(
            "Task 'joint' waits: no worker serves lane gpu (nobody asked for stage 'train' in the"
                + " last 30 s). Start one with: "
                + REMEDY);
  }

  @Test
  void aStageThatWaitsForABusyWorkerIsNotNamed() {
    lastPoll = Optional.of(10_000L);
    assertThat(watch(running(stage("joint", StageState.QUEUED, 0)), 35)).isEmpty();
  }

  @Test
  void aRunThatStandsStillNamesTheStagesThatNobodyRegistered() {
    unserved = List.of("train", "fisher");
    RunView view = running(stage("joint", StageState.WAITING, 0));
    assertThat(watch(view, 29)).isEmpty();
    assertThat(watch(view, 120))
        .containsExactly(
            "The run waits: no worker ever registered the stages 'train', 'fisher' with this"
                + " Conductor. Start one with: "
                + REMEDY);
  }

  @Test
  void aRunningStageIsNoStall() {
    unserved = List.of("train");
    assertThat(watch(running(stage("joint", StageState.RUNNING, 0)), 120)).isEmpty();
  }
}
