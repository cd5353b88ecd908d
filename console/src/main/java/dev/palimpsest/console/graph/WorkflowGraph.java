package dev.palimpsest.console.graph;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.RecentlyUsed;
import dev.palimpsest.workflows.Definition;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * The stages of a definition as a graph: loops, cases, sweeps and sub-workflows are groups, and the
 * edges are what stages hand each other; an edge that others imply is left out.
 *
 * <p>Laid out once for each definition; what its nodes show is drawn anew each time.
 */
public final class WorkflowGraph {
  private static final int MOST_KEPT = 200;
  private static final int MOST_DRAWN = 400;

  private static final Map<Digest, WorkflowGraph> KEPT = RecentlyUsed.map(MOST_KEPT);

  private final String name;
  private final Flow flow;
  private final Map<Orientation, Layout> layouts = new EnumMap<>(Orientation.class);

  private WorkflowGraph(String name, Flow flow) {
    this.name = name;
    this.flow = flow;
    for (Orientation orientation : Orientation.values()) {
      layouts.put(orientation, Layout.of(flow, orientation));
    }
  }

  /** The graph of a definition, which may be wrong in any way. */
  public static WorkflowGraph of(Definition definition) {
    Digest digest = Digest.of(Json.line(definition.whole()));
    WorkflowGraph known = KEPT.get(digest);
    if (known == null) {
      known = new WorkflowGraph(definition.name(), Unfolding.of(definition));
      KEPT.put(digest, known);
    }
    return known;
  }

  /** Both drawings of a definition's graph; empty where there is too much to draw. */
  public static String html(Definition definition, Map<String, Shown> shown) {
    return definition.tasks().size() > MOST_DRAWN ? "" : of(definition).html(shown);
  }

  /** Lays a graph out in the background: the first layout of all takes two seconds. */
  public static void warmUp() {
    Thread.ofPlatform().daemon().name("first-layout").start(() -> of(Definition.shipped("sbl")));
  }

  /** How many nodes it has. */
  public int size() {
    return flow.nodes().size();
  }

  /**
   * The graph as one {@code <svg>} whose ids stay the same.
   *
   * @param shown by the paths of a run's tasks, as {@link dev.palimpsest.workflows.RunView} names
   *     them; what a loop or a sweep runs several times is one node
   */
  public String svg(Orientation orientation, Map<String, Shown> shown) {
    String prefix = orientation == Orientation.RIGHT ? "right." : "down.";
    String told = "Workflow " + name + ", " + size() + (size() == 1 ? " stage" : " stages");
    return Drawing.of(layout(orientation), flow.shown(shown), prefix, told);
  }

  /** Both drawings; the style sheet shows the one that fits the width of what it stands in. */
  public String html(Map<String, Shown> shown) {
    return "<div class=\"graph\"><div class=\"flow-wide\">"
        + svg(Orientation.RIGHT, shown)
        + "</div><div class=\"flow-narrow\">"
        + svg(Orientation.DOWN, shown)
        + "</div></div>";
  }

  Layout layout(Orientation orientation) {
    return Objects.requireNonNull(layouts.get(orientation));
  }

  Flow flow() {
    return flow;
  }
}
