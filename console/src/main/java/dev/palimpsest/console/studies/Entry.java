package dev.palimpsest.console.studies;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.console.Examples;
import dev.palimpsest.console.Services;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tasks.TensorSummary;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.DefinitionCheck;
import dev.palimpsest.workflows.Finding;
import dev.palimpsest.workflows.InputField;
import dev.palimpsest.workflows.RunInputs;
import dev.palimpsest.workflows.Study;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was entered, checked.
 *
 * @param form with what is wrong at its fields
 * @param inputs with references where names stood; empty if something is wrong
 * @param elsewhere what is wrong with no field
 * @param bring the studies whose data must be stored before a run
 */
record Entry(Form form, Optional<ObjectNode> inputs, List<String> elsewhere, List<Study> bring) {

  /** Checks a form. */
  static Entry checked(Services services, Chosen chosen, List<InputField> fields, Form form) {
    Map<String, List<String>> wrong = new LinkedHashMap<>(form.unreadable());
    if (!wrong.isEmpty()) {
      return new Entry(form.with(wrong), Optional.empty(), List.of(), List.of());
    }
    var resolved = new Resolved(services);
    ObjectNode inputs = form.inputs().deepCopy();
    for (String name : chosen.definition().inputs()) {
      try {
        if (inputs.has(name)) {
          inputs.set(name, resolved.of(inputs.get(name)));
        }
      } catch (Mistake e) {
        wrong.put("/" + name, List.of(e.getMessage()));
      }
    }
    var elsewhere = new ArrayList<String>();
    if (wrong.isEmpty()) {
      var check = new DefinitionCheck(services.catalogue());
      for (Finding finding : check.findings(chosen.definition(), inputs, resolved.known)) {
        if (finding.severity() == Finding.Severity.ERROR) {
          String at = place(finding, chosen.definition(), fields, form);
          if (at.isEmpty()) {
            elsewhere.add(finding.sentence());
          } else {
            wrong.computeIfAbsent(at, pointer -> new ArrayList<>()).add(finding.sentence());
          }
        }
      }
    }
    boolean right = wrong.isEmpty() && elsewhere.isEmpty();
    // What one value breaks at several tasks is told once.
    wrong.replaceAll((pointer, sentences) -> sentences.subList(0, 1));
    return new Entry(
        form.with(wrong),
        right ? Optional.of(inputs) : Optional.empty(),
        elsewhere,
        resolved.bring);
  }

  boolean right() {
    return inputs.isPresent();
  }

  /** The pointer of the field that a finding is about; empty where it is about none. */
  private static String place(
      Finding finding, Definition definition, List<InputField> fields, Form form) {
    List<String> pointers = form.all().map(Control::pointer).filter(p -> !p.isEmpty()).toList();
    boolean ours = finding.line() == 0;
    String pointer = ours ? finding.path() : fed(finding, definition, fields);
    while (!pointer.isEmpty() && !pointers.contains(pointer)) {
      pointer = pointer.substring(0, pointer.lastIndexOf('/'));
    }
    return pointer.isEmpty() && finding.sentence().contains("needs the input '")
        ? missing(finding, pointers)
        : pointer;
  }

  private static String missing(Finding finding, List<String> pointers) {
    return pointers.stream()
        .filter(pointer -> finding.found().endsWith("the input '" + pointer.substring(1) + "'"))
        .findFirst()
        .orElse("");
  }

  /** The input that feeds the parameter which the check names, where it found fault with a task. */
  private static String fed(Finding finding, Definition definition, List<InputField> fields) {
    JsonNode at = definition.json();
    String task = "";
    for (String step : finding.path().split("/")) {
      at = step.isEmpty() ? at : at.isArray() ? at.path(Integer.parseInt(step)) : at.path(step);
      task = at.path("taskReferenceName").asText(task);
    }
    for (InputField field : fields) {
      for (InputField.Feed feed : field.feeds()) {
        if (feed.task().equals(task) && named(finding.sentence(), feed.parameter())) {
          return "/" + field.name();
        }
      }
    }
    return "";
  }

  private static boolean named(String sentence, String parameter) {
    return !parameter.isEmpty()
        && (sentence.contains("'" + parameter + "'") || sentence.contains(": " + parameter + " "));
  }

  /** References where names stand, and what is known of them. */
  private static final class Resolved {
    private final Services services;
    private final Map<String, Facts> known = new HashMap<>();
    private final List<Study> bring = new ArrayList<>();

    Resolved(Services services) {
      this.services = services;
    }

    JsonNode of(JsonNode value) {
      JsonNode found =
          value.asText().startsWith(Library.EXAMPLE)
              ? example(value.asText().substring(Library.EXAMPLE.length()))
              : imported(value);
      tell(found);
      return found;
    }

    private JsonNode imported(JsonNode value) {
      ObjectNode one = Json.object().set("value", value);
      RunInputs.Known named =
          RunInputs.imported(one, Map.of(), services.store(), services.artifacts());
      known.putAll(named.known());
      return named.inputs().get("value");
    }

    private JsonNode example(String name) {
      List<Study> studies = services.examples().studies();
      List<String> names = studies.stream().map(Library::folder).toList();
      if (!names.contains(name)) {
        throw new Mistake(Names.unknown("example", name, names));
      }
      Study study = studies.get(names.indexOf(name));
      Examples.Data data = services.examples().data(study);
      known.putAll(data.known());
      bring.add(study);
      return data.references();
    }

    /** What the summaries tell of artifacts that stand there themselves. */
    private void tell(JsonNode value) {
      if (value.path("artifact").isTextual() && !known.containsKey(value.path("sha256").asText())) {
        Reference reference = Json.read("a reference", value, Reference.class);
        services
            .artifacts()
            .summary(reference)
            .map(bytes -> Json.read("a summary", bytes, TensorSummary.class))
            .ifPresent(summary -> known.put(reference.sha256().hex(), Facts.of(summary)));
      }
      value.forEach(this::tell);
    }
  }
}
