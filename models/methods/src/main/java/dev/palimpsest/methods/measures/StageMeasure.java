package dev.palimpsest.methods.measures;

import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Method;

/**
 * Says something that one outcome does not hold: of two networks, of the loss around one, or of
 * what further training makes of it. A stage computes it, with the measure's parameters.
 *
 * @param <P> its parameters
 */
public interface StageMeasure<P extends Record> extends Method<P> {
  @Override
  default Kind kind() {
    return Kind.MEASURE;
  }
}
