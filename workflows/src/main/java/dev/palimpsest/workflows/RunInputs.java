package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Store;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tasks.Imports;
import dev.palimpsest.tasks.Numerics;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The inputs of a run: the study's, the definition's defaults, the data, and --set over them. */
public final class RunInputs {
  private RunInputs() {}

  /**
   * The inputs of a run, filled in.
   *
   * @param own what the study says, before the definition's defaults
   * @param data the data set's references; an empty object where the study brings no data
   * @param settings {@code name=value} each
   * @throws Mistake for a setting of what does not exist, and where an input is missing
   */
  public static ObjectNode of(
      ObjectNode own, Definition definition, ObjectNode data, List<String> settings) {
    ObjectNode given = own.deepCopy();
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
  public record Known(ObjectNode inputs, Map<String, Facts> known) {}

  /**
   * The inputs with references where they name what was imported.
   *
   * @param data what is known of the study's own data
   */
  public static Known imported(
      ObjectNode inputs, Map<String, Facts> data, Store store, Artifacts artifacts) {
    var named = new NamedImports(new Imports(store), artifacts);
    ObjectNode resolved = named.resolved(inputs);
    named.known().putAll(data);
    return new Known(resolved, named.known());
  }

  /**
   * Refuses what no worker of local mode computes: all of them are held to {@link
   * Numerics#PINNED_CPU}, so a stage that asks for others would wait for ever.
   *
   * @param asked the numerics that the run's stages ask for
   */
  public static void computedLocally(Set<Numerics> asked) {
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
