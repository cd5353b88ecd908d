package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Names;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.workflows.Marks.Found;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Goes through a workflow as a run would, with what is known before it: every call must fit its
 * stage, and every expression may read only what has certainly ended.
 */
final class FlowCheck {
  private final Findings findings;
  private final CallCheck calls;

  FlowCheck(Catalogue catalogue, Findings findings) {
    this.findings = findings;
    this.calls = new CallCheck(catalogue, findings);
  }

  /** The numerics that the stages gone through ask for. */
  Set<Numerics> asked() {
    return calls.asked();
  }

  /**
   * Goes through a workflow.
   *
   * @param inputs each that it declares, known or not
   * @param callers the workflows that it was called through, itself the last
   * @return its outputs
   */
  JsonNode check(Definition definition, Map<String, Found> inputs, List<String> callers) {
    return new Pass(definition, callers).run(Scope.of(definition, findings, inputs));
  }

  private final class Pass {
    private final Definition definition;

    /** What each branch of a sweep makes, by the sweep's reference. */
    private final Map<String, JsonNode> sweeps = new LinkedHashMap<>();

    private final TemplateCheck templates;
    private final WorkflowCallCheck workflows;

    Pass(Definition definition, List<String> callers) {
      this.definition = definition;
      this.templates = new TemplateCheck(definition, findings);
      this.workflows = new WorkflowCallCheck(FlowCheck.this, definition, callers, findings);
    }

    JsonNode run(Scope scope) {
      sequence(definition.json().path("tasks"), definition.place().child("tasks"), scope);
      ObjectNode outputs = Json.object();
      Place place = definition.place().child("outputParameters");
      for (var each : definition.json().path("outputParameters").properties()) {
        String owner = definition.owner() + ", output '" + each.getKey() + "'";
        Place at = place.child(each.getKey());
        outputs.set(each.getKey(), scope.whole(owner, each.getValue(), at).value());
      }
      return outputs;
    }

    /** Goes through tasks that run one after the other; the scope is then the one behind them. */
    private void sequence(JsonNode tasks, Place place, Scope scope) {
      ObjectNode forked = Json.object();
      JsonNode joined = Json.object();
      for (int i = 0; i < tasks.size(); i++) {
        Definition.Task task = Definition.task(tasks.get(i));
        Place at = place.child(i);
        JsonNode outputs = Json.object();
        switch (TaskType.of(task.type()).orElse(null)) {
          case null -> outputs = Marks.UNKNOWN;
          case SIMPLE -> outputs = stage(task, at, scope);
          case FORK_JOIN -> {
            forked = branches(task, at.child("forkTasks"), scope);
            joined = forked;
            if (!Definition.task(tasks.path(i + 1)).type().equals("JOIN")) {
              end(forked, scope);
            }
          }
          case FORK_JOIN_DYNAMIC -> joined = Marks.each(dynamic(task, at, scope));
          case JOIN -> {
            end(forked, scope);
            forked = Json.object();
            outputs = joined;
          }
          case DO_WHILE -> outputs = loop(task, at, scope);
          case SWITCH -> decide(task, at, scope);
          case SUB_WORKFLOW -> outputs = workflows.task(task, at, scope);
          case SET_VARIABLE -> set(task, at.child("inputParameters"), scope);
          case JSON_JQ_TRANSFORM -> outputs = transform(task, at, scope);
        }
        scope.ended().put(task.reference(), outputs);
      }
    }

    private static void end(ObjectNode outputs, Scope scope) {
      outputs.properties().forEach(e -> scope.ended().put(e.getKey(), e.getValue()));
    }

    private JsonNode stage(Definition.Task task, Place at, Scope scope) {
      String owner = definition.place(task);
      Optional<Catalogue.StageEntry> stage = calls.stage(owner, task.name(), at.child("name"));
      if (stage.isEmpty()) {
        return Marks.UNKNOWN;
      }
      JsonNode call = task.json().path("inputParameters");
      Place place = task.json().has("inputParameters") ? at.child("inputParameters") : at;
      return calls.check(owner, stage.get(), call, place, scope);
    }

