package dev.palimpsest.tasks;

import java.util.List;
import java.util.Map;

/**
 * A step of a study: a function of parameters, inputs, seed and code.
 *
 * <p>Found through {@code ServiceLoader}. It holds no state, opens no path and no URL, and reads no
 * clock: everything it touches comes through its {@link StageContext}.
 *
 * @param <P> its parameters: a record whose components carry {@link dev.palimpsest.spec.Param}
 */
public interface Stage<P extends Record> {
  /** The Conductor task type: lower case, digits and hyphens. */
  String name();

  /** One sentence for the reference page and the console. */
  String summary();

  Lane lane();

  Class<P> parameters();

  List<Port> inputs();

  List<Port> outputs();

  /**
   * What the outputs' taint gains by this stage, given its parameters ({@code backdoor: badnets},
   * {@code defended by ft}); the taint of the inputs is carried over by the runner.
   */
  default List<String> taints(P parameters) {
    return List.of();
  }

  /** The optional inputs that the stage cannot do without, given its parameters. */
  default List<String> needed(P parameters) {
    return List.of();
  }

  /**
   * What is known of the outputs before a run, and whether parameters and inputs can fit. Asked by
   * the check of a definition, at its side; needs no device.
   *
   * @param inputs what is known of them, by name; those of which nothing is are left out
   * @return by output; those of which nothing is known are left out
   * @throws dev.palimpsest.base.Mistake naming the parameter, if {@link #run} would refuse them
   */
  default Map<String, Facts> foresee(P parameters, Map<String, Facts> inputs) {
    return Map.of();
  }

  /**
   * Computes the outputs.
   *
   * @throws dev.palimpsest.base.Mistake if parameters and inputs do not fit each other
   */
  void run(P parameters, StageContext context);
}
