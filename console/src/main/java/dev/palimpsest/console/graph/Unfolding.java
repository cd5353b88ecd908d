package dev.palimpsest.console.graph;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.palimpsest.console.graph.Flow.Edge;
import dev.palimpsest.console.graph.Flow.Group;
import dev.palimpsest.console.graph.Flow.Node;
import dev.palimpsest.console.graph.Flow.Part;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.Definition.Task;
import dev.palimpsest.workflows.Expressions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Unfolds a definition, which may be wrong in any way, into its flow: forks, joins, variables and
 * templates are gone, and each stage stands behind those whose outputs reach its inputs.
 */
final class Unfolding {
  private static final int DEEPEST = 12;
  private static final int MOST = 400;

  private final Set<Edge> edges = new LinkedHashSet<>();
  private final Set<String> keys = new HashSet<>();
  private final Set<String> sweeps = new HashSet<>();
  private final List<Placed> placed = new ArrayList<>();
  private int calls;

  private Unfolding() {}

  /** A stage, where it stands, and what it waits for. */
  private record Placed(Node node, Task task, Scope scope, Set<String> behind) {}

  /**
   * A workflow and who calls it.
   *
   * @param given its inputs, in the words of the caller
   * @param called the workflows that its tasks call, by the reference of the task
   */
  private record Scope(
      Definition definition,
      String path,
      int depth,
      Optional<Scope> caller,
      List<JsonNode> given,
      Map<String, Task> tasks,
      Map<String, Scope> called,
      Map<String, String> sweepOf) {
    static Scope of(
        Definition definition, String path, Optional<Scope> caller, List<JsonNode> given) {
      var tasks = new HashMap<String, Task>();
      definition.tasks().forEach(task -> tasks.putIfAbsent(task.reference(), task));
      int depth = caller.map(outer -> outer.depth() + 1).orElse(0);
      return new Scope(
          definition, path, depth, caller, given, tasks, new HashMap<>(), new HashMap<>());
    }
  }

  static Flow of(Definition definition) {
    var unfolding = new Unfolding();
    Scope scope = Scope.of(definition, "", Optional.empty(), List.of());
    var parts = new ArrayList<Part>();
    unfolding.sequence(scope, definition.json().path("tasks"), Set.of(), parts);
    unfolding.placed.forEach(unfolding::connect);
    return new Flow(
        parts, Flow.reduced(Flow.nodes(parts), unfolding.edges), Set.copyOf(unfolding.sweeps));
  }

  /**
   * Adds the tasks of a list.
   *
   * @param behind what has ended when the first of them starts
   * @return what has ended behind the last
   */
  private Set<String> sequence(Scope scope, JsonNode list, Set<String> behind, List<Part> into) {
    Set<String> ended = behind;
    for (Task task : Definition.direct(list)) {
      ended = task(scope, task, ended, into);
    }
    return ended;
  }

  private Set<String> task(Scope scope, Task task, Set<String> behind, List<Part> into) {
    JsonNode json = task.json();
    return switch (task.type()) {
      case "FORK_JOIN" -> {
        var ends = new LinkedHashSet<String>();
        json.path("forkTasks").forEach(b -> ends.addAll(sequence(scope, b, behind, into)));
        yield ends;
      }
      case "DO_WHILE" -> {
        var within = new ArrayList<Part>();
        Set<String> ends = sequence(scope, json.path("loopOver"), behind, within);
        group(scope, task.reference(), Labels.loop(task), within, into);
        yield ends;
      }
      case "SWITCH" -> {
        var ends = new LinkedHashSet<String>();
        json.path("decisionCases")
            .properties()
            .forEach(each ->
                ends.addAll(
                    branch(
                        scope,
                        task,
                        each.getValue(),
                        Labels.of(task, each.getKey()),
                        behind,
                        into)));
        ends.addAll(
            branch(scope, task, json.path("defaultCase"), Labels.otherwise(task), behind, into));
        yield ends;
      }
      case "SUB_WORKFLOW" ->
          call(scope, task, task.reference(), List.of(json.path("inputParameters")), behind, into);
      case "FORK_JOIN_DYNAMIC" -> sweep(scope, task, behind, into);
      case "JOIN", "SET_VARIABLE", "JSON_JQ_TRANSFORM" -> behind;
      default -> {
        String about = json.path("description").asText("");
        yield node(scope, task, task.reference(), task.name(), about, behind, into);
      }
    };
  }

