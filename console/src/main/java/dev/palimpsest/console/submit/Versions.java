package dev.palimpsest.console.submit;

import dev.palimpsest.console.graph.WorkflowGraph;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.Definitions;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The versions of a definition, and how two of them differ.
 *
 * @param versions newest first
 * @param older the one that the other is compared with
 * @param graph of the newer one, as HTML; empty where it is too large
 */
record Versions(
    String name,
    String about,
    List<Integer> versions,
    int older,
    int newer,
    Difference difference,
    String graph) {
  static Versions of(Definitions definitions, String name, int older, int newer) {
    Definition definition = definitions.get(name, Optional.of(newer));
    definitions.get(name, Optional.of(older));
    String before = definitions.text(name, older).orElseThrow();
    String after = definitions.text(name, newer).orElseThrow();
    return new Versions(
        name,
        definition.json().path("description").asText(),
        definitions.versions(name).reversed(),
        older,
        newer,
        Difference.of(before, after),
        WorkflowGraph.html(definition, Map.of()));
  }
}
