package dev.palimpsest.cli;

import static dev.palimpsest.cli.Views.failed;
import static dev.palimpsest.cli.Views.running;
import static dev.palimpsest.cli.Views.stage;
import static dev.palimpsest.cli.Views.training;
import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.RunView.StageState;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class PlainScreenTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private double seconds;
  private final PlainScreen screen = screen(true);

  private PlainScreen screen(boolean progress) {
    return new PlainScreen(
        new PrintStream(written, true, StandardCharsets.UTF_8),
        () -> (long) (seconds * 1e9),
        progress);
  }

  private String text() {
    return written.toString(StandardCharsets.UTF_8);
  }

  private void at(double when, RunView view) {
    seconds = when;
    screen.show(view);
  }

  @Test
  void aRunIsToldInOneLineForEachThingThatHappens() {
    at(0, running(stage("prepare", StageState.RUNNING, 0), stage("joint", StageState.WAITING, 0)));
    at(0.5, running(stage("prepare", StageState.DONE, 0.4), stage("joint", StageState.QUEUED, 0)));
    at(1, running(stage("prepare", StageState.DONE, 0.4), training("joint", 1, 0, "", 0, 2)));
    at(2.5, running(stage("prepare", StageState.DONE, 0.4), training("joint", 1, 2, "", 1, 2)));
    at(
        14,
        running(
            stage("prepare", StageState.DONE, 0.4),
            training("joint", 1, 30, "epoch 3/20", 13, 0.5)));
    at(
        15,
        running(
            stage("prepare", StageState.DONE, 0.4),
            training("joint", 1, 32, "epoch 4/20", 14, 0.5)));
    at(60, running(stage("prepare", StageState.DONE, 0.4), stage("joint", StageState.CACHED, 0)));

    assertThat(text())
        .isEqualTo(
            """
            [0:00] prepare  done in 0.4 s
            [0:02] joint    started
            [0:14] joint    epoch 3/20, 15 %, loss 0.500, accuracy 81.3 %, ASR 99.0 %, 1:14 left
            [1:00] joint    cached
            """);
  }

  @Test
  void whatStaysTheSameIsNotRepeated() {
    for (int i = 0; i < 100; i++) {
      at(i, running(training("joint", 1, 30, "epoch 3/20", 13, 0.5)));
    }
    assertThat(text()).hasLineCount(1);
  }

  @Test
  void slowProgressIsToldEveryFifteenSeconds() {
    for (int i = 0; i <= 60; i++) {
      at(i, running(training("joint", 1, i / 10, "epoch 1/20", i, 0.5)));
    }
    // The start, and after 16, 31 and 46 seconds or a little later, once something is new.
    assertThat(text().lines().filter(line -> line.contains("%"))).hasSize(3);
  }

  @Test
  void anotherAttemptIsTold() {
    at(0, running(training("joint", 1, 0, "", 0, 2)));
    at(2, running(training("joint", 1, 10, "", 2, 2)));
    at(3, running(training("joint", 2, 10, "", 0, 2)));
    at(5, running(training("joint", 2, 11, "", 2, 2)));

    assertThat(text())
        .isEqualTo(
            """
            [0:02] joint  started
            [0:05] joint  started again, attempt 2
            """);
  }

  @Test
  void aFailureIsToldWithItsSentence() {
    at(3, running(failed("joint", "The loss is not finite.")));
    assertThat(text()).isEqualTo("[0:03] joint  failed: The loss is not finite.\n");
  }

  @Test
  void withoutProgressOnlyStartsAndEndsAreTold() {
    PlainScreen quiet = screen(false);
    for (int i = 0; i < 100; i++) {
      seconds = i;
      quiet.show(running(training("joint", 1, i, "epoch", i, 0.5)));
    }
    assertThat(text()).isEqualTo("[0:01] joint  started\n");
  }

  @Test
  void whatIsAwaitedIsToldEveryFifteenSeconds() {
    for (int i = 0; i < 40; i++) {
      screen.awaiting("Conductor", i);
    }
    assertThat(text())
        .isEqualTo("Waiting for Conductor since 15 s.\nWaiting for Conductor since 30 s.\n");
  }
}
