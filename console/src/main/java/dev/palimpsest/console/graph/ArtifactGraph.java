package dev.palimpsest.console.graph;

import dev.palimpsest.base.RecentlyUsed;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Artifacts as a graph of what was made from what, each a link. */
public final class ArtifactGraph {
  private static final int MOST_KEPT = 100;

  /** A layout costs more than all else of a page. */
  private static final Map<Drawn, String> KEPT = RecentlyUsed.map(MOST_KEPT);

  private record Drawn(String told, List<Artifact> artifacts, Set<Step> steps) {}

  private ArtifactGraph() {}

  /**
   * An artifact.
   *
   * @param key its own, such as its digest
   * @param line below its name
   * @param here whether it is the one that the page is about
   */
  public record Artifact(
      String key, String name, String line, boolean tainted, boolean here, String href) {}

  /** That one was made from another, by their keys. */
  public record Step(String from, String to) {}

  /**
   * The graph as HTML: drawn for wide and for narrow containers.
   *
   * @param artifacts each after those that it was made from
   * @param steps those that a longer way implies are left out, unless they touch what is here
   */
  public static String html(String told, List<Artifact> artifacts, Collection<Step> steps) {
    var wanted = new Drawn(told, List.copyOf(artifacts), new LinkedHashSet<>(steps));
    String known = KEPT.get(wanted);
    if (known == null) {
      known = draw(told, artifacts, wanted.steps());
      KEPT.put(wanted, known);
    }
    return known;
  }

  private static String draw(String told, List<Artifact> artifacts, Set<Step> steps) {
    var nodes = new ArrayList<Flow.Node>();
    var shown = new HashMap<String, Shown>();
    String here = "";
    for (Artifact each : artifacts) {
      nodes.add(new Flow.Node(each.key(), each.name(), each.line(), ""));
      String state = (each.tainted() ? "tainted" : "clean") + (each.here() ? " here" : "");
      shown.put(each.key(), new Shown(state, each.line(), Optional.of(each.href())));
      here = each.here() ? each.key() : here;
    }
    String centre = here;
    List<Flow.Edge> all =
        steps.stream().map(step -> new Flow.Edge(step.from(), step.to(), false)).toList();
    List<Flow.Edge> reduced = Flow.reduced(nodes, all);
    List<Flow.Edge> edges =
        all.stream()
            .filter(edge ->
                reduced.contains(edge) || edge.to().equals(centre) || edge.from().equals(centre))
            .toList();
    var flow = new Flow(List.copyOf(nodes), edges, Set.of());
    return "<div class=\"graph\"><div class=\"flow-wide\">"
        + drawing(flow, Orientation.RIGHT, shown, told)
        + "</div><div class=\"flow-narrow\">"
        + drawing(flow, Orientation.DOWN, shown, told)
        + "</div></div>";
  }

  private static String drawing(
      Flow flow, Orientation orientation, Map<String, Shown> shown, String told) {
    String prefix = orientation == Orientation.RIGHT ? "right." : "down.";
    return Drawing.of(Layout.of(flow, orientation), shown, prefix, told);
  }
}
