package dev.palimpsest.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Mistake;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HomeLockTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  @TempDir Path home;

  /** As {@code up} right after Ctrl-C. */
  @Test
  void whatIsEndingIsWaitedFor() {
    HomeLock former = HomeLock.take(home);
    var looks = new AtomicInteger();
    try (HomeLock next =
        HomeLock.take(
            home,
            LONG,
            () -> {
              if (looks.incrementAndGet() == 2) {
                former.close();
              }
              return false;
            })) {
      assertThat(next).isNotNull();
    }
    assertThat(looks).hasValue(2);
  }

  @Test
  void whatIsUpIsNotWaitedFor() {
    try (HomeLock held = HomeLock.take(home)) {
      assertThat(held).isNotNull();
      var looks = new AtomicInteger();
      assertThatThrownBy(() -> HomeLock.take(home, LONG, () -> looks.incrementAndGet() > 0))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining(home + " is in use: process " + ProcessHandle.current().pid());
      assertThat(looks).hasValue(1);
    }
  }

  @Test
  void whatDoesNotEndIsToldAtLast() {
    try (HomeLock held = HomeLock.take(home)) {
      assertThat(held).isNotNull();
      assertThatThrownBy(() -> HomeLock.take(home, Duration.ZERO, () -> false))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining("is in use");
    }
  }
}
