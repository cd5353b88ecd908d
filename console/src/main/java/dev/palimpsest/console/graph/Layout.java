package dev.palimpsest.console.graph;

import dev.palimpsest.console.graph.Flow.Edge;
import dev.palimpsest.console.graph.Flow.Group;
import dev.palimpsest.console.graph.Flow.Node;
import dev.palimpsest.console.graph.Flow.Part;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.elk.alg.layered.options.CrossingMinimizationStrategy;
import org.eclipse.elk.alg.layered.options.LayeredMetaDataProvider;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.alg.layered.options.LayeringStrategy;
import org.eclipse.elk.alg.layered.options.NodePlacementStrategy;
import org.eclipse.elk.alg.layered.options.OrderingStrategy;
import org.eclipse.elk.core.RecursiveGraphLayoutEngine;
import org.eclipse.elk.core.data.LayoutMetaDataService;
import org.eclipse.elk.core.math.ElkPadding;
import org.eclipse.elk.core.math.KVector;
import org.eclipse.elk.core.options.Alignment;
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeRouting;
import org.eclipse.elk.core.options.HierarchyHandling;
import org.eclipse.elk.core.options.PortConstraints;
import org.eclipse.elk.core.options.PortSide;
import org.eclipse.elk.core.options.SizeConstraint;
import org.eclipse.elk.core.util.BasicProgressMonitor;
import org.eclipse.elk.graph.ElkBendPoint;
import org.eclipse.elk.graph.ElkConnectableShape;
import org.eclipse.elk.graph.ElkEdge;
import org.eclipse.elk.graph.ElkEdgeSection;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.ElkPort;
import org.eclipse.elk.graph.util.ElkGraphUtil;

/**
 * Where everything of a graph lies, in pixels from its upper left corner. The same flow gives the
 * same layout.
 */
record Layout(double width, double height, List<Box> boxes, List<Frame> frames, List<Line> lines) {
  static final double NODE_HEIGHT = 44;

  private static final double NARROWEST = 116;
  private static final double WIDEST = 216;
  private static final double STEP = 12;

  /** About as wide is a letter of a name. */
  static final double LETTER = 7;

  private static final double ICON = 44;
  private static final double MARGIN = 2;
  private static final int STRAIGHT = 100;
  private static final int ABREAST = 1400;

  /** A stage. */
  record Box(Node node, double x, double y, double width, double height) {}

  /** A group around boxes; {@code depth} is 0 for those that lie in no other. */
  record Frame(Group group, int depth, double x, double y, double width, double height) {}

  record Point(double x, double y) {}

  record Line(Edge edge, List<Point> points) {}

  static {
    LayoutMetaDataService.getInstance()
        .registerLayoutMetaDataProviders(new LayeredMetaDataProvider());
  }

  static Layout of(Flow flow, Orientation orientation) {
    if (orientation == Orientation.DOWN) {
      return new Run(flow, Direction.DOWN, true).layout();
    }
    Layout right = new Run(flow, Direction.RIGHT, false).layout();
    if (right.width() <= ABREAST) {
      return right;
    }
    Layout down = new Run(flow, Direction.DOWN, false).layout();
    return down.width() < right.width() ? down : right;
  }

  /** The width of a box that holds these texts. */
  private static double width(Node node) {
    double text = Math.max(node.name().length() * LETTER, node.stage().length() * LETTER * .82);
    double steps = Math.ceil((text + ICON - NARROWEST) / STEP);
    return Math.clamp(NARROWEST + steps * STEP, NARROWEST, WIDEST);
  }

  private static final class Run {
    private final Flow flow;
    private final Direction direction;
    private final boolean column;
    private final double columnWidth;
    private final List<String> order;
    private final ElkNode root = ElkGraphUtil.createGraph();
    private final Map<String, ElkNode> nodes = new HashMap<>();
    private final Map<ElkEdge, Edge> edges = new HashMap<>();
    private final List<Box> boxes = new ArrayList<>();
    private final List<Frame> frames = new ArrayList<>();
    private final List<Line> lines = new ArrayList<>();

