package dev.palimpsest.methods.rectifiers;

import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Method;

/**
 * Maps the representation of a newer extractor to that of an older one. The paper's code names it a
 * retrospector.
 *
 * @param <P> its parameters
 */
public interface Rectifier<P extends Record> extends Method<P> {
  @Override
  default Kind kind() {
    return Kind.RECTIFIER;
  }

  /** The function from newer features to older ones. */
  Link link(P parameters);
}