    /** What the tasks of all branches make. */
    private ObjectNode branches(Definition.Task task, Place at, Scope scope) {
      ObjectNode made = Json.object();
      JsonNode branches = task.json().path("forkTasks");
      for (int i = 0; i < branches.size(); i++) {
        Scope branch = scope.branch();
        sequence(branches.get(i), at.child(i), branch);
        branch
            .ended()
            .forEach((reference, outputs) -> {
              if (!scope.ended().containsKey(reference)) {
                made.set(reference, outputs);
              }
            });
      }
      return made;
    }

    /** What each branch of a dynamic fork makes. */
    private JsonNode dynamic(Definition.Task task, Place at, Scope scope) {
      JsonNode json = task.json();
      String tasks = json.path("inputParameters").path("tasks").asText();
      String reference = tasks.replaceAll("^\\$\\{\\s*([^.}]*)\\..*$", "$1");
      JsonNode made = scope.ended().containsKey(reference) ? sweeps.get(reference) : null;
      boolean wired =
          json.path("dynamicForkTasksParam").asText().equals("tasks")
              && json.path("dynamicForkTasksInputParamName").asText().equals("inputs")
              && json.path("inputParameters").size() == 2
              && tasks.equals("${" + reference + ".output.result.tasks}")
              && json.path("inputParameters")
                  .path("inputs")
                  .asText()
                  .equals("${" + reference + ".output.result.inputs}");
      if (!wired || made == null) {
        findings.add(
            FindingCode.DYNAMIC_FORK,
            at,
            definition.place(task) + " does not take its branches from an earlier sweep",
            "expected dynamicForkTasksParam \"tasks\", dynamicForkTasksInputParamName \"inputs\","
                + " and as inputParameters tasks \"${SWEEP.output.result.tasks}\" and inputs"
                + " \"${SWEEP.output.result.inputs}\"");
        return Marks.UNKNOWN;
      }
      return made;
    }

    private JsonNode loop(Definition.Task task, Place at, Scope scope) {
      String owner = definition.place(task);
      JsonNode iteration = iteration(task, owner, at, scope);
      JsonNode tasks = task.json().path("loopOver");
      // What the loop itself changes is known in its first iteration only.
      for (Definition.Task each : Definition.within(tasks)) {
        if (each.type().equals("SET_VARIABLE")) {
          for (var field : each.json().path("inputParameters").properties()) {
            scope
                .variables()
                .computeIfPresent(
                    field.getKey(),
                    (name, value) -> Marks.type(value).map(Marks::artifact).orElse(Marks.UNKNOWN));
          }
        }
      }
      Set<String> before = new HashSet<>(scope.ended().keySet());
      scope.ended().put(task.reference(), Marks.loop(Json.object(), iteration));
      sequence(tasks, at.child("loopOver"), scope);
      ObjectNode made = Json.object();
      scope
          .ended()
          .forEach((reference, outputs) -> {
            if (!before.contains(reference) && !reference.equals(task.reference())) {
              made.set(reference, outputs);
            }
          });
      return Marks.loop(made);
    }

    /** What is known of a loop's iteration; its bound is checked. */
    private JsonNode iteration(Definition.Task task, String owner, Place at, Scope scope) {
      Optional<String> name = LoopCheck.bound(task);
      if (name.isEmpty()) {
        return Marks.UNKNOWN;
      }
      JsonNode raw = task.json().path("inputParameters").path(name.get());
      Found bound = scope.resolve(owner, raw, at.child("inputParameters").child(name.get()));
      if (bound.value().isIntegralNumber() && LoopCheck.fits(bound.value().longValue())) {
        return Marks.turn(bound.value().intValue(), raw);
      }
      if (!Marks.unknown(bound.value()) && !bound.value().isMissingNode()) {
        findings.add(
            FindingCode.LOOP_BOUND,
            bound.place(),
            owner + " runs " + bound.value() + " times",
            "expected an integer from 1 to " + LoopCheck.MOST);
      }
      return Marks.UNKNOWN;
    }

