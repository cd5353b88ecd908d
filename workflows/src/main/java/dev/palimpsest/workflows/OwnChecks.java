package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.spec.MethodIndex;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tasks.Stage;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.BiConsumer;

/**
 * The checks that stages make of their own parameters, and of these with what is known of their
 * inputs, where the stage's class is on the class path. They need no device.
 *
 * @param wrong takes what does not fit together
 */
record OwnChecks(MethodIndex methods, BiConsumer<FindingCode, String> wrong) {
  /** What is known of the outputs of a stage that may run; nothing if nobody here can tell. */
  Map<String, Facts> of(String owner, String stage, JsonNode given, Map<String, Facts> inputs) {
    for (Stage<?> each : ServiceLoader.load(Stage.class)) {
      if (each.name().equals(stage)) {
        return of(owner, each, given, inputs);
      }
    }
    return Map.of();
  }

  private <P extends Record> Map<String, Facts> of(
      String owner, Stage<P> stage, JsonNode given, Map<String, Facts> inputs) {
    P parameters;
    try {
      parameters = new Parameters(methods).bind(owner, stage.parameters(), given);
    } catch (Mistake e) {
      wrong.accept(FindingCode.PARAMETERS_TOGETHER, e.getMessage());
      return Map.of();
    }
    try {
      return stage.foresee(parameters, inputs);
    } catch (Mistake e) {
      wrong.accept(FindingCode.PARAMETERS_AND_INPUTS, owner + ": " + e.getMessage());
      return Map.of();
    }
  }
}
