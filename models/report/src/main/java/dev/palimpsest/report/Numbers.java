package dev.palimpsest.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Numbers as text, by rules that depend on no locale and no machine. */
final class Numbers {
  private Numbers() {}

  /** Exactly this many decimals, half to even; zero has no sign. */
  static String fixed(double value, int decimals) {
    return new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN).toPlainString();
  }

  /** At most this many decimals, without trailing zeros. */
  static String brief(double value, int decimals) {
    return plain(new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN));
  }

  /** This many digits from the first that is not zero; with an exponent where it is far from 1. */
  static String significant(double value, int digits) {
    if (value == 0) {
      return "0";
    }
    BigDecimal rounded =
        new BigDecimal(value).round(new MathContext(digits, RoundingMode.HALF_EVEN));
    int exponent = rounded.precision() - rounded.scale() - 1;
    return exponent >= -3 && exponent < 6
        ? rounded.setScale(Math.max(0, digits - 1 - exponent)).toPlainString()
        : rounded.movePointLeft(exponent).setScale(digits - 1).toPlainString() + "e" + exponent;
  }

  /** The shortest text that reads back as the same number. */
  static String exact(double value) {
    BigDecimal decimal = BigDecimal.valueOf(value);
    return Math.abs(decimal.precision() - decimal.scale()) > 17
        ? Double.toString(value)
        : plain(decimal);
  }

  /** With a true minus sign and thousands apart, as figures show it: {@code −12 000}. */
  static String shown(double value, int decimals) {
    String text = fixed(Math.abs(value), decimals);
    int point = text.indexOf('.');
    int whole = point < 0 ? text.length() : point;
    var out = new StringBuilder(text);
    if (whole > 4) {
      for (int at = whole - 3; at > 0; at -= 3) {
        out.insert(at, '\u202f');
      }
    }
    boolean zero = text.chars().allMatch(c -> c == '0' || c == '.');
    return value < 0 && !zero ? "\u2212" + out : out.toString();
  }

  private static String plain(BigDecimal value) {
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }
}
