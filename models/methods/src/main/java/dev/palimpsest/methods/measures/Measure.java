package dev.palimpsest.methods.measures;

import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Method;
import java.util.OptionalDouble;

/**
 * Says something about a network, as one number.
 *
 * @param <P> its parameters
 */
public interface Measure<P extends Record> extends Method<P> {
  @Override
  default Kind kind() {
    return Kind.MEASURE;
  }

  /** The value as a fraction; empty where the outcome does not hold what it is about. */
  OptionalDouble of(P parameters, Outcome outcome);
}
