package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.spec.Field;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.workflows.InputField.Any;
import dev.palimpsest.workflows.InputField.Feed;
import dev.palimpsest.workflows.InputField.Fields;
import dev.palimpsest.workflows.InputField.OfNumerics;
import dev.palimpsest.workflows.InputField.OfType;
import dev.palimpsest.workflows.InputField.Parameter;
import dev.palimpsest.workflows.InputField.Takes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Follows the inputs of a definition to what they feed, so that a form can show what each is. */
public final class InputFields {
  private static final String GIVEN = "workflow.input.";

  private final Definition definition;
  private final Catalogue catalogue;
  private final Node root = new Node();

  private InputFields(Definition definition, Catalogue catalogue) {
    this.definition = definition;
    this.catalogue = catalogue;
  }

  /** What is fed at one path of the inputs, and at the paths below. */
  private static final class Node {
    private final List<Takes> takes = new ArrayList<>();
    private final List<Feed> feeds = new ArrayList<>();
    private final Map<String, Node> within = new LinkedHashMap<>();

    Node at(String path) {
      Node node = this;
      for (String step : path.split("\\.")) {
        node = node.within.computeIfAbsent(step, s -> new Node());
      }
      return node;
    }

    InputField field(String name) {
      Takes all =
          !takes.isEmpty()
              ? takes.stream().reduce(InputFields::both).orElseThrow()
              : within.isEmpty() ? new Any() : new Fields(fields());
      var fed = new ArrayList<>(feeds);
      within.values().forEach(node -> fed.addAll(node.field("").feeds()));
      return new InputField(name, all, fed.stream().distinct().toList());
    }

    private List<InputField> fields() {
      return within.entrySet().stream().map(e -> e.getValue().field(e.getKey())).toList();
    }
  }

  /**
   * The inputs of a definition, in its order.
   *
   * @throws dev.palimpsest.base.Mistake if it calls a stage that the catalogue does not have
   */
  public static List<InputField> of(Definition definition, Catalogue catalogue) {
    var fields = new InputFields(definition, catalogue);
    definition.tasks().forEach(fields::task);
    return definition.inputs().stream()
        .map(name -> fields.root.within.getOrDefault(name, new Node()).field(name))
        .toList();
  }

  private void task(Definition.Task task) {
    JsonNode given = task.json().path("inputParameters");
    switch (TaskType.of(task.type()).orElse(TaskType.JOIN)) {
      case SIMPLE -> call(task, task.name(), given);
      case SUB_WORKFLOW -> called(task, given);
      case DO_WHILE -> each(given, (name, value) -> feed(value, new Parameter(bound(task)), task));
      case SWITCH -> {
        Field cases = cases(task, task.json().path("decisionCases"));
        each(given, (name, value) -> feed(value, new Parameter(cases), task));
      }
      case JSON_JQ_TRANSFORM -> Template.of(task).ifPresent(known -> template(task, known, given));
      case FORK_JOIN, FORK_JOIN_DYNAMIC, JOIN, SET_VARIABLE -> {}
    }
  }

  private void template(Definition.Task task, Template template, JsonNode given) {
    JsonNode common = given.path("common");
    switch (template) {
      case SWEEP_WORKFLOW -> called(task, common);
      case SWEEP_STAGE -> call(task, given.path("stage").asText(), common);
      case GRID ->
          each(given.path("of"), (name, list) -> feed(list, new Parameter(list(task)), task));
      default -> {}
    }
    for (String name : List.of("of", "with", "over", "from")) {
      feed(given.path(name), new Parameter(list(task)), task);
    }
  }

  /** A call of a stage: its parameters, inputs, seed and numerics. */
  private void call(Definition.Task task, String stage, JsonNode given) {
    Catalogue.StageEntry entry = catalogue.stage(stage);
    parameter(task, stage, "", group(entry), given.path("parameters"));
    each(
        given.path("inputs"),
        (port, value) -> {
          ArtifactType type = entry.input(port).type();
          feed(value, new OfType(type), task);
          each(value, (name, one) -> feed(one, new OfType(type), task));
        });
    feed(given.path("seed"), new Parameter(seed()), task);
    feed(given.path("numerics"), new OfNumerics(), task);
  }

