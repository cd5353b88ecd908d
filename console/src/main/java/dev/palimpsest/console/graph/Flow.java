package dev.palimpsest.console.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The stages of a definition, in groups, and what they hand each other.
 *
 * @param parts in the order of the definition
 * @param edges those that others imply left out
 * @param sweeps the keys of what a sweep runs many times
 */
record Flow(List<Part> parts, List<Edge> edges, Set<String> sweeps) {
  /** A box. */
  sealed interface Part {
    String key();
  }

  /**
   * A stage, or a call of a sub-workflow that cannot be shown.
   *
   * @param key its path, as {@link dev.palimpsest.workflows.RunView} names it without numbers of
   *     iterations and branches
   * @param stage the stage's name
   * @param about what the definition says of it; may be empty
   */
  record Node(String key, String name, String stage, String about) implements Part {}

  /** What repeats, is called, or runs in one case only. */
  record Group(String key, String label, List<Part> parts) implements Part {}

  /**
   * @param order whether the second only waits for the first and takes nothing from it
   */
  record Edge(String from, String to, boolean order) {}

  /** Every node, those within groups included, in order. */
  List<Node> nodes() {
    return nodes(parts);
  }

  static List<Node> nodes(Collection<Part> parts) {
    var nodes = new ArrayList<Node>();
    for (Part part : parts) {
      switch (part) {
        case Node node -> nodes.add(node);
        case Group group -> nodes.addAll(nodes(group.parts()));
      }
    }
    return nodes;
  }

  /** Leaves out each edge that a longer way implies, and those that lead back. */
  static List<Edge> reduced(List<Node> nodes, Collection<Edge> edges) {
    var order = new HashMap<String, Integer>();
    nodes.forEach(node -> order.put(node.key(), order.size()));
    var next = new HashMap<String, Set<String>>();
    var forward = new ArrayList<Edge>();
    for (Edge edge : edges) {
      if (order.getOrDefault(edge.from(), 0) < order.getOrDefault(edge.to(), 0)) {
        next.computeIfAbsent(edge.from(), from -> new LinkedHashSet<>()).add(edge.to());
        forward.add(edge);
      }
    }
    var reached = new HashMap<String, Set<String>>();
    for (Node node : nodes.reversed()) {
      var all = new HashSet<String>();
      for (String to : next.getOrDefault(node.key(), Set.of())) {
        all.add(to);
        all.addAll(reached.getOrDefault(to, Set.of()));
      }
      reached.put(node.key(), all);
    }
    return forward.stream()
        .filter(edge ->
            next.getOrDefault(edge.from(), Set.of()).stream()
                .noneMatch(by -> reached.getOrDefault(by, Set.of()).contains(edge.to())))
        .toList();
  }

  /** The key of the node that a path of a run belongs to. */
  String key(String path) {
    var key = new StringBuilder();
    for (String segment : path.split("\\.")) {
      String task = segment.replaceAll("__\\d+$", "");
      String start = key.isEmpty() ? "" : key + ".";
      String branch = start + task.replaceAll("_\\d+$", "");
      String found = sweeps.contains(branch) ? branch : start + task;
      key.setLength(0);
      key.append(found);
    }
    return key.toString();
  }

  /** What each node shows, by its key. */
  Map<String, Shown> shown(Map<String, Shown> byPath) {
    var several = new HashMap<String, List<Shown>>();
    byPath.forEach(
        (path, shown) -> several.computeIfAbsent(key(path), k -> new ArrayList<>()).add(shown));
    var all = new HashMap<String, Shown>();
    several.forEach((key, shown) -> all.put(key, Shown.of(shown)));
    return all;
  }
}
