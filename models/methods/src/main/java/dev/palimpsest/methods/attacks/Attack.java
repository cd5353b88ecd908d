package dev.palimpsest.methods.attacks;

import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Method;
import dev.palimpsest.tensors.Tensors;
import java.util.Optional;

/**
 * A backdoor attack: what its trigger is and how it is put on images. Where the trigger comes from
 * tells {@link DrawnAttack}, {@link CraftedAttack} or {@link CoTrainedAttack}.
 *
 * @param <P> its parameters
 */
public interface Attack<P extends Record> extends Method<P> {
  @Override
  default Kind kind() {
    return Kind.ATTACK;
  }

  /** The stage that makes its plans. */
  String stage();

  @Override
  default Optional<String> needs() {
    return Optional.of("stage '" + stage() + "'");
  }

  /** How the attack's paper labels poisoned samples. */
  default Labelling published() {
    return Labelling.ALL_TO_ONE;
  }

  /**
   * Cover samples for each poisoned one, in expectation: altered by {@link Stamp#cover}, and
   * labelled what they are. Only where the timing is dynamic.
   */
  default double covers(P parameters) {
    return 0;
  }

  /**
   * Says whether the attack can be used so.
   *
   * @throws dev.palimpsest.base.Mistake with what to use instead
   */
  default void check(P parameters, Labelling labelling, Timing timing) {}

  /** Makes a trigger ready on the device. */
  Stamp stamp(Tensors trigger, Compute compute, Precision precision);
}
