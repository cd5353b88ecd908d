package dev.palimpsest.methods.learners;

import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Penalty;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Method;
import java.util.Optional;

/**
 * Learns a task without forgetting the former ones.
 *
 * @param <P> its parameters
 */
public interface Learner<P extends Record> extends Method<P> {
  @Override
  default Kind kind() {
    return Kind.LEARNER;
  }

  /** Whether it needs the Fisher information of the former task. */
  default boolean needsFisher() {
    return false;
  }

  /**
   * What it adds to the loss of the task at hand.
   *
   * @param net the network that learns; for its layout only
   * @throws dev.palimpsest.base.Mistake if the past does not fit the network
   */
  Penalty penalty(P parameters, Past past, Net net);

  /** A sentence for the log if the parameters are likely to make training diverge. */
  default Optional<String> warning(P parameters, Past past, Sgd.Settings sgd) {
    return Optional.empty();
  }
}
