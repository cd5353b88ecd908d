package dev.palimpsest.methods.defences;

import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Method;
import java.util.Optional;

/**
 * Removes a backdoor from a network.
 *
 * @param <P> its parameters
 */
public interface Defence<P extends Record> extends Method<P> {
  @Override
  default Kind kind() {
    return Kind.DEFENCE;
  }

  /** What it needs beside the network. */
  default DefenderData data() {
    return DefenderData.CLEAN_SAMPLES;
  }

  @Override
  default Optional<String> needs() {
    return Optional.of(data().label());
  }

  /**
   * Begins to defend the context's network, which the steps change and this does not; the course
   * can be measured whenever a step ends an epoch. The context's parts stay the caller's to close.
   *
   * @throws dev.palimpsest.base.Mistake if parameters, network and samples do not fit each other
   */
  Stepwise start(P parameters, DefenceContext context);
}
