package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.local.WorkerEnvironment;
import dev.palimpsest.tasks.Numerics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What the launcher and this build must agree on. */
final class LauncherTest {
  @Test
  void aWorkerStartedByHandComputesWithTheNumericsThatRunsAskForByDefault() throws IOException {
    String launcher = Files.readString(Path.of("../../palimpsest"));
    WorkerEnvironment.of(Numerics.PINNED_CPU)
        .forEach((name, value) ->
            assertThat(launcher).contains(name + "=${" + name + ":-" + value + "}"));
  }
}
