package dev.palimpsest.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Failure;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConductorInstallTest {
  @TempDir Path folder;

  @Test
  void twoProcessesThatPrepareAtOnceUnpackOnceAndBothHaveTheArchive() throws Exception {
    Path left = Files.createDirectories(folder.resolve("conductor-3.32.3/tmp-server"));
    Files.writeString(left.resolve("half"), "what a killed preparation left");
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      processes.add(Children.start(Children.Preparer.class, folder.toString()));
    }
    List<String> words = new ArrayList<>();
    for (Process process : processes) {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(said).isZero();
      words.addAll(said.lines().toList());
    }

    assertThat(words).filteredOn(line -> line.startsWith("Unpacking Conductor")).hasSize(1);
    assertThat(words).filteredOn(line -> line.equals("archive true")).hasSize(2);
    assertThat(left.resolve("half")).doesNotExist();
  }

  @Test
  void aMissingJarIsAFailureThatNamesIt() {
    Path missing = folder.resolve("conductor-server.jar");
    assertThatThrownBy(() -> ConductorInstall.prepare(missing, folder, Listener.SILENT))
        .isInstanceOf(Failure.class)
        .hasMessageContaining(missing.toString())
        .hasMessageContaining("build the project again");
  }
}
