package dev.palimpsest.methods.measures;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AurocTest {
  @Test
  void itCountsThePairsInTheRightOrder() {
    // Of 2 x 3 pairs the poisoned one wins four, and one is a draw.
    assertThat(
            Auroc.of(
                new double[] {0.9, 0.4, 0.4, 0.1, 0.6},
                new boolean[] {true, true, false, false, false}))
        .hasValue(4.5 / 6);
    assertThat(Auroc.of(new double[] {1, 2}, new boolean[] {false, true})).hasValue(1);
    assertThat(Auroc.of(new double[] {1, 2}, new boolean[] {true, false})).hasValue(0);
    assertThat(Auroc.of(new double[] {5, 5, 5}, new boolean[] {true, false, true})).hasValue(0.5);
  }

  @Test
  void withoutBothKindsThereIsNone() {
    assertThat(Auroc.of(new double[] {1, 2}, new boolean[] {true, true})).isEmpty();
    assertThat(Auroc.of(new double[] {1, 2}, new boolean[2])).isEmpty();
  }
}