  private Set<String> branch(
      Scope scope, Task task, JsonNode list, String label, Set<String> behind, List<Part> into) {
    var within = new ArrayList<Part>();
    Set<String> ends = sequence(scope, list, behind, within);
    group(scope, task.reference(), label, within, into);
    return ends;
  }

  private void group(
      Scope scope, String reference, String label, List<Part> within, List<Part> into) {
    if (!within.isEmpty()) {
      into.add(new Group(unique(RunJournal.within(scope.path(), reference)), label, within));
    }
  }

  private Set<String> node(
      Scope scope,
      Task task,
      String name,
      String stage,
      String about,
      Set<String> behind,
      List<Part> into) {
    Node node = new Node(unique(RunJournal.within(scope.path(), name)), name, stage, about);
    into.add(node);
    placed.add(new Placed(node, task, scope, behind));
    return Set.of(node.key());
  }

  private String unique(String key) {
    String free = key;
    for (int i = 2; !keys.add(free); i++) {
      free = key + "~" + i;
    }
    return free;
  }

  /** A called workflow, as a group; as a node where it is unknown or there is too much already. */
  private Set<String> call(
      Scope scope,
      Task task,
      String reference,
      List<JsonNode> given,
      Set<String> behind,
      List<Part> into) {
    String name = task.calls().orElse("");
    Optional<Definition> called =
        scope.depth() < DEEPEST && placed.size() < MOST && calls++ < MOST
            ? scope.definition().subWorkflow(name)
            : Optional.empty();
    if (called.isEmpty()) {
      return node(scope, task, reference, name, "Sub-workflow " + name, behind, into);
    }
    String path = RunJournal.within(scope.path(), reference);
    Scope inner = Scope.of(called.get(), path, Optional.of(scope), given);
    scope.called().put(task.reference(), inner);
    var within = new ArrayList<Part>();
    Set<String> ends = sequence(inner, called.get().json().path("tasks"), behind, within);
    group(scope, reference, Labels.call(task, reference, name), within, into);
    return ends;
  }

  private Set<String> sweep(Scope scope, Task fork, Set<String> behind, List<Part> into) {
    String tasks = fork.json().path("inputParameters").path("tasks").asText();
    Optional<Task> sweep = first(tasks).map(scope.tasks()::get);
    if (sweep.isEmpty()) {
      return node(scope, fork, fork.reference(), fork.type(), "", behind, into);
    }
    JsonNode inputs = sweep.get().json().path("inputParameters");
    String as = inputs.path("as").asText(fork.reference());
    scope.sweepOf().put(fork.reference(), sweep.get().reference());
    joinBehind(scope, fork).ifPresent(join -> scope.sweepOf().put(join, sweep.get().reference()));
    sweeps.add(RunJournal.within(scope.path(), as));
    if (sweep.get().calls().isPresent()) {
      List<JsonNode> given = List.of(inputs.path("common"), inputs.path("over"));
      return call(scope, sweep.get(), as, given, behind, into);
    }
    String stage = inputs.path("stage").asText();
    return node(scope, sweep.get(), as, stage, "One for each set of settings", behind, into);
  }

  private static Optional<String> joinBehind(Scope scope, Task fork) {
    List<Task> all = scope.definition().tasks();
    int at = all.indexOf(fork);
    return at >= 0 && at + 1 < all.size() && all.get(at + 1).type().equals("JOIN")
        ? Optional.of(all.get(at + 1).reference())
        : Optional.empty();
  }

