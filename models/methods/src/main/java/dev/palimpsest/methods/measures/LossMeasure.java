package dev.palimpsest.methods.measures;

import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Method;

/**
 * Says how the loss runs around a network or between two. Each has a stage of its own, whose
 * parameters are the measure's.
 *
 * @param <P> its parameters
 */
public interface LossMeasure<P extends Record> extends Method<P> {
  @Override
  default Kind kind() {
    return Kind.MEASURE;
  }
}
