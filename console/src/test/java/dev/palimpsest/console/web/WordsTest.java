package dev.palimpsest.console.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class WordsTest {
  private static final Instant NOW = Instant.parse("2026-03-20T12:00:00Z");

  @Test
  void sizesAreInDecimalUnits() {
    assertThat(Words.size(999)).isEqualTo("999 B");
    assertThat(Words.size(5_449)).isEqualTo("5.4 kB");
    assertThat(Words.size(999_499)).isEqualTo("999 kB");
    assertThat(Words.size(999_500)).isEqualTo("1.0 MB");
    assertThat(Words.size(12_345_678_901L)).isEqualTo("12 GB");
  }

  @Test
  void durationsShowWhatMatters() {
    assertThat(Words.duration(0.84)).isEqualTo("0.8 s");
    assertThat(Words.duration(59.4)).isEqualTo("59 s");
    assertThat(Words.duration(252)).isEqualTo("4 min 12 s");
    assertThat(Words.duration(3_780)).isEqualTo("1 h 03 min");
  }

  @Test
  void countsHaveTheirNoun() {
    assertThat(Words.count(1, "stage")).isEqualTo("1 stage");
    assertThat(Words.count(0, "run")).isEqualTo("0 runs");
    assertThat(Words.count(12_000, "sample")).isEqualTo("12,000 samples");
  }

  @Test
  void timesAreToldAsPeopleTellThem() {
    assertThat(ago(Duration.ofSeconds(-5))).isEqualTo("just now");
    assertThat(ago(Duration.ofSeconds(9))).isEqualTo("just now");
    assertThat(ago(Duration.ofSeconds(10))).isEqualTo("10 s ago");
    assertThat(ago(Duration.ofSeconds(89))).isEqualTo("89 s ago");
    assertThat(ago(Duration.ofSeconds(90))).isEqualTo("1 min ago");
    assertThat(ago(Duration.ofSeconds(45))).isEqualTo("45 s ago");
    assertThat(ago(Duration.ofMinutes(3))).isEqualTo("3 min ago");
    assertThat(ago(Duration.ofMinutes(89))).isEqualTo("89 min ago");
    assertThat(ago(Duration.ofMinutes(90))).isEqualTo("1 h ago");
    assertThat(ago(Duration.ofHours(47))).isEqualTo("47 h ago");
    assertThat(ago(Duration.ofHours(48))).isEqualTo("2 days ago");
    assertThat(ago(Duration.ofHours(26))).isEqualTo("26 h ago");
    assertThat(ago(Duration.ofDays(5))).isEqualTo("5 days ago");
    assertThat(ago(Duration.ofDays(30))).isEqualTo("2026-02-18");
    assertThat(Words.exact(NOW)).isEqualTo("2026-03-20 12:00:00 UTC");
  }

  private static String ago(Duration time) {
    return Words.ago(NOW.minus(time), NOW);
  }
}
