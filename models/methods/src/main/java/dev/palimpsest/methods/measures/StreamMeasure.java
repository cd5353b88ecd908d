package dev.palimpsest.methods.measures;

import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Method;
import java.util.OptionalDouble;

/**
 * Says something about how a stream of tasks was learned, as one number.
 *
 * @param <P> its parameters
 */
public interface StreamMeasure<P extends Record> extends Method<P> {
  @Override
  default Kind kind() {
    return Kind.MEASURE;
  }

  /** The value as a fraction; empty where the stream is too short or it was not measured. */
  OptionalDouble of(P parameters, AccuracyMatrix matrix);
}