    /**
     * @param column whether no two nodes may stand side by side
     */
    Run(Flow flow, Direction direction, boolean column) {
      this.flow = flow;
      this.direction = direction;
      this.column = column;
      order = flow.nodes().stream().map(Node::key).toList();
      columnWidth = flow.nodes().stream().mapToDouble(Layout::width).max().orElse(NARROWEST);
    }

    Layout layout() {
      settings(root, MARGIN, MARGIN);
      root.setProperty(CoreOptions.ALGORITHM, "org.eclipse.elk.layered");
      root.setProperty(
          LayeredOptions.CONSIDER_MODEL_ORDER_STRATEGY, OrderingStrategy.NODES_AND_EDGES);
      root.setProperty(LayeredOptions.HIERARCHY_HANDLING, HierarchyHandling.INCLUDE_CHILDREN);
      flow.parts().forEach(part -> add(part, root));
      for (Edge edge : flow.edges()) {
        edges.put(connect(edge.from(), edge.to()), edge);
      }
      if (column) {
        inColumn(flow.parts());
      }
      new RecursiveGraphLayoutEngine().layout(root, new BasicProgressMonitor());
      flow.parts().forEach(part -> read(part, 0, 0, 0));
      edges.forEach((drawn, edge) -> read(drawn, edge));
      lines.sort(java.util.Comparator.comparingInt(line -> flow.edges().indexOf(line.edge())));
      return new Layout(root.getWidth(), root.getHeight(), boxes, frames, lines);
    }

    private void settings(ElkNode node, double top, double around) {
      node.setProperty(LayeredOptions.DIRECTION, direction);
      node.setProperty(LayeredOptions.EDGE_ROUTING, EdgeRouting.ORTHOGONAL);
      node.setProperty(LayeredOptions.PADDING, new ElkPadding(top, around, around, around));
      node.setProperty(LayeredOptions.SPACING_NODE_NODE, 14.0);
      node.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, column ? 22.0 : 26.0);
      node.setProperty(LayeredOptions.SPACING_EDGE_NODE_BETWEEN_LAYERS, 10.0);
      node.setProperty(LayeredOptions.SPACING_EDGE_EDGE_BETWEEN_LAYERS, 8.0);
      node.setProperty(LayeredOptions.SPACING_EDGE_NODE, column ? 10.0 : 12.0);
      node.setProperty(LayeredOptions.SPACING_EDGE_EDGE, 8.0);
      node.setProperty(LayeredOptions.MERGE_EDGES, true);
      node.setProperty(LayeredOptions.THOROUGHNESS, 40);
      node.setProperty(LayeredOptions.LAYERING_STRATEGY, LayeringStrategy.LONGEST_PATH_SOURCE);
      node.setProperty(LayeredOptions.MERGE_HIERARCHY_EDGES, true);
      node.setProperty(
          LayeredOptions.CROSSING_MINIMIZATION_STRATEGY, CrossingMinimizationStrategy.LAYER_SWEEP);
      node.setProperty(
          LayeredOptions.NODE_PLACEMENT_STRATEGY, NodePlacementStrategy.NETWORK_SIMPLEX);
    }

    private void add(Part part, ElkNode parent) {
      ElkNode node = ElkGraphUtil.createNode(parent);
      node.setIdentifier(part.key());
      nodes.put(part.key(), node);
      switch (part) {
        case Node stage -> {
          node.setProperty(CoreOptions.ALIGNMENT, Alignment.LEFT);
          node.setDimensions(column ? columnWidth : width(stage), NODE_HEIGHT);
        }
        case Group group -> {
          settings(node, 34, 12);
          node.setProperty(CoreOptions.ALIGNMENT, Alignment.LEFT);
          node.setProperty(
              LayeredOptions.NODE_SIZE_CONSTRAINTS, SizeConstraint.minimumSizeWithPorts());
          double label = group.label().length() * 6.3 + 28;
          // ELK turns a graph that runs down before it looks at these.
          node.setProperty(
              LayeredOptions.NODE_SIZE_MINIMUM,
              direction == Direction.DOWN
                  ? new KVector(NODE_HEIGHT, label)
                  : new KVector(label, NODE_HEIGHT));
          group.parts().forEach(each -> add(each, node));
        }
      }
    }