  private void parameter(
      Definition.Task task, String stage, String path, Field field, JsonNode value) {
    Optional<Node> fed = node(value);
    if (fed.isPresent()) {
      fed.get().takes.add(new Parameter(field));
      fed.get().feeds.add(new Feed(task.reference(), description(task), stage, path));
      return;
    }
    List<Field> within =
        field
            .choose()
            .map(kind ->
                catalogue.of(kind).getOrDefault(value.path("method").asText(), List.<Field>of()))
            .orElse(field.fields());
    for (Field each : within) {
      String below = path.isEmpty() ? each.name() : path + "." + each.name();
      parameter(task, stage, below, each, value.path(each.name()));
    }
  }

  /** The inputs of a sub-workflow. */
  private void called(Definition.Task task, JsonNode given) {
    task.calls()
        .flatMap(definition::subWorkflow)
        .ifPresent(called ->
            of(called, catalogue).forEach(input -> passed(input, given.path(input.name()))));
  }

  private void passed(InputField input, JsonNode value) {
    Optional<Node> fed = node(value);
    if (fed.isPresent()) {
      add(fed.get(), input);
    } else if (input.takes() instanceof Fields(List<InputField> fields)) {
      fields.forEach(field -> passed(field, value.path(field.name())));
    }
  }

  private static void add(Node node, InputField input) {
    if (input.takes() instanceof Fields(List<InputField> fields)) {
      fields.forEach(field -> add(node.at(field.name()), field));
    } else {
      node.takes.add(input.takes());
      node.feeds.addAll(input.feeds());
    }
  }

  private void feed(JsonNode value, Takes takes, Definition.Task task) {
    node(value)
        .ifPresent(node -> {
          node.takes.add(takes);
          node.feeds.add(new Feed(task.reference(), description(task), "", ""));
        });
  }

  /** The input that a value is, if it is one. */
  private Optional<Node> node(JsonNode value) {
    return Expressions.path(value)
        .filter(path -> path.startsWith(GIVEN))
        .map(path -> root.at(path.substring(GIVEN.length())));
  }

  private interface Each {
    void at(String name, JsonNode value);
  }

  private static void each(JsonNode object, Each each) {
    object.properties().forEach(e -> each.at(e.getKey(), e.getValue()));
  }

  private static List<String> names(JsonNode object) {
    return object.properties().stream().map(Map.Entry::getKey).toList();
  }

  private static String description(Definition.Task task) {
    return task.json().path("description").asText();
  }

  /** What two that are fed both take. */
  private static Takes both(Takes one, Takes other) {
    if (one instanceof Parameter(Field a)
        && other instanceof Parameter(Field b)
        && a.type().equals(b.type())
        && a.choose().equals(b.choose())) {
      return new Parameter(both(a, b));
    }
    return one.equals(other) ? one : new Any();
  }

  private static Field both(Field a, Field b) {
    return new Field(
        a.name(),
        a.type(),
        a.help(),
        a.value().or(b::value),
        Stream.concat(a.min().stream(), b.min().stream()).max(Double::compare),
        Stream.concat(a.max().stream(), b.max().stream()).min(Double::compare),
        a.options().isEmpty()
            ? b.options()
            : a.options().stream()
                .filter(each -> b.options().isEmpty() || b.options().contains(each))
                .toList(),
        a.choose(),
        a.fields());
  }

  /** All parameters of a stage as one. */
  private static Field group(Catalogue.StageEntry stage) {
    return new Field(
        "parameters",
        "group",
        stage.summary(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        stage.parameters());
  }

  private static Field seed() {
    return plain(
        "integer", "all that is drawn at random follows from it", Optional.empty(), List.of());
  }

  /** The bound of a loop. */
  private static Field bound(Definition.Task loop) {
    return plain("integer", help(loop), Optional.of(1.0 * LoopCheck.MOST), List.of());
  }

  private static Field cases(Definition.Task decision, JsonNode given) {
    boolean more = !decision.json().path("defaultCase").isEmpty();
    return plain("text", help(decision), Optional.empty(), more ? List.of() : names(given));
  }

  private static Field list(Definition.Task template) {
    return plain("list", help(template), Optional.empty(), List.of());
  }

  private static Field plain(
      String type, String help, Optional<Double> most, List<String> options) {
    return new Field(
        type,
        type,
        help,
        Optional.empty(),
        most.map(some -> 1.0),
        most,
        options,
        Optional.empty(),
        List.of());
  }

  private static String help(Definition.Task task) {
    String description = description(task);
    return description.isEmpty() ? "for task '" + task.reference() + "'" : description;
  }
}
