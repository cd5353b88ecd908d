package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Names;
import dev.palimpsest.workflows.Marks.Found;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Whether a template is used rightly, and what it gives as far as that is known before a run. */
final class TemplateCheck {
  private static final int MOST_CELLS = 1000;
  private static final Pattern REFERENCE = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,57}");

  private final Definition definition;
  private final Findings findings;
  private final Set<String> names = new HashSet<>();

  TemplateCheck(Definition definition, Findings findings) {
    this.definition = definition;
    this.findings = findings;
  }

  /**
   * A use of a template.
   *
   * @param result what it gives
   * @param cells the branches of a sweep: what each is called with; where the list is not known,
   *     one with what all have in common
   * @param known whether the list of branches is known
   */
  record Use(
      Template template,
      Map<String, JsonNode> inputs,
      JsonNode result,
      List<Found> cells,
      boolean known) {
    String literal(String name) {
      return inputs.getOrDefault(name, Json.object()).asText();
    }

    /** Whether a branch gives this field itself, instead of taking the common one. */
    boolean given(int cell, String field) {
      return inputs.getOrDefault("over", Json.object()).path(cell).has(field);
    }
  }

  /** Empty where a finding says why nothing is known of it. */
  Optional<Use> check(Definition.Task task, Place at, Scope scope) {
    String owner = definition.place(task);
    Optional<Template> named = Template.of(task);
    if (named.isEmpty()) {
      findings.add(
          FindingCode.UNKNOWN_TEMPLATE,
          at.child("name"),
          owner + ": " + Names.unknown("template", task.name(), Template.labels()));
      return Optional.empty();
    }
    Template template = named.get();
    JsonNode given = task.json().path("inputParameters");
    Place place = at.child("inputParameters");
    int before = findings.size();
    fields(owner, template, given, place);
    var inputs = new LinkedHashMap<String, JsonNode>();
    template.literals().forEach(name -> inputs.put(name, given.path(name)));
    Found over = new Found(Marks.UNKNOWN, place);
    for (String name : template.computed()) {
      Found found = scope.whole(owner, given.path(name), place.child(name));
      inputs.put(name, found.value());
      over = name.equals("over") ? found : over;
    }
    if (findings.size() > before) {
      return Optional.empty();
    }
    if (template.sweeps()) {
      return sweep(owner, template, inputs, over, place);
    }
    JsonNode result = result(owner, template, inputs, place);
    return Optional.of(new Use(template, inputs, result, List.of(), false));
  }

  private void fields(String owner, Template template, JsonNode given, Place place) {
    var known = new ArrayList<>(template.literals());
    known.addAll(template.computed());
    known.add("queryExpression");
    for (var field : given.properties()) {
      if (!known.contains(field.getKey())) {
        findings.add(
            FindingCode.TEMPLATE_INPUT,
            place.child(field.getKey()).asName(),
            owner + ": " + Names.unknown("input", field.getKey(), known));
      }
    }
    if (given.has("queryExpression") && !template.isQuery(given.get("queryExpression"))) {
      findings.add(
          FindingCode.TEMPLATE_QUERY,
          place.child("queryExpression"),
          owner + ": the queryExpression is not that of the template '" + template.label() + "'",
          "expected none: it is filled in");
    }
    for (String name : template.literals()) {
      JsonNode value = given.path(name);
      if (!value.isTextual() || Expressions.path(value).isPresent()) {
        wrong(owner, name, value, "a plain text", place);
      }
    }
    for (String name : template.computed()) {
      if (!given.has(name) && !name.equals("common")) {
        wrong(owner, name, given.path(name), "a value", place);
      }
    }
  }

  private void wrong(String owner, String name, JsonNode value, String expected, Place place) {
    findings.add(
        FindingCode.TEMPLATE_INPUT,
        value.isMissingNode() ? place : place.child(name),
        owner + ": " + name + " is " + (value.isMissingNode() ? "missing" : value),
        "expected " + expected);
  }

  private Optional<Use> sweep(
      String owner, Template template, Map<String, JsonNode> inputs, Found over, Place place) {
    String as = inputs.getOrDefault("as", Json.object()).asText();
    if (!REFERENCE.matcher(as).matches() || as.contains("__")) {
      wrong(owner, "as", inputs.getOrDefault("as", Json.object()), "the branches' name", place);
      return Optional.empty();
    }
    Pattern made = Pattern.compile(Pattern.quote(as) + "_\\d+");
    boolean taken =
        definition.tasks().stream().anyMatch(t -> made.matcher(t.reference()).matches());
    if (taken || !names.add(as)) {
      findings.add(
          FindingCode.REPEATED_REFERENCE_NAME,
          place.child("as"),
          owner + " names its branches '" + as + "_1' and so on, like another task",
          "expected another name");
    }
    JsonNode common = inputs.getOrDefault("common", Json.object());
    if (common.isMissingNode()) {
      common = Json.object();
    }
    boolean known = over.value() instanceof ArrayNode;
    if (!known && !Marks.unknown(over.value()) || Marks.sure(common) && !common.isObject()) {
      String name = common.isObject() ? "over" : "common";
      wrong(
          owner,
          name,
          inputs.getOrDefault(name, common),
          name.equals("over") ? "a list of objects" : "an object",
          place);
      return Optional.empty();
    }
    var cells = new ArrayList<Found>();
    for (int i = 0; known && i < over.value().size(); i++) {
      JsonNode cell = over.value().get(i);
      if (!cell.isObject()) {
        wrong(owner, "over", over.value(), "a list of objects", place);
        return Optional.empty();
      }
      cells.add(new Found(Marks.merged(common, cell), over.place().child(i)));
    }
    if (known && cells.isEmpty()) {
      wrong(owner, "over", over.value(), "at least one object", place);
    }
    if (cells.size() > MOST_CELLS) {
      findings.add(
          FindingCode.TOO_LARGE,
          over.place(),
          owner + " makes " + cells.size() + " branches",
          "expected at most " + MOST_CELLS);
      return Optional.empty();
    }
    if (!known) {
      cells.add(new Found(common, place.child("common")));
    }
    ObjectNode result = Json.object();
    result.set("tasks", Marks.UNKNOWN);
    result.set("inputs", Marks.UNKNOWN);
    result.set("cells", Marks.UNKNOWN);
    return Optional.of(new Use(template, inputs, result, cells, known));
  }

  private JsonNode result(
      String owner, Template template, Map<String, JsonNode> inputs, Place place) {
    return switch (template) {
      case GRID -> grid(owner, input(inputs, "of"), place);
      case CROSS -> cross(owner, input(inputs, "of"), input(inputs, "with"), place);
      case COLLECT -> collect(owner, inputs, place);
      case COLLECT_LOOP -> collectLoop(owner, inputs, place);
      case COUNT -> {
        JsonNode of = input(inputs, "of");
        yield listed(owner, "of", of, place) ? IntNode.valueOf(of.size()) : Marks.UNKNOWN;
      }
      case PICK -> pick(owner, inputs, place);
      case ADD -> add(owner, inputs, place);
      case SWEEP_WORKFLOW, SWEEP_STAGE -> Marks.UNKNOWN;
    };
  }

  private static JsonNode input(Map<String, JsonNode> inputs, String name) {
    return inputs.getOrDefault(name, Marks.UNKNOWN);
  }

  /** Whether it is a list; one that is neither that nor unknown is found fault with. */
  private boolean listed(String owner, String name, JsonNode value, Place place) {
    if (!value.isArray() && !Marks.unknown(value)) {
      wrong(owner, name, value.isPojo() ? Json.object() : value, "a list", place);
    }
    return value.isArray();
  }

  private JsonNode grid(String owner, JsonNode of, Place place) {
    if (!Marks.sure(of)) {
      return Marks.UNKNOWN;
    }
    List<ObjectNode> points = new ArrayList<>(List.of(Json.object()));
    boolean right = of.isObject() && !of.isEmpty();
    for (var axis : of.properties()) {
      right &= axis.getValue().isArray() && !axis.getValue().isEmpty();
      var next = new ArrayList<ObjectNode>();
      for (ObjectNode point : points) {
        for (JsonNode value : axis.getValue()) {
          ObjectNode more = point.deepCopy();
          more.set(axis.getKey(), value);
          next.add(more);
        }
      }
      points = next.subList(0, Math.min(next.size(), MOST_CELLS + 1));
    }
    if (!right) {
      wrong(owner, "of", of, "an object of lists, none of them empty", place);
      return Marks.UNKNOWN;
    }
    return (ArrayNode) Json.tree(points);
  }

  private JsonNode cross(String owner, JsonNode of, JsonNode with, Place place) {
    boolean both = objects(owner, "of", of, place) & objects(owner, "with", with, place);
    if (!both) {
      return Marks.UNKNOWN;
    }
    var all = new ArrayNode(JsonNodeFactory.instance);
    for (JsonNode one : of) {
      for (JsonNode other : with) {
        all.add(Marks.merged(one, other));
        if (all.size() > MOST_CELLS) {
          return all;
        }
      }
    }
    return all;
  }

  /** Whether it is a list of objects that is known. */
  private boolean objects(String owner, String name, JsonNode list, Place place) {
    if (!listed(owner, name, list, place)) {
      return false;
    }
    for (JsonNode each : list) {
      if (!each.isObject() && !Marks.unknown(each)) {
        wrong(owner, name, list, "a list of objects", place);
        return false;
      }
    }
    return Marks.sure(list);
  }

  private JsonNode collect(String owner, Map<String, JsonNode> inputs, Place place) {
    JsonNode from = input(inputs, "from");
    String output = input(inputs, "output").asText();
    if (Marks.unknown(from)) {
      return from;
    }
    Optional<JsonNode> element = Marks.element(from);
    if (element.isPresent()) {
      return Marks.each(output(owner, element.get(), output, place));
    }
    if (!from.isObject() || from.isEmpty()) {
      wrong(owner, "from", Json.object(), "the whole output of a join, ${JOIN.output}", place);
      return Marks.UNKNOWN;
    }
    ObjectNode collected = Json.object();
    from.properties()
        .forEach(e -> collected.set(e.getKey(), output(owner, e.getValue(), output, place)));
    return collected;
  }

  private JsonNode collectLoop(String owner, Map<String, JsonNode> inputs, Place place) {
    JsonNode from = input(inputs, "from");
    if (Marks.unknown(from)) {
      return from;
    }
    Optional<JsonNode> body = Marks.body(from);
    if (body.isEmpty()) {
      wrong(owner, "from", Json.object(), "the whole output of a loop, ${LOOP.output}", place);
      return Marks.UNKNOWN;
    }
    JsonNode task = output(owner, body.get(), input(inputs, "task").asText(), place);
    return Marks.each(output(owner, task, input(inputs, "output").asText(), place));
  }

  private JsonNode output(String owner, JsonNode of, String name, Place place) {
    if (Marks.unknown(of) || of.has(name)) {
      return Marks.unknown(of) ? of : of.get(name);
    }
    var known = new ArrayList<String>();
    of.fieldNames().forEachRemaining(known::add);
    findings.add(
        FindingCode.UNKNOWN_OUTPUT,
        place,
        owner
            + ": "
            + (known.isEmpty()
                ? "there is no output '" + name + "'."
                : Names.unknown("output", name, known)));
    return Marks.UNKNOWN;
  }

  private JsonNode pick(String owner, Map<String, JsonNode> inputs, Place place) {
    JsonNode from = input(inputs, "from");
    JsonNode number = input(inputs, "number");
    if (!listed(owner, "from", from, place)) {
      return Marks.UNKNOWN;
    }
    if (number.isIntegralNumber()) {
      if (number.asLong() >= 1 && number.asLong() <= from.size()) {
        return from.get(number.asInt() - 1);
      }
      wrong(owner, "number", number, "from 1 to " + from.size(), place);
    } else if (!number.isPojo()) {
      wrong(owner, "number", number, "an integer", place);
    }
    JsonNode any = from.path(0);
    for (JsonNode each : from) {
      any = Marks.either(any, each);
    }
    return any.isMissingNode() ? Marks.UNKNOWN : any;
  }

  private JsonNode add(String owner, Map<String, JsonNode> inputs, Place place) {
    for (String name : List.of("a", "b")) {
      JsonNode value = input(inputs, name);
      if (!value.isNumber() && !Marks.unknown(value)) {
        wrong(owner, name, value.isPojo() ? Json.object() : value, "a number", place);
        return Marks.UNKNOWN;
      }
    }
    JsonNode a = input(inputs, "a");
    JsonNode b = input(inputs, "b");
    if (!a.isNumber() || !b.isNumber()) {
      return Marks.UNKNOWN;
    }
    return a.isIntegralNumber() && b.isIntegralNumber()
        ? LongNode.valueOf(a.longValue() + b.longValue())
        : DoubleNode.valueOf(a.doubleValue() + b.doubleValue());
  }
}
