package dev.palimpsest.console.submit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.console.Services;
import dev.palimpsest.console.graph.Shown;
import dev.palimpsest.console.graph.WorkflowGraph;
import dev.palimpsest.console.web.Words;
import dev.palimpsest.tasks.Workers;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.Definitions;
import dev.palimpsest.workflows.FileCheck;
import dev.palimpsest.workflows.Finding;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Checks what is written, and draws it. */
final class Checks {
  /** What findings call the text. */
  static final String TEXT = "the definition";

  private static final Duration OFFER_HOLDS = Duration.ofSeconds(15);

  private final Services services;
  private final Definitions definitions;
  private final FileCheck check;
  private Optional<FileCheck.Served> offer = Optional.empty();
  private Instant looked = Instant.MIN;

  Checks(Services services, Definitions definitions) {
    this.services = services;
    this.definitions = definitions;
    this.check = new FileCheck(services.catalogue(), this::offer);
  }

  Checking of(String text) {
    FileCheck.Checked checked = check.check(TEXT, text);
    Optional<Definition> readable = checked.definition();
    String name = readable.map(Definition::name).orElse("");
    List<Integer> versions = definitions.versions(name);
    Optional<Difference> changes =
        versions.isEmpty()
            ? Optional.empty()
            : definitions
                .text(name, versions.getLast())
                .map(former ->
                    Difference.of(former, Definitions.numbered(text, versions.getLast())));
    return new Checking(
        name,
        checked.findings().stream().map(Found::of).toList(),
        readable.map(definition -> drawing(definition, checked.findings())),
        versions.isEmpty() ? 0 : versions.getLast(),
        changes);
  }

  private static String drawing(Definition definition, List<Finding> findings) {
    var wrong = new HashMap<String, Integer>();
    for (Finding finding : findings) {
      if (finding.severity() == Finding.Severity.ERROR && finding.file().equals(TEXT)) {
        task(definition.json(), finding.path())
            .ifPresent(task -> wrong.merge(task, 1, Integer::sum));
      }
    }
    Map<String, Shown> shown = new HashMap<>();
    wrong.forEach((task, count) ->
        shown.put(task, new Shown("failed", Words.count(count, "error"), Optional.empty())));
    return WorkflowGraph.html(definition, shown);
  }

  /** The innermost task around a place. */
  private static Optional<String> task(JsonNode definition, String pointer) {
    Optional<String> task = Optional.empty();
    JsonNode at = definition;
    for (String step : pointer.substring(Math.min(1, pointer.length())).split("/")) {
      String field = step.replace("~1", "/").replace("~0", "~");
      at =
          at.isArray() && field.matches("\\d{1,6}")
              ? at.path(Integer.parseInt(field))
              : at.path(field);
      if (at.path("taskReferenceName").isTextual()) {
        task = Optional.of(at.path("taskReferenceName").textValue());
      }
    }
    return task;
  }

  /** What workers offer, looked at now and then; empty where servers do not answer. */
  private synchronized Optional<FileCheck.Served> offer() {
    Instant now = services.clock().instant();
    if (looked.plus(OFFER_HOLDS).isBefore(now)) {
      looked = now;
      try {
        offer =
            Optional.of(
                new FileCheck.Served(
                    services.conductor().registeredStages(),
                    new Workers(services.store(), services.clock()).lanes()));
      } catch (Failure | Mistake e) {
        offer = Optional.empty();
      }
    }
    return offer;
  }
}
