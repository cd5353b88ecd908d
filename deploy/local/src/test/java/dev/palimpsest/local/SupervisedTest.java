package dev.palimpsest.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisedTest {
  private static final BackOff QUICK =
      new BackOff(Duration.ofMillis(10), Duration.ofMillis(35), Duration.ofMinutes(1));
  private static final Map<String, String> PATH = Map.of("PATH", "/usr/bin:/bin");

  private record Death(int exitCode, String lastWords, Duration pause) {}

  private final BlockingQueue<Death> deaths = new LinkedBlockingQueue<>();
  private final BlockingQueue<Integer> births = new LinkedBlockingQueue<>();
  private final Listener listener =
      new Listener() {
        @Override
        public void died(String child, int exitCode, String lastWords, Duration pause) {
          deaths.add(new Death(exitCode, lastWords, pause));
        }

        @Override
        public void restarted(String child, int restarts) {
          births.add(restarts);
        }
      };

  @TempDir Path folder;
  private Path log;

  @BeforeEach
  void log() {
    log = folder.resolve("logs").resolve("child.log");
  }

  @Test
  void aChildThatDiesIsStartedAgainAfterPausesThatDouble() throws Exception {
    List<String> command = List.of("/bin/sh", "-c", "echo bad luck; exit 3");
    try (Supervised child = Supervised.start("child", command, PATH, log, QUICK, listener)) {
      for (int millis : List.of(10, 20, 35, 35)) {
        assertThat(deaths.poll(30, TimeUnit.SECONDS))
            .isEqualTo(new Death(3, "bad luck", Duration.ofMillis(millis)));
      }
      assertThat(births.poll(30, TimeUnit.SECONDS)).isEqualTo(1);
      assertThat(births.poll(30, TimeUnit.SECONDS)).isEqualTo(2);
      assertThat(child.restarts()).isGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void aLongLifeMakesThePauseShortAgain() {
    BackOff backOff = BackOff.STANDARD;
    Duration pause = Duration.ofSeconds(10);
    assertThat(backOff.next(pause, Duration.ofSeconds(59))).isEqualTo(Duration.ofSeconds(10));
    assertThat(backOff.next(pause, Duration.ofSeconds(60))).isEqualTo(Duration.ofMillis(200));
  }

  @Test
  void aKilledChildIsStartedAgainUnderANewProcess() throws Exception {
    try (Supervised child =
        Supervised.start("child", List.of("sleep", "100"), PATH, log, QUICK, listener)) {
      long killed = child.pid();
      ProcessHandle.of(killed).orElseThrow().destroyForcibly();

      assertThat(deaths.poll(30, TimeUnit.SECONDS).exitCode()).isEqualTo(128 + 9);
      assertThat(births.poll(30, TimeUnit.SECONDS)).isEqualTo(1);
      assertThat(child.pid()).isNotEqualTo(killed);
      assertThat(child.isAlive()).isTrue();
    }
  }

  @Test
  void closingEndsAChildThatHeedsNeitherPipeNorSignal() throws Exception {
    List<String> command =
        List.of("/bin/sh", "-c", "trap '' TERM; echo set; while :; do sleep 0.1; done");
    Supervised child = Supervised.start("child", command, PATH, log, QUICK, listener);
    awaitLog("set");
    ProcessHandle process = ProcessHandle.of(child.pid()).orElseThrow();

    child.close();

    process.onExit().get(30, TimeUnit.SECONDS);
    assertThat(deaths).isEmpty();
    assertThat(child.restarts()).isZero();
  }

  @Test
  void theTerminalsInterruptIsLeftToTheSupervisor() throws Exception {
    try (Supervised child =
        Supervised.start(
            "child",
            Children.guarded(Children.Sleeper.class),
            System.getenv(),
            log,
            QUICK,
            listener)) {
      awaitLog("asleep");
      ProcessHandle process = ProcessHandle.of(child.pid()).orElseThrow();
      for (String signal : List.of("-INT", "-HUP")) {
        assertThat(new ProcessBuilder("kill", signal, "" + child.pid()).start().waitFor()).isZero();
      }
      // A signal that is heeded ends the child: that it still ends by TERM comes after them.
      assertThat(process.isAlive()).isTrue();
      process.destroy();
      assertThat(deaths.poll(30, TimeUnit.SECONDS).exitCode()).isEqualTo(128 + 15);
    }
  }

  @Test
  void aChildSeesOnlyTheEnvironmentItIsGiven() throws Exception {
    Map<String, String> given = Map.of("PATH", "/usr/bin:/bin", "COLOUR", "green");
    try (Supervised child =
        Supervised.start(
            "child", List.of("/bin/sh", "-c", "env; exec sleep 9"), given, log, QUICK, listener)) {
      awaitLog("COLOUR=green");
      assertThat(Files.readString(log)).doesNotContain("HOME=");
      assertThat(child.name()).isEqualTo("child");
    }
  }

  private void awaitLog(String words) throws Exception {
    while (!Files.exists(log) || !Files.readString(log).contains(words)) {
      assertThat(deaths).isEmpty();
      Thread.sleep(10);
    }
  }
}
