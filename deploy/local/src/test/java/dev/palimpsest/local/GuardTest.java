package dev.palimpsest.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuardTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"sleep", "hang"})
  void aChildEndsWhenItsParentIsKilledEvenIfItsHooksHang(String manner) throws Exception {
    Process parent =
        Children.start(Children.Parent.class, folder.resolve("child.log").toString(), manner);
    ProcessHandle child = ProcessHandle.of(Long.parseLong(firstLine(parent))).orElseThrow();
    assertThat(child.isAlive()).isTrue();

    parent.destroyForcibly().waitFor();

    child.onExit().get(30, TimeUnit.SECONDS);
    assertThat(child.isAlive()).isFalse();
  }

  static String firstLine(Process process) throws Exception {
    try (BufferedReader out = process.inputReader()) {
      return out.readLine();
    }
  }

  @Test
  void theExceptionOfTheGuardedProgramIsItsOwn() throws Exception {
    Path log = folder.resolve("log");
    Process child =
        new ProcessBuilder(Children.guarded(Children.Holder.class, folder + "/missing"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();

    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();

    assertThat(child.exitValue()).isEqualTo(1);
    assertThat(new ChildLog(log).lastWords()).contains("NoSuchFileException");
  }
}
