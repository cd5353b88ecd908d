package dev.palimpsest.cli;

import static dev.palimpsest.cli.Views.failed;
import static dev.palimpsest.cli.Views.running;
import static dev.palimpsest.cli.Views.stage;
import static dev.palimpsest.cli.Views.training;
import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.RunView.StageState;
import dev.palimpsest.workflows.RunView.StageView;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class LiveScreenTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private double seconds;
  private Terminal terminal = new Terminal(true, false, 80, 24);

  private LiveScreen screen() {
    return new LiveScreen(
        new PrintStream(written, true, StandardCharsets.UTF_8),
        () -> terminal,
        () -> (long) (seconds * 1e9));
  }

  /** What a terminal shows after all that was written: it knows up, clear line, clear below. */
  private List<String> shown() {
    var lines = new ArrayList<>(List.of(""));
    int at = 0;
    String text = written.toString(StandardCharsets.UTF_8);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        at++;
        if (at == lines.size()) {
          lines.add("");
        }
      } else if (c == '\u001b') {
        int end = i + 2;
        while (!Character.isLetter(text.charAt(end))) {
          end++;
        }
        String argument = text.substring(i + 2, end);
        switch (text.charAt(end)) {
          case 'A' -> at -= Integer.parseInt(argument);
          case 'K' -> lines.set(at, "");
          case 'J' -> {
            lines.subList(at, lines.size()).clear();
            lines.add("");
          }
          default -> assertThat(argument).startsWith("?25");
        }
        i = end;
      } else if (c != '\r') {
        lines.set(at, lines.get(at) + c);
      }
    }
    return lines.subList(0, lines.size() - 1);
  }

  @Test
  void eachStageIsOneLineInTheDefinitionsOrder() {
    LiveScreen screen = screen();
    screen.show(running(training("joint", 1, 60, "epoch 6/20", 20, 0.5)));
    seconds = 1;
    screen.show(
        running(
            stage("prepare", StageState.CACHED, 0),
            stage("poison", StageState.DONE, 0.42),
            training("joint", 2, 100, "epoch 10/20", 60, 0.4125),
            stage("task1", StageState.QUEUED, 0),
            stage("task2", StageState.WAITING, 0),
            failed("fisher", "The loss is not finite.")));

    assertThat(shown())
        .containsExactly(
            " ✓ prepare  cached",
            " ✓ poison   0.4 s",
            " ● joint    ━━━━━━──────   50 %  epoch 10/20  acc 81.3 %  ASR 99.0 %  attempt 2",
            " ○ task1    waits for a worker",
            " · task2",
            " ✗ fisher   The loss is not finite.");
  }

  @Test
  void theTimeLeftFollowsFromTheStepsSinceItWasFirstSeen() {
    LiveScreen screen = screen();
    screen.show(running(training("joint", 1, 60, "epoch 6/20", 20, 0.5)));
    seconds = 30;
    screen.show(running(training("joint", 1, 100, "epoch 10/20", 50, 0.4125)));

    assertThat(shown())
        .containsExactly(
            " ● joint  ━━━━━━──────   50 %  epoch 10/20  acc 81.3 %  ASR 99.0 %  1:15 left");
  }

  @Test
  void noLineIsWiderThanTheTerminal() {
    StageView[] stages = {
      training("a-task-with-a-very-long-name-indeed", 3, 100, "epoch 10/20", 60, 0.4125),
      failed("other", "A long sentence. ".repeat(20)),
    };
    for (int columns : new int[] {40, 60, 80, 120, 200}) {
      terminal = new Terminal(true, false, columns, 24);
      written.reset();
      screen().show(running(stages));
      assertThat(shown()).allSatisfy(line -> assertThat(line.length()).isLessThan(columns));
      assertThat(shown().getFirst()).contains("50 %");
    }
  }

  @Test
  void whatIsSaidStandsAboveTheStages() {
    LiveScreen screen = screen();
    screen.show(running(stage("prepare", StageState.RUNNING, 0)));
    screen.say("The worker local-1 runs again.");
    seconds = 1;
    screen.show(running(stage("prepare", StageState.DONE, 3)));

    assertThat(shown()).containsExactly("The worker local-1 runs again.", " ✓ prepare  3.0 s");
  }

  @Test
  void whatWasAwaitedMakesRoomForTheStages() {
    LiveScreen screen = screen();
    screen.awaiting("Conductor", 7.9);
    assertThat(shown()).containsExactly(" … Conductor, 7.0 s");
    seconds = 1;
    screen.show(running(stage("prepare", StageState.DONE, 3)));
    assertThat(shown()).containsExactly(" ✓ prepare  3.0 s");
  }

  @Test
  void itDrawsAtMostFiveTimesASecondButTheEndAlways() {
    LiveScreen screen = screen();
    int before = written.size();
    for (int i = 0; i < 100; i++) {
      seconds = i / 100.0;
      screen.show(running(training("joint", 1, i, "epoch", i, 0.5)));
    }
    String drawn = written.toString(StandardCharsets.UTF_8).substring(before);
    assertThat(drawn.split("\n", -1).length - 1).isBetween(4, 5);
    screen.show(Views.run(RunView.State.COMPLETED, stage("joint", StageState.DONE, 3)));
    assertThat(shown()).containsExactly(" ✓ joint  3.0 s");
  }

  @Test
  void afterCtrlCWhatRanIsShownAsCancelled() {
    LiveScreen screen = screen();
    screen.show(
        running(
            stage("prepare", StageState.DONE, 3),
            training("joint", 1, 10, "epoch 1/20", 5, 0.5),
            stage("compare", StageState.WAITING, 0)));
    screen.cancelled();
    assertThat(shown()).containsExactly(" ✓ prepare  3.0 s", " – joint    cancelled", " · compare");
  }

  @Test
  void theCursorIsGivenBack() {
    LiveScreen screen = screen();
    screen.close();
    assertThat(written.toString(StandardCharsets.UTF_8)).isEqualTo("\u001b[?25l\u001b[?25h");
  }

  @Test
  void onALowScreenTheRunningStagesStay() {
    terminal = new Terminal(true, false, 80, 8);
    StageView[] stages =
        IntStream.range(0, 20)
            .mapToObj(i ->
                i < 9
                    ? stage("s" + i, StageState.DONE, 1)
                    : i < 11
                        ? training("s" + i, 1, 10, "epoch 1/20", 5, 0.5)
                        : stage("s" + i, StageState.WAITING, 0))
            .toArray(StageView[]::new);
    screen().show(running(stages));

    assertThat(shown()).hasSize(6);
    assertThat(shown().getFirst()).startsWith(" ● s9");
    assertThat(shown().get(1)).startsWith(" ● s10");
    assertThat(shown().getLast()).isEqualTo(" … 6 waiting, 9 done");
  }

  @Test
  void coloursAreThereOnlyWhereTheyAreWanted() {
    screen().show(running(stage("prepare", StageState.DONE, 3)));
    assertThat(written.toString(StandardCharsets.UTF_8)).doesNotContain("\u001b[32m");
    terminal = new Terminal(true, true, 80, 24);
    written.reset();
    screen().show(running(stage("prepare", StageState.DONE, 3)));
    assertThat(written.toString(StandardCharsets.UTF_8)).contains("\u001b[32m✓\u001b[0m");
    assertThat(Arrays.asList(Terminal.PLAIN.colour(), Terminal.PLAIN.live())).containsOnly(false);
  }
}
