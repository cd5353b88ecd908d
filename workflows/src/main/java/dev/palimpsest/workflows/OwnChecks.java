package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.spec.MethodIndex;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tasks.Stage;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * The checks that stages make of their own parameters, and of these with what is known of their
 * inputs, where the stage's class is on the class path. They need no device.
 *
 * @param wrong takes what does not fit together
 */
record OwnChecks(MethodIndex methods, BiConsumer<FindingCode, String> wrong) {
  /**
   * The inputs of a call.
   *
   * @param given their names
   * @param known what is known of them, by name; those of which nothing is are left out
   */
  record Inputs(Set<String> given, Map<String, Facts> known) {}

  /** What is known of the outputs of a stage that may run; nothing if nobody here can tell. */
  Map<String, Facts> of(String owner, String stage, JsonNode given, Inputs inputs) {
    for (Stage<?> each : ServiceLoader.load(Stage.class)) {
      if (each.name().equals(stage)) {
        return of(owner, each, given, inputs);
      }
    }
    return Map.of();
  }

  private <P extends Record> Map<String, Facts> of(
      String owner, Stage<P> stage, JsonNode given, Inputs inputs) {
    P parameters;
    try {
      parameters = new Parameters(methods).bind(owner, stage.parameters(), given);
    } catch (Mistake e) {
      wrong.accept(FindingCode.PARAMETERS_TOGETHER, e.getMessage());
      return Map.of();
    }
    for (String input : stage.needed(parameters)) {
      if (!inputs.given().contains(input)) {
        wrong.accept(
            FindingCode.MISSING_ARTIFACT,
            owner + ", input '" + input + "' is missing; these parameters need it.");
      }
    }
    try {
      return stage.foresee(parameters, inputs.known());
    } catch (Mistake e) {
      wrong.accept(FindingCode.PARAMETERS_AND_INPUTS, owner + ": " + e.getMessage());
      return Map.of();
    }
  }
}