    private void decide(Definition.Task task, Place at, Scope scope) {
      JsonNode json = task.json();
      boolean everyValueIsACase = !json.has("defaultCase");
      scope.whole(
          definition.place(task), json.path("inputParameters"), at.child("inputParameters"));
      if (everyValueIsACase) {
        isACase(task, at, scope);
      }
      var ends = new ArrayList<Scope>();
      for (var each : json.path("decisionCases").properties()) {
        Scope branch = scope.branch();
        sequence(each.getValue(), at.child("decisionCases").child(each.getKey()), branch);
        ends.add(branch);
      }
      if (!everyValueIsACase) {
        Scope otherwise = scope.branch();
        sequence(json.path("defaultCase"), at.child("defaultCase"), otherwise);
        ends.add(otherwise);
      }
      if (ends.isEmpty()) {
        // Found fault with already.
        return;
      }
      // What every case has set is set whichever was taken.
      ends.getLast()
          .variables()
          .forEach((name, value) -> {
            if (ends.stream().allMatch(end -> end.variables().containsKey(name))) {
              scope
                  .variables()
                  .put(
                      name,
                      ends.stream()
                          .map(end -> end.variables().getOrDefault(name, Marks.UNKNOWN))
                          .reduce(value, Marks::either));
            }
          });
    }

    /** Without a default case, a value that is no case would leave all of them out. */
    private void isACase(Definition.Task task, Place at, Scope scope) {
      String owner = definition.place(task);
      String name = task.json().path("expression").asText();
      JsonNode raw = task.json().path("inputParameters").path(name);
      Found value = scope.resolve(owner, raw, at.child("inputParameters").child(name));
      var cases = new ArrayList<String>();
      task.json().path("decisionCases").fieldNames().forEachRemaining(cases::add);
      boolean known = value.value().isValueNode() && Marks.sure(value.value());
      if (known && !cases.contains(value.value().asText())) {
        findings.add(
            FindingCode.NO_CASE,
            value.place(),
            owner + ": " + Names.unknown(name, value.value().asText(), cases));
      }
    }

    private void set(Definition.Task task, Place at, Scope scope) {
      String owner = definition.place(task);
      for (var each : task.json().path("inputParameters").properties()) {
        JsonNode value = scope.whole(owner, each.getValue(), at.child(each.getKey())).value();
        JsonNode before = scope.variables().put(each.getKey(), value);
        if (before != null
            && Marks.type(before).isPresent()
            && Marks.type(value).isPresent()
            && !Marks.type(before).equals(Marks.type(value))) {
          findings.add(
              FindingCode.CHANGED_VARIABLE,
              at.child(each.getKey()),
              owner
                  + " sets '"
                  + each.getKey()
                  + "' to a "
                  + Marks.type(value).get().label()
                  + "; expected a "
                  + Marks.type(before).get().label()
                  + ", as before.");
        }
      }
    }

    private JsonNode transform(Definition.Task task, Place at, Scope scope) {
      Optional<TemplateCheck.Use> use = templates.check(task, at, scope);
      if (use.isEmpty()) {
        return Marks.UNKNOWN;
      }
      if (use.get().template().sweeps()) {
        sweeps.put(task.reference(), sweep(task, at.child("inputParameters"), use.get(), scope));
      }
      ObjectNode output = Json.object();
      output.set("result", use.get().result());
      return output;
    }

    /** Checks every branch of a sweep; what each of them makes. */
    private JsonNode sweep(Definition.Task task, Place at, TemplateCheck.Use use, Scope scope) {
      String owner = definition.place(task);
      boolean stages = use.template() == Template.SWEEP_STAGE;
      String name = use.literal(stages ? "stage" : "workflow");
      Place named = at.child(stages ? "stage" : "workflow");
      var stage = stages ? calls.stage(owner, name, named) : Optional.<Catalogue.StageEntry>empty();
      var called = stages ? Optional.<Definition>empty() : workflows.called(owner, name, named);
      if (stage.isEmpty() && called.isEmpty()) {
        return Marks.UNKNOWN;
      }
      JsonNode made = Marks.UNKNOWN;
      List<Found> cells = use.cells();
      for (int i = 0; i < cells.size(); i++) {
        String branch = owner + (use.known() ? ", branch " + (i + 1) : "");
        Found cell = cells.get(i);
        if (stage.isPresent()) {
          made =
              use.known()
                  ? calls.check(branch, stage.get(), cell.value(), cell.place(), scope)
                  : CallCheck.outputs(stage.get(), Map.of());
        } else {
          var inputs = new LinkedHashMap<String, Found>();
          for (var each : cell.value().properties()) {
            Place place = use.given(i, each.getKey()) ? cell.place() : at.child("common");
            inputs.put(each.getKey(), new Found(each.getValue(), place.child(each.getKey())));
          }
          made = workflows.call(branch, called.get(), inputs, at, use.known());
        }
      }
      return made;
    }
  }
}
