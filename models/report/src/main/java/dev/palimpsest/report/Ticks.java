package dev.palimpsest.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * Evenly spaced values at multiples of 1, 2 or 5 times a power of ten.
 *
 * @param step the distance of two ticks
 */
record Ticks(BigDecimal step) {
  private static final BigDecimal ONE_MINUS_ROUNDING = new BigDecimal("0.999999999");
  private static final int[] MANTISSAS = {1, 2, 5};

  /**
   * The finest spacing that divides {@code range} into at most {@code most} steps.
   *
   * @param range above 0
   * @param most at least 1
   * @param whole whether only whole numbers are allowed
   */
  static Ticks of(double range, int most, boolean whole) {
    // A range that exceeds a number of steps by rounding only counts as that number.
    BigDecimal length = BigDecimal.valueOf(range).multiply(ONE_MINUS_ROUNDING);
    // Two powers below the range's own: at most 100 steps of the finest candidate.
    int power = length.precision() - length.scale() - 3;
    while (true) {
      for (int mantissa : MANTISSAS) {
        BigDecimal step = BigDecimal.valueOf(mantissa).scaleByPowerOfTen(power);
        boolean fits = step.multiply(BigDecimal.valueOf(most)).compareTo(length) >= 0;
        if (fits && (!whole || power >= 0)) {
          return new Ticks(step);
        }
      }
      power++;
    }
  }

  /** The multiples of the step from {@code low} to {@code high}, both included. */
  List<Double> within(double low, double high) {
    // A value that misses a multiple by rounding only counts as that multiple.
    BigDecimal slack = step.movePointLeft(9);
    BigDecimal top = new BigDecimal(high).add(slack);
    var values = new ArrayList<Double>();
    for (BigDecimal value = ceiling(new BigDecimal(low).subtract(slack));
        value.compareTo(top) <= 0;
        value = value.add(step)) {
      values.add(value.doubleValue());
    }
    return values;
  }

  /** The greatest multiple that is not above {@code value}. */
  double below(double value) {
    BigDecimal slack = step.movePointLeft(9);
    return multiple(new BigDecimal(value).add(slack), RoundingMode.FLOOR).doubleValue();
  }

  /** The least multiple that is not below {@code value}. */
  double above(double value) {
    BigDecimal slack = step.movePointLeft(9);
    return ceiling(new BigDecimal(value).subtract(slack)).doubleValue();
  }

  /** The digits after the point that the ticks need. */
  int decimals() {
    return Math.max(0, step.stripTrailingZeros().scale());
  }

  private BigDecimal ceiling(BigDecimal value) {
    return multiple(value, RoundingMode.CEILING);
  }

  private BigDecimal multiple(BigDecimal value, RoundingMode rounding) {
    return value.divide(step, 0, rounding).multiply(step);
  }
}
