package dev.palimpsest.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildLogTest {
  @TempDir Path folder;

  @Test
  void twentyMegabytesOfWordsLeaveTwoFilesOfAtMostEightEach() throws Exception {
    Path file = folder.resolve("child.log");
    byte[] words = "0123456789abcde\n".repeat(20 << 16).getBytes(StandardCharsets.UTF_8);

    new ChildLog(file).drain(new ByteArrayInputStream(words));

    long limit = (8 << 20) + 8192;
    assertThat(Files.size(file)).isBetween(1L, limit);
    assertThat(Files.size(folder.resolve("child.log.1"))).isBetween(8L << 20, limit);
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(2);
    }
  }

  @Test
  void theLineThatNamesTheCauseIsFoundAmongStackFrames() {
    String log =
        """
        12 INFO Starting
        Exception in thread "main" java.lang.IllegalStateException: no luck
        \tat a.B.c(B.java:1)
        Caused by: java.io.IOException: No space left on device
        \tat a.B.d(B.java:2)
        \t... 6 more

        bye
        """;
    ChildLog child = new ChildLog(folder.resolve("child.log"));
    child.drain(new ByteArrayInputStream(log.getBytes(StandardCharsets.UTF_8)));

    assertThat(child.lastWords())
        .isEqualTo("Caused by: java.io.IOException: No space left on device");
  }

  @Test
  void aLogWithoutAnyErrorGivesItsLastLine() {
    ChildLog child = new ChildLog(folder.resolve("child.log"));
    child.drain(new ByteArrayInputStream("one\ntwo\n\n".getBytes(StandardCharsets.UTF_8)));

    assertThat(child.lastWords()).isEqualTo("two");
    assertThat(new ChildLog(folder.resolve("none")).lastWords()).isEmpty();
  }
}
