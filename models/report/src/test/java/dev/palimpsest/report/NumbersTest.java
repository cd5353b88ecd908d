package dev.palimpsest.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NumbersTest {
  @Test
  void fixedDecimalsRoundHalfToEvenOnTheExactValue() {
    assertThat(Numbers.fixed(0.125, 2)).isEqualTo("0.12");
    assertThat(Numbers.fixed(0.375, 2)).isEqualTo("0.38");
    assertThat(Numbers.fixed(2.675, 2)).isEqualTo("2.67"); // 2.67499999999999982236431605997495353
    assertThat(Numbers.fixed(-0.001, 2)).isEqualTo("0.00");
    assertThat(Numbers.fixed(1e21, 0)).isEqualTo("1000000000000000000000");
  }

  @Test
  void briefNumbersHaveNoTrailingZeros() {
    assertThat(Numbers.brief(12.5, 2)).isEqualTo("12.5");
    assertThat(Numbers.brief(100, 2)).isEqualTo("100");
    assertThat(Numbers.brief(-0.004, 2)).isEqualTo("0");
  }

  @Test
  void exactNumbersReadBackAsTheSame() {
    double[] values = {0.1, -3, 1e-7, 1.0 / 3, 1e300, Double.MIN_VALUE, 0, 123456789.125};
    for (double value : values) {
      assertThat(Double.parseDouble(Numbers.exact(value))).isEqualTo(value);
    }
    assertThat(Numbers.exact(100)).isEqualTo("100");
    assertThat(Numbers.exact(1e-7)).isEqualTo("0.0000001");
    assertThat(Numbers.exact(1e300)).isEqualTo("1.0E300");
  }

  @Test
  void significantDigitsSpanMagnitudes() {
    assertThat(Numbers.significant(74.4449, 3)).isEqualTo("74.4");
    assertThat(Numbers.significant(0.0043, 3)).isEqualTo("0.00430");
    assertThat(Numbers.significant(-3.3149e-5, 3)).isEqualTo("-3.31e-5");
    assertThat(Numbers.significant(999.96, 4)).isEqualTo("1000");
    assertThat(Numbers.significant(123_456.7, 3)).isEqualTo("123000");
    assertThat(Numbers.significant(1e300, 3)).isEqualTo("1.00e300");
    assertThat(Numbers.significant(0, 3)).isEqualTo("0");
  }

  @Test
  void shownNumbersHaveATrueMinusAndGroups() {
    assertThat(Numbers.shown(-12000, 0)).isEqualTo("\u221212\u202f000");
    assertThat(Numbers.shown(1234567.5, 1)).isEqualTo("1\u202f234\u202f567.5");
    assertThat(Numbers.shown(2000, 0)).isEqualTo("2000");
    assertThat(Numbers.shown(-0.01, 1)).isEqualTo("0.0");
  }
}
