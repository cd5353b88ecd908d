package dev.palimpsest.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.workflows.NamedImports;
import dev.palimpsest.workflows.RunInputs;
import java.util.Map;
import java.util.function.Supplier;

/** Inputs that may name what was imported; the store is opened for that alone. */
final class ImportedInputs {
  private ImportedInputs() {}

  /**
   * @param data what is known of the study's own data
   */
  static RunInputs.Known of(ObjectNode inputs, Map<String, Facts> data, Supplier<Backend> store) {
    if (!NamedImports.in(inputs)) {
      return new RunInputs.Known(inputs, data);
    }
    try (Backend backend = store.get()) {
      return RunInputs.imported(inputs, data, backend.store(), backend.artifacts());
    }
  }
}
