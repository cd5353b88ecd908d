package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tensors.TensorComparison;
import dev.palimpsest.workflows.OutputDifference.Place;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Compares the outputs of a stage with those of its second computation. */
final class OutputComparison {
  private final Artifacts artifacts;

  OutputComparison(Artifacts artifacts) {
    this.artifacts = artifacts;
  }

  /** The outputs whose digests differ, by name. */
  List<OutputDifference> of(Map<String, Reference> first, Map<String, Reference> second) {
    var differences = new ArrayList<OutputDifference>();
    var names = new TreeSet<>(first.keySet());
    names.addAll(second.keySet());
    for (String name : names) {
      Reference one = first.get(name);
      Reference other = second.get(name);
      if (one == null || other == null) {
        String which = one == null ? "second" : "first";
        differences.add(
            new OutputDifference.Incomparable(
                name, "Only the " + which + " computation wrote it."));
      } else if (!one.sha256().equals(other.sha256())) {
        differences.add(compared(name, one, other));
      }
    }
    return differences;
  }

  private OutputDifference compared(String name, Reference first, Reference second) {
    try {
      return tensors(first)
          ? new OutputDifference.OfTensors(
              name,
              TensorComparison.of(
                  "output '" + name + "'", artifacts.fetch(first), artifacts.fetch(second)))
          : new OutputDifference.OfDocument(name, places(leaves(first), leaves(second)));
    } catch (Mistake e) {
      return new OutputDifference.Incomparable(name, e.getMessage());
    } catch (Failure e) {
      if (e.isPassing()) {
        throw e;
      }
      return new OutputDifference.Incomparable(name, e.getMessage());
    }
  }

  private static boolean tensors(Reference reference) {
    return Stream.of(ArtifactType.values())
        .anyMatch(type -> type.tensors() && type.label().equals(reference.artifact()));
  }

  private static List<Place> places(
      SequencedMap<String, String> first, SequencedMap<String, String> second) {
    var all = new LinkedHashSet<>(first.keySet());
    all.addAll(second.keySet());
    return all.stream()
        .map(at -> new Place(at, first.getOrDefault(at, ""), second.getOrDefault(at, "")))
        .filter(place -> !place.first().equals(place.second()))
        .toList();
  }

  /** What a document says, by the place where it says it. */
  private SequencedMap<String, String> leaves(Reference reference) {
    var leaves = new LinkedHashMap<String, String>();
    String text = new String(artifacts.read(reference), StandardCharsets.UTF_8);
    boolean figure = reference.artifact().equals(ArtifactType.FIGURE.label());
    if (figure || reference.artifact().equals(ArtifactType.METRICS.label())) {
      List<String> lines = text.lines().toList();
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i);
        collect("line " + (i + 1), figure ? TextNode.valueOf(line) : json(line), ", ", leaves);
      }
    } else {
      collect("", json(text), "", leaves);
    }
    return leaves;
  }

  private static void collect(
      String at, JsonNode value, String link, SequencedMap<String, String> into) {
    if (value.isObject()) {
      value.properties().forEach(e -> collect(at + link + e.getKey(), e.getValue(), ".", into));
    } else if (value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        collect(at + "[" + i + "]", value.get(i), ".", into);
      }
    } else {
      into.put(at, value.asText());
    }
  }

  private static JsonNode json(String text) {
    return Json.parse("the document", text.getBytes(StandardCharsets.UTF_8));
  }
}
