package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ServiceWordsTest {
  @Test
  void aProcessThatASignalEndedIsNotQuoted() {
    assertThat(ServiceWords.cause(137, "Number of threads is 1")).isEqualTo("signal 9");
  }

  @Test
  void aProcessThatEndedByItselfIsQuoted() {
    assertThat(ServiceWords.cause(1, "No space left on device"))
        .isEqualTo("exit code 1: No space left on device");
    assertThat(ServiceWords.cause(1, " ")).isEqualTo("exit code 1");
  }
}
