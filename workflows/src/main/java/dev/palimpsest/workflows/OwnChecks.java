package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.spec.MethodIndex;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.tasks.Stage;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * The checks that a stage's parameters make of themselves, where the stage's class is on the class
 * path. They need no engine: only the record of the parameters is made.
 */
final class OwnChecks {
  private OwnChecks() {}

  /** Why the parameters do not fit together; empty if they do or nobody here can tell. */
  static Optional<String> of(String owner, String stage, MethodIndex methods, JsonNode given) {
    for (Stage<?> each : ServiceLoader.load(Stage.class)) {
      if (each.name().equals(stage)) {
        try {
          new Parameters(methods).bind(owner, each.parameters(), given);
        } catch (Mistake e) {
          return Optional.of(e.getMessage());
        }
      }
    }
    return Optional.empty();
  }
}
