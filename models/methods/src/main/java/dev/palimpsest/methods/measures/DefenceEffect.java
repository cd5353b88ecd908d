package dev.palimpsest.methods.measures;

import java.util.OptionalDouble;

/** What a defence did, from the outcomes before and after it; fractions as in BackdoorBench. */
public final class DefenceEffect {
  private DefenceEffect() {}

  /**
   * Defence effectiveness rate (DER): (max(0, ASR before - after) - max(0, accuracy before - after)
   * + 1) / 2. 1/2 is no effect; empty without a trigger.
   */
  public static OptionalDouble effectiveness(Outcome before, Outcome after) {
    return gain(
        AttackSuccessRate.of(before), AttackSuccessRate.of(after), accuracyLost(before, after));
  }

  /**
   * Robust improvement rate (RIR): (max(0, robust accuracy after - before) - max(0, accuracy before
   * - after) + 1) / 2. 1/2 is no effect; empty without a trigger.
   */
  public static OptionalDouble robustImprovement(Outcome before, Outcome after) {
    return gain(RobustAccuracy.of(after), RobustAccuracy.of(before), accuracyLost(before, after));
  }

  private static double accuracyLost(Outcome before, Outcome after) {
    double former = CleanAccuracy.of(before).orElseThrow();
    return Math.max(0, former - CleanAccuracy.of(after).orElseThrow());
  }

  private static OptionalDouble gain(OptionalDouble high, OptionalDouble low, double lost) {
    return high.isEmpty() || low.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of((Math.max(0, high.getAsDouble() - low.getAsDouble()) - lost + 1) / 2);
  }
}
