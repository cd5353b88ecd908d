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
import dev.palimpsest.workflows.DefinitionCheck;
import dev.palimpsest.workflows.Finding;
import dev.palimpsest.workflows.InputField;
import dev.palimpsest.workflows.RunInputs;
import dev.palimpsest.workflows.Study;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
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
      place(
          check.findings(chosen.definition(), inputs, resolved.known),
          new Blame(chosen.definition(), fields, form),
          wrong,
          elsewhere);
    }
    boolean right = wrong.isEmpty() && elsewhere.isEmpty();
    return new Entry(
        form.with(wrong),
        right ? Optional.of(inputs) : Optional.empty(),
        elsewhere,
        resolved.bring);
  }

  /** Puts each finding at its field; what one value breaks at several tasks is told once. */
  private static void place(
      List<Finding> findings,
      Blame blame,
      Map<String, List<String>> wrong,
      List<String> elsewhere) {
    var told = new HashSet<String>();
    var open = new ArrayList<Finding>();
    for (Finding finding : findings) {
      Optional<String> at = blame.sure(finding);
      if (finding.severity() == Finding.Severity.WARNING) {
        continue;
      }
      if (at.isPresent()) {
        wrong.putIfAbsent(at.get(), List.of(finding.sentence()));
        told.add(cause(finding));
      } else {
        open.add(finding);
      }
    }
    for (Finding finding : open) {
      if (told.add(cause(finding))) {
        blame
            .likely(finding)
            .ifPresentOrElse(
                at -> wrong.putIfAbsent(at, List.of(finding.sentence())),
                () -> elsewhere.add(finding.sentence()));
      }
    }
  }

  /** A sentence without the task that it tells of. */
  private static String cause(Finding finding) {
    String sentence = finding.sentence();
    return sentence.substring(sentence.indexOf(": ") + 1);
  }

  boolean right() {
    return inputs.isPresent();
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
