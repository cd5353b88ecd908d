package dev.palimpsest.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class PulseTest {
  private final AtomicInteger ended = new AtomicInteger();
  private long process = 1;
  private boolean well;
  private final Pulse pulse = new Pulse(() -> process, () -> well, ended::incrementAndGet);

  @Test
  void aServerThatFallsSilentIsEnded() {
    look(true, 1);
    look(false, Pulse.PATIENCE - 1);
    assertThat(ended).hasValue(0);
    look(false, 1);
    assertThat(ended).hasValue(1);
  }

  @Test
  void oneAnswerIsEnough() {
    look(true, 1);
    look(false, Pulse.PATIENCE - 1);
    look(true, 1);
    look(false, Pulse.PATIENCE - 1);
    assertThat(ended).hasValue(0);
  }

  @Test
  void aStartMayTakeAsLongAsItDoes() {
    look(false, 10 * Pulse.PATIENCE);
    look(true, 1);
    process = 2;
    look(false, 10 * Pulse.PATIENCE);
    assertThat(ended).hasValue(0);
    look(true, 1);
    look(false, Pulse.PATIENCE);
    assertThat(ended).hasValue(1);
  }

  private void look(boolean answering, int times) {
    well = answering;
    for (int i = 0; i < times; i++) {
      pulse.look();
    }
  }
}
