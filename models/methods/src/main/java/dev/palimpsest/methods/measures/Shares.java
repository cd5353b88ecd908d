package dev.palimpsest.methods.measures;

import java.util.OptionalDouble;
import java.util.function.IntPredicate;

/** Shares of the images that an attack is about. */
final class Shares {
  private Shares() {}

  /** The share of the images that count for which {@code hit} holds; empty without a trigger. */
  static OptionalDouble of(Outcome outcome, IntPredicate hit) {
    if (!outcome.hasTrigger()) {
      return OptionalDouble.empty();
    }
    int counted = 0;
    int hits = 0;
    for (int i = 0; i < outcome.size(); i++) {
      if (outcome.counts(i)) {
        counted++;
        hits += hit.test(i) ? 1 : 0;
      }
    }
    return counted == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) hits / counted);
  }
}
