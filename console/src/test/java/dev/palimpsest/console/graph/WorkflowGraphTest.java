package dev.palimpsest.console.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.console.graph.Flow.Edge;
import dev.palimpsest.console.graph.Flow.Node;
import dev.palimpsest.console.graph.Layout.Box;
import dev.palimpsest.console.graph.Layout.Frame;
import dev.palimpsest.console.graph.Layout.Point;
import dev.palimpsest.workflows.Definition;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WorkflowGraphTest {
  private static final double PHONE = 358;

  @ParameterizedTest
  @ValueSource(strings = {"sbl", "sbl-arm", "sbl-compare", "continual", "continual-compare", "ilr"})
  void noTwoNodesOverlapAndEachLiesWithinItsGroup(String name) {
    WorkflowGraph graph = WorkflowGraph.of(Definition.shipped(name));
    for (Orientation orientation : Orientation.values()) {
      Layout layout = graph.layout(orientation);
      for (Box one : layout.boxes()) {
        assertThat(one.x() + one.width()).isLessThanOrEqualTo(layout.width());
        assertThat(one.y() + one.height()).isLessThanOrEqualTo(layout.height());
        assertThat(layout.boxes()).filteredOn(other -> other != one && meet(one, other)).isEmpty();
        assertThat(layout.frames())
            .filteredOn(frame -> Flow.nodes(frame.group().parts()).contains(one.node()))
            .allMatch(frame -> within(one, frame));
        assertThat(layout.frames())
            .filteredOn(frame -> !Flow.nodes(frame.group().parts()).contains(one.node()))
            .noneMatch(frame -> within(one, frame));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sbl", "sbl-arm", "sbl-compare", "continual", "continual-compare", "ilr"})
  void noEdgeRunsThroughANode(String name) {
    WorkflowGraph graph = WorkflowGraph.of(Definition.shipped(name));
    for (Orientation orientation : Orientation.values()) {
      Layout layout = graph.layout(orientation);
      assertThat(layout.lines()).hasSameSizeAs(graph.flow().edges());
      layout
          .lines()
          .forEach(line -> {
            for (int i = 1; i < line.points().size(); i++) {
              Point from = line.points().get(i - 1);
              Point to = line.points().get(i);
              assertThat(layout.boxes()).noneMatch(box -> crosses(box, from, to));
            }
          });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sbl", "sbl-arm", "sbl-compare", "continual", "continual-compare", "ilr"})
  void theNarrowDrawingFitsAPhone(String name) {
    assertThat(WorkflowGraph.of(Definition.shipped(name)).layout(Orientation.DOWN).width())
        .isLessThan(PHONE);
  }

  @Test
  void everyStageIsDrawnOnce() {
    Definition sbl = Definition.shipped("sbl");
    List<String> drawn =
        WorkflowGraph.of(sbl).flow().nodes().stream().map(Node::key).sorted().toList();
    assertThat(drawn)
        .isEqualTo(sbl.stages().stream().map(Definition.Task::reference).sorted().toList())
        .hasSize(17);
  }

  @Test
  void edgesAreWhatStagesHandEachOtherWithoutThoseThatOthersImply() {
    List<Edge> edges = WorkflowGraph.of(Definition.shipped("sbl")).flow().edges();
    // joint takes prepare's data, too, and waits for poison anyway.
    assertThat(edges)
        .contains(
            new Edge("prepare", "poison", false),
            new Edge("poison", "joint", false),
            new Edge("joint_ft_sam", "joint_after_ft_sam", false),
            new Edge("sbl_before", "summarise", false))
        .doesNotContain(
            new Edge("prepare", "joint", false), new Edge("joint_ft", "summarise", false));
  }

  @Test
  void dataPassThroughVariablesTemplatesLoopsSweepsAndSubWorkflows() {
    Flow flow = WorkflowGraph.of(Definition.shipped("continual-compare")).flow();
    assertThat(flow.edges())
        .containsExactlyInAnyOrder(
            new Edge("cell.split", "cell.begin", false),
            new Edge("cell.begin", "cell.untrained", false),
            new Edge("cell.begin", "cell.learn", false),
            new Edge("cell.learn", "cell.consolidate", false),
            new Edge("cell.consolidate", "cell.evaluate", false),
            new Edge("cell.evaluate", "cell.summarise", false),
            new Edge("cell.untrained", "cell.summarise", false),
            new Edge("cell.summarise", "compare", false));
  }

  @Test
  void branchesAndIterationsOfARunAreOneNodeThatCountsThem() {
    WorkflowGraph graph = WorkflowGraph.of(Definition.shipped("continual-compare"));
    var shown = new TreeMap<String, Shown>();
    shown.put("cell_1.learn__1", new Shown("done", "48 s", Optional.empty()));
    shown.put("cell_1.learn__2", new Shown("running", "epoch 3/10", Optional.of("/runs/1")));
    shown.put("cell_2.learn__1", new Shown("waiting", "", Optional.empty()));
    Shown learn = graph.flow().shown(shown).get("cell.learn");
    assertThat(learn).isEqualTo(new Shown("running", "epoch 3/10", Optional.of("/runs/1")));
    shown.put("cell_2.learn__1", new Shown("failed", "", Optional.empty()));
    assertThat(graph.flow().shown(shown).get("cell.learn")).returns("1 of 3 failed", Shown::line);
  }

  @Test
  void statesAreDrawnAnewAndAllIdsStay() {
    WorkflowGraph graph = WorkflowGraph.of(Definition.shipped("sbl"));
    String waiting = graph.html(Map.of());
    String running =
        graph.html(
            Map.of("joint", new Shown("running", "epoch 3/10", Optional.of("/runs/r?task=joint"))));
    assertThat(ids(running)).isEqualTo(ids(waiting)).doesNotHaveDuplicates().hasSize(36);
    assertThat(running)
        .contains("href=\"/runs/r?task=joint\"")
        .contains("aria-label=\"joint, train: running, epoch 3/10\"")
        .contains(">epoch 3/10</text>");
  }

  @Test
  void theSameDefinitionIsLaidOutTheSame() {
    Flow flow = Unfolding.of(Definition.shipped("sbl"));
    for (Orientation orientation : Orientation.values()) {
      assertThat(Layout.of(flow, orientation)).isEqualTo(Layout.of(flow, orientation));
    }
    assertThat(WorkflowGraph.of(Definition.shipped("sbl")))
        .isSameAs(WorkflowGraph.of(Definition.shipped("sbl")));
  }

  @Test
  void whatADefinitionSaysIsEscaped() {
    String drawn =
        WorkflowGraph.of(
                definition(
                    """
                    {"name": "<script>", "tasks": [{"name": "<b>", "type": "SIMPLE",
                      "taskReferenceName": "\\"><script>alert(1)</script>", "description": "'&"}]}\
                    """))
            .html(Map.of());
    assertThat(drawn).doesNotContain("<script", "<b>").contains("&lt;script&gt;");
  }

  @Test
  void aWrongDefinitionIsDrawnAsFarAsItGoes() {
    WorkflowGraph graph =
        WorkflowGraph.of(
            definition(
                """
                {"name": "wrong", "tasks": [
                  {"name": "train", "taskReferenceName": "a", "type": "SIMPLE",
                   "inputParameters": {"inputs": {"x": "${a.output.y}", "z": "${nobody.output.y}"}}},
                  {"name": "train", "taskReferenceName": "a", "type": "SIMPLE"},
                  {"taskReferenceName": "c", "type": "SUB_WORKFLOW",
                   "subWorkflowParam": {"name": "wrong"}},
                  {"taskReferenceName": "d", "type": "FORK_JOIN_DYNAMIC"}, 7, {"type": "HTTP"}],
                 "subWorkflows": {"wrong": {"name": "wrong", "tasks": [
                   {"taskReferenceName": "c", "type": "SUB_WORKFLOW",
                    "subWorkflowParam": {"name": "wrong"}}]}}}\
                """));
    assertThat(graph.flow().nodes()).extracting(Node::name).contains("a", "a", "c", "d");
    assertThat(graph.html(Map.of())).contains("</svg>");
  }

  private static Definition definition(String text) {
    return Definition.of("test", text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> ids(String svg) {
    Matcher id = Pattern.compile(" id=\"([^\"]+)\"").matcher(svg);
    return id.results().map(found -> found.group(1)).toList();
  }

  private static boolean meet(Box a, Box b) {
    return a.x() < b.x() + b.width()
        && b.x() < a.x() + a.width()
        && a.y() < b.y() + b.height()
        && b.y() < a.y() + a.height();
  }

  private static boolean within(Box box, Frame frame) {
    return box.x() >= frame.x()
        && box.y() >= frame.y()
        && box.x() + box.width() <= frame.x() + frame.width()
        && box.y() + box.height() <= frame.y() + frame.height();
  }

  private static boolean crosses(Box box, Point from, Point to) {
    return Math.max(from.x(), to.x()) > box.x() + 1
        && Math.min(from.x(), to.x()) < box.x() + box.width() - 1
        && Math.max(from.y(), to.y()) > box.y() + 1
        && Math.min(from.y(), to.y()) < box.y() + box.height() - 1;
  }
}