  /** Draws the edges to a stage: from what it takes, else from what it waits for. */
  private void connect(Placed stage) {
    var sources = new LinkedHashSet<String>();
    from(stage.task().json().path("inputParameters"), stage.scope(), sources, new HashSet<>());
    sources.remove(stage.node().key());
    sources.forEach(source -> edges.add(new Edge(source, stage.node().key(), false)));
    if (sources.isEmpty()) {
      stage.behind().forEach(before -> edges.add(new Edge(before, stage.node().key(), true)));
    }
  }

  /** The stages whose outputs a value holds. */
  private void from(JsonNode value, Scope scope, Set<String> into, Set<String> seen) {
    for (String path : Expressions.paths(value)) {
      if (seen.add(scope.path() + ":" + path)) {
        from(path.split("[.\\[]"), scope, into, seen);
      }
    }
  }

  private void from(String[] path, Scope scope, Set<String> into, Set<String> seen) {
    String field = path.length > 2 ? path[2] : "";
    if (!path[0].equals("workflow")) {
      Task task = scope.tasks().get(path[0]);
      if (task != null) {
        outputs(task, field, scope, into, seen);
      }
    } else if (path.length > 2 && path[1].equals("input") && scope.caller().isPresent()) {
      for (JsonNode given : scope.given()) {
        JsonNode value = given.isObject() ? given.path(field) : given;
        from(value, scope.caller().get(), into, seen);
      }
    } else if (path.length > 2 && path[1].equals("variables")) {
      scope.tasks().values().stream()
          .filter(task -> task.type().equals("SET_VARIABLE"))
          .forEach(
              task -> from(task.json().path("inputParameters").path(field), scope, into, seen));
    }
  }

  /** The stages behind an output of a task. */
  private void outputs(Task task, String output, Scope scope, Set<String> into, Set<String> seen) {
    JsonNode inputs = task.json().path("inputParameters");
    String sweep = scope.sweepOf().get(task.reference());
    if (sweep != null) {
      Task made = scope.tasks().get(sweep);
      if (made != null) {
        called(made, inputs.path("as").asText(output), scope, into, seen);
      }
      return;
    }
    switch (task.type()) {
      case "JOIN" ->
          task.json()
              .path("joinOn")
              .forEach(on -> {
                Task waited = scope.tasks().get(on.asText());
                if (waited != null && waited != task && seen.add(scope.path() + ":join " + on)) {
                  outputs(waited, output, scope, into, seen);
                }
              });
      case "JSON_JQ_TRANSFORM" -> {
        Task looped = scope.tasks().get(inputs.path("task").asText());
        if (looped != null) {
          outputs(looped, inputs.path("output").asText(), scope, into, seen);
        } else if (inputs.path("output").isTextual()) {
          first(inputs.path("from").asText())
              .map(scope.tasks()::get)
              .ifPresent(from -> outputs(from, inputs.path("output").asText(), scope, into, seen));
        } else {
          from(inputs, scope, into, seen);
        }
      }
      case "SUB_WORKFLOW" -> called(task, output, scope, into, seen);
      case "SIMPLE" -> into.add(RunJournal.within(scope.path(), task.reference()));
      case "DO_WHILE", "SWITCH", "FORK_JOIN", "FORK_JOIN_DYNAMIC" -> {}
      default -> from(inputs, scope, into, seen);
    }
  }

  /** The stages behind an output of a called workflow, or of a stage that a sweep calls. */
  private void called(Task task, String output, Scope scope, Set<String> into, Set<String> seen) {
    Scope inner = scope.called().get(task.reference());
    if (inner == null) {
      String name = task.json().path("inputParameters").path("as").asText(task.reference());
      into.add(RunJournal.within(scope.path(), name));
      return;
    }
    JsonNode outputs = inner.definition().json().path("outputParameters");
    JsonNode value = outputs.has(output) ? outputs.path(output) : outputs;
    from(value.isMissingNode() ? MissingNode.getInstance() : value, inner, into, seen);
  }

  /** The task that a text's expression names. */
  private static Optional<String> first(String text) {
    return text.startsWith("${") && text.indexOf('.') > 2
        ? Optional.of(text.substring(2, text.indexOf('.')))
        : Optional.empty();
  }
}
