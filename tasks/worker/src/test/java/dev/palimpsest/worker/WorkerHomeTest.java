package dev.palimpsest.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WorkerHomeTest {
  @TempDir Path folder;

  @Test
  void aWorkerThatIsStartedAgainHasItsFormerFolderAndName() {
    String name;
    try (WorkerHome first = WorkerHome.free(folder)) {
      name = first.id();
      assertThat(first.id()).isEqualTo(name);
    }
    try (WorkerHome again = WorkerHome.free(folder)) {
      assertThat(again.folder()).isEqualTo(folder.resolve("1"));
      assertThat(again.id()).isEqualTo(name).matches("[A-Za-z0-9-]+-[0-9a-f]{8}");
    }
  }

  @Test
  void twoWorkersAtOnceHaveTwoFoldersAndTwoNames() {
    try (WorkerHome one = WorkerHome.free(folder);
        WorkerHome two = WorkerHome.free(folder)) {
      assertThat(two.folder()).isEqualTo(folder.resolve("2"));
      assertThat(two.id()).isNotEqualTo(one.id());
    }
  }

  @Test
  void aFolderInUseIsRefusedNamingItsProcess() {
    try (WorkerHome used = WorkerHome.at(folder, Duration.ZERO)) {
      assertThatThrownBy(() -> WorkerHome.at(used.folder(), Duration.ZERO))
          .isInstanceOf(Failure.class)
          .hasMessage(
              "The worker's folder %s is in use by process %d; end that process or name another"
                      .formatted(folder, ProcessHandle.current().pid())
                  + " folder with --state.");
    }
  }

  @Test
  void aFormerProcessIsGivenTimeToEnd() throws Exception {
    WorkerHome former = WorkerHome.at(folder, Duration.ZERO);
    Thread ending = Thread.ofPlatform().start(former::close);
    try (WorkerHome next = WorkerHome.at(folder, Duration.ofMinutes(1))) {
      assertThat(next.folder()).isEqualTo(folder);
    }
    ending.join();
  }

  @Test
  void whatAKilledProcessLeftInTheScratchFolderIsRemovedAndNothingElse() throws Exception {
    Files.createDirectories(folder.resolve("scratch/train-1"));
    Files.writeString(folder.resolve("scratch/train-1/checkpoint"), "half");
    Files.writeString(folder.resolve("scratch/state-1.safetensors"), "half");
    Files.writeString(folder.resolve("held-gpu.json"), "{}");
    try (WorkerHome home = WorkerHome.at(folder, Duration.ZERO)) {
      assertThat(home.scratch()).isEqualTo(folder.resolve("scratch")).isEmptyDirectory();
    }
    assertThat(folder.resolve("held-gpu.json")).exists();
  }
}
