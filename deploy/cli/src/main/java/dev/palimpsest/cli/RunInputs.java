package dev.palimpsest.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tasks.Imports;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.DefinitionCheck;
import dev.palimpsest.workflows.Study;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** The inputs of a run: the study's, the definition's defaults, the data, and --set over them. */
final class RunInputs {
  private RunInputs() {}

  /**
   * @param settings {@code name=value} each
   * @param data the data set's references; an empty object where the study brings no data
   */
  static ObjectNode of(Study study, Definition definition, ObjectNode data, List<String> settings) {
    ObjectNode given = study.content().inputs().deepCopy();
    if (!data.isEmpty()) {
      given.set("data", data);
    }
    if (needs(definition, given, "numerics")) {
      given.set("numerics", Json.tree(Numerics.PINNED_CPU));
    }
    for (String setting : settings) {
      // What has no default must be there before the defaults are filled in.
      if (needs(definition, given, setting.split("[.=]", 2)[0])) {
        Study.set(given, setting);
      }
    }
    // A copy: the defaults are the definition's own.
    ObjectNode filled = DefinitionCheck.inputs(definition, given).deepCopy();
    for (String setting : settings) {
      Study.set(filled, setting);
    }
    return DefinitionCheck.inputs(definition, filled);
  }

  /**
   * Inputs, and what is known of the artifacts among them.
   *
   * @param known by digest
   */
  record Known(ObjectNode inputs, Map<String, Facts> known) {}

  /**
   * The inputs with references where they name what was imported; the store is opened for that
   * alone.
   *
   * @param data what is known of the study's own data
   */
  static Known imported(ObjectNode inputs, Map<String, Facts> data, Supplier<Backend> store) {
    if (!NamedImports.in(inputs)) {
      return new Known(inputs, data);
    }
    try (Backend backend = store.get()) {
      var named = new NamedImports(new Imports(backend.store()), backend.artifacts());
      ObjectNode resolved = named.resolved(inputs);
      named.known().putAll(data);
      return new Known(resolved, named.known());
    }
  }

  /**
   * Refuses what no worker of local mode computes: all of them are held to {@link
   * Numerics#PINNED_CPU}, so a stage that asks for others would wait for ever.
   *
   * @param asked the numerics that the run's stages ask for
   */
  static void computedLocally(Set<Numerics> asked) {
    for (Numerics numerics : asked) {
      if (!numerics.equals(Numerics.PINNED_CPU) && !numerics.equals(Numerics.ANY)) {
        throw new Mistake(
            "numerics is "
                + numerics
                + "; the local workers compute with "
                + Numerics.PINNED_CPU
                + "; expected that, or workers elsewhere with --conductor and --s3.");
      }
    }
  }

  private static boolean needs(Definition definition, ObjectNode given, String input) {
    return definition.inputs().contains(input)
        && !given.has(input)
        && definition.defaultOf(input).isEmpty();
  }
}
