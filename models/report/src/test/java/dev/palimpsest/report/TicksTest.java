package dev.palimpsest.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TicksTest {
  @ParameterizedTest
  @CsvSource({
    "100, 5, 20",
    "100, 4, 50",
    "99, 5, 20",
    "101, 5, 50",
    "1, 10, 0.1",
    "1, 9, 0.2",
    "0.003, 4, 0.001",
    "7e8, 3, 5e8",
    "30, 6, 5",
    "1e-300, 2, 5e-301"
  })
  void theFinestStepOfOneTwoFiveThatFits(double range, int most, double step) {
    assertThat(Ticks.of(range, most, false).step().doubleValue()).isEqualTo(step);
  }

  @Test
  void whatIsCountedHasNoTicksBetween() {
    assertThat(Ticks.of(2, 10, true).step().doubleValue()).isEqualTo(1);
    assertThat(Ticks.of(2, 10, false).step().doubleValue()).isEqualTo(0.2);
  }

  @Test
  void ticksAreExactMultiples() {
    assertThat(Ticks.of(0.6, 6, false).within(0, 0.6))
        .containsExactly(0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6);
    assertThat(Ticks.of(40, 4, false).within(-15, 25)).containsExactly(-10.0, 0.0, 10.0, 20.0);
  }

  @Test
  void aValueThatMissesATickByRoundingStandsOnIt() {
    Ticks tenths = Ticks.of(1, 10, false);
    double sum = 0.1 + 0.2; // 0.30000000000000004
    assertThat(tenths.above(sum)).isEqualTo(0.3);
    assertThat(tenths.below(0.7999999999999999)).isEqualTo(0.8);
    assertThat(tenths.within(sum, 0.35)).containsExactly(0.3);
  }

  @Test
  void ticksKnowTheDecimalsTheyNeed() {
    assertThat(Ticks.of(100, 5, false).decimals()).isZero();
    assertThat(Ticks.of(3, 6, false).decimals()).isEqualTo(1);
    assertThat(Ticks.of(0.1, 5, false).decimals()).isEqualTo(2);
  }
}