    private ElkEdge connect(String from, String to) {
      ElkEdge edge =
          column
              ? ElkGraphUtil.createSimpleEdge(
                  port(node(from), PortSide.SOUTH, 0), port(node(to), PortSide.NORTH, 0))
              : ElkGraphUtil.createSimpleEdge(node(from), node(to));
      ElkGraphUtil.updateContainment(edge);
      if (column && order.indexOf(to) == order.indexOf(from) + 1) {
        edge.setProperty(LayeredOptions.PRIORITY_STRAIGHTNESS, STRAIGHT);
      }
      return edge;
    }

    /** Puts each part below the former one: by an edge that is not drawn, where there is none. */
    private void inColumn(List<Part> parts) {
      for (int i = 1; i < parts.size(); i++) {
        Set<String> upper = keys(parts.get(i - 1));
        Set<String> lower = keys(parts.get(i));
        if (flow.edges().stream()
            .noneMatch(edge -> upper.contains(edge.from()) && lower.contains(edge.to()))) {
          ElkEdge unseen =
              ElkGraphUtil.createSimpleEdge(
                  end(parts.get(i - 1), PortSide.SOUTH), end(parts.get(i), PortSide.NORTH));
          ElkGraphUtil.updateContainment(unseen);
          unseen.setProperty(LayeredOptions.PRIORITY_STRAIGHTNESS, STRAIGHT);
        }
      }
      for (Part part : parts) {
        if (part instanceof Group group) {
          inColumn(group.parts());
        }
      }
    }

    private static Set<String> keys(Part part) {
      return Flow.nodes(List.of(part)).stream().map(Node::key).collect(Collectors.toSet());
    }

    /** A port of its own, so that the edge is merged with no other. */
    private ElkConnectableShape end(Part part, PortSide side) {
      ElkNode node = node(part.key());
      return part instanceof Group ? node : port(node, side, 1);
    }

    /** In the middle of a side; two of them, one over the other. */
    private static ElkPort port(ElkNode node, PortSide side, int which) {
      int at = (side == PortSide.NORTH ? 0 : 2) + which;
      while (node.getPorts().size() < 4) {
        boolean top = node.getPorts().size() < 2;
        ElkPort port = ElkGraphUtil.createPort(node);
        port.setLocation(node.getWidth() / 2, top ? 0 : node.getHeight());
        port.setProperty(CoreOptions.PORT_SIDE, top ? PortSide.NORTH : PortSide.SOUTH);
      }
      node.setProperty(CoreOptions.PORT_CONSTRAINTS, PortConstraints.FIXED_POS);
      return node.getPorts().get(at);
    }

    private ElkNode node(String key) {
      return Optional.ofNullable(nodes.get(key)).orElseThrow();
    }

    private void read(Part part, double left, double top, int depth) {
      ElkNode at = node(part.key());
      double x = left + at.getX();
      double y = top + at.getY();
      switch (part) {
        case Node stage -> boxes.add(new Box(stage, x, y, at.getWidth(), at.getHeight()));
        case Group group -> {
          frames.add(new Frame(group, depth, x, y, at.getWidth(), at.getHeight()));
          group.parts().forEach(each -> read(each, x, y, depth + 1));
        }
      }
    }

    /** Coordinates of an edge are relative to the node that contains it. */
    private void read(ElkEdge drawn, Edge edge) {
      double x = 0;
      double y = 0;
      for (ElkNode in = drawn.getContainingNode(); in != null && in != root; in = in.getParent()) {
        x += in.getX();
        y += in.getY();
      }
      for (ElkEdgeSection section : drawn.getSections()) {
        var points = new ArrayList<Point>();
        points.add(new Point(x + section.getStartX(), y + section.getStartY()));
        for (ElkBendPoint bend : section.getBendPoints()) {
          points.add(new Point(x + bend.getX(), y + bend.getY()));
        }
        points.add(new Point(x + section.getEndX(), y + section.getEndY()));
        lines.add(new Line(edge, points));
      }
    }
  }
}
