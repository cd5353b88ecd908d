package dev.palimpsest.report;

import java.util.OptionalDouble;

/**
 * One axis of a chart.
 *
 * @param label what it shows; may be empty
 * @param unit its unit ({@code %}, {@code s}); may be empty
 * @param min the range shown reaches down at least to here; data below still widens it
 * @param max the range shown reaches up at least to here; data above still widens it
 */
public record Axis(String label, String unit, OptionalDouble min, OptionalDouble max) {
  /** An axis whose range follows the data. */
  public static Axis of(String label, String unit) {
    return new Axis(label, unit, OptionalDouble.empty(), OptionalDouble.empty());
  }

  /** The same axis showing at least {@code min} to {@code max}. */
  public Axis from(double min, double max) {
    if (!(min < max) || !Double.isFinite(max - min)) {
      throw new IllegalArgumentException(
          "axis '" + label + "' reaches from " + min + " to " + max + "; expected a finite range");
    }
    return new Axis(label, unit, OptionalDouble.of(min), OptionalDouble.of(max));
  }

  /** Label and unit: {@code attack success rate (%)}. */
  String caption() {
    return unit.isEmpty() ? label : label.isEmpty() ? unit : label + " (" + unit + ")";
  }
}
