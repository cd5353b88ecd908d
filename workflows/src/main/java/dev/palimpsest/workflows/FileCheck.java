package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Imports;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.workflows.Marks.Found;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Everything wrong with the file of a definition or a study. */
public final class FileCheck {
  private final Catalogue catalogue;
  private final DefinitionCheck check;
  private final Supplier<Optional<Served>> served;

  /**
   * What servers offer.
   *
   * @param stages those that workers have registered with Conductor
   * @param lanes those that living workers serve
   */
  public record Served(Set<String> stages, Set<Lane> lanes) {}

  /**
   * @param served what servers offer, where some are in reach
   */
  public FileCheck(Catalogue catalogue, Supplier<Optional<Served>> served) {
    this.catalogue = catalogue;
    this.check = new DefinitionCheck(catalogue);
    this.served = served;
  }

  /**
   * Checks a file, or the study in a folder.
   *
   * @param path as the user wrote it; findings name it so
   * @param base the folder that a relative path starts from
   * @throws Mistake if it cannot be read
   */
  public List<Finding> check(Path path, Path base) {
    Path shown = Files.isDirectory(base.resolve(path)) ? path.resolve(Study.FILE) : path;
    Path file = base.resolve(shown);
    var source = new Source(shown.toString(), text(path, file));
    Optional<Finding> malformed = source.malformed();
    if (malformed.isPresent()) {
      return List.of(malformed.get());
    }
    JsonNode json = Json.parse(source.name(), source.text().getBytes(StandardCharsets.UTF_8));
    if (json.has("study") || file.endsWith(Study.FILE)) {
      return study(source, json, file);
    }
    Definition definition = Definition.read(file, shown.toString());
    return with(check.findings(definition), definition);
  }

  /**
   * What a text holds.
   *
   * @param definition as far as it can be read
   */
  public record Checked(Optional<Definition> definition, List<Finding> findings) {}

  /**
   * Checks the text of a definition of one's own; sub-workflows are found within it, or among those
   * that come with Palimpsest.
   *
   * @param name what findings call the text
   */
  public Checked check(String name, String text) {
    Definition definition = Definition.read(new Source(name, text));
    var findings = new ArrayList<>(check.findings(definition));
    if (definition.unreadable().isPresent()) {
      return new Checked(Optional.empty(), findings);
    }
    if (!Definitions.canBeNamed(definition.name())) {
      Place place = definition.place().child("name");
      findings.addFirst(
          place
              .source()
              .finding(
                  FindingCode.OWN_NAME,
                  place,
                  "'" + definition.name() + "' cannot name a definition of one's own",
                  "expected up to 64 letters, digits, '_' and '-' that begin with a letter, and no"
                      + " name of one that comes with Palimpsest, such as my-study"));
    }
    return new Checked(Optional.of(definition), with(findings, definition));
  }

  private static String text(Path path, Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new Mistake(
          path + " cannot be read; expected the file of a definition or a study's folder.", e);
    }
  }

  private List<Finding> study(Source source, JsonNode json, Path file) {
    Place root = Place.root(source);
    Study study;
    try {
      study =
          new Study(
              file.toAbsolutePath().resolveSibling(""),
              Json.read("The study", json, Study.Content.class));
    } catch (Mistake e) {
      return List.of(source.finding(FindingCode.BAD_STUDY, root, e.getMessage(), ""));
    }
    Definition definition;
    try {
      definition = definition(study, source);
    } catch (Mistake e) {
      var findings = new Findings();
      findings.add(FindingCode.BAD_STUDY, root.child("workflow"), e.getMessage());
      return findings.sorted();
    }
    var findings = new ArrayList<Finding>();
    var given = new LinkedHashMap<String, Found>();
    study
        .content()
        .inputs()
        .properties()
        .forEach(e -> {
          Place place = root.child("inputs").child(e.getKey());
          given.put(e.getKey(), new Found(known(e.getValue()), place));
        });
    if (study.content().data().isPresent()) {
      Path data = study.folder().resolve(study.content().data().get());
      if (!Files.isDirectory(data)) {
        findings.add(
            source.finding(
                FindingCode.BAD_STUDY,
                root.child("data"),
                "there is no folder " + study.content().data().get(),
                "expected one with a data set beside " + Study.FILE));
      }
      ObjectNode splits = Json.object();
      splits.set("train", Marks.artifact(ArtifactType.DATASET));
      splits.set("test", Marks.artifact(ArtifactType.DATASET));
      given.put("data", new Found(splits, root.child("data")));
    }
    if (definition.inputs().contains("numerics") && definition.defaultOf("numerics").isEmpty()) {
      // The command that runs it says with what it computes.
      given.putIfAbsent("numerics", new Found(Marks.UNKNOWN, root));
    }
    findings.addAll(check.findings(definition, given, true));
    return with(findings, definition);
  }

  /** A value of which what names an import, which is the store's to know, is unknown. */
  private static JsonNode known(JsonNode value) {
    if (value.isTextual()) {
      return value.textValue().startsWith(Imports.NAMED) ? Marks.UNKNOWN : value;
    }
    JsonNode copy = value.deepCopy();
    if (copy instanceof ObjectNode object) {
      object.properties().forEach(field -> field.setValue(known(field.getValue())));
    } else if (copy instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, known(array.get(i)));
      }
    }
    return copy;
  }

  private static Definition definition(Study study, Source source) {
    String workflow = study.content().workflow();
    Path file = study.folder().resolve(workflow);
    return workflow.endsWith(".json") && Files.isRegularFile(file)
        ? Definition.read(file, Path.of(source.name()).resolveSibling(workflow).toString())
        : study.definition();
  }

  /** Adds a warning for every stage that nobody serves. */
  private List<Finding> with(List<Finding> errors, Definition definition) {
    var findings = new ArrayList<>(errors);
    Optional<Served> offer = served.get();
    if (offer.isEmpty() || definition.unreadable().isPresent()) {
      return findings;
    }
    var told = new HashSet<String>();
    Map<String, Definition> all = new LinkedHashMap<>();
    all.put(definition.name(), definition);
    all.putAll(definition.subWorkflows());
    for (Definition each : all.values()) {
      stages(
          each,
          each.json().path("tasks"),
          each.place().child("tasks"),
          offer.get(),
          told,
          findings);
    }
    return findings;
  }

  private void stages(
      Definition definition,
      JsonNode json,
      Place place,
      Served offer,
      Set<String> told,
      List<Finding> into) {
    if (json.isObject() && json.has("taskReferenceName")) {
      Definition.Task task = Definition.task(json);
      boolean sweeps = Template.of(task).filter(t -> t == Template.SWEEP_STAGE).isPresent();
      String stage = sweeps ? json.path("inputParameters").path("stage").asText() : task.name();
      boolean known = catalogue.stages().stream().anyMatch(s -> s.name().equals(stage));
      if ((task.isStage() || sweeps) && known && told.add(stage)) {
        unserved(definition.place(task), catalogue.stage(stage), place.child("name"), offer, told)
            .ifPresent(into::add);
      }
    }
    json.properties()
        .forEach(e -> stages(definition, e.getValue(), place.child(e.getKey()), offer, told, into));
    for (int i = 0; json.isArray() && i < json.size(); i++) {
      stages(definition, json.get(i), place.child(i), offer, told, into);
    }
  }

  private static Optional<Finding> unserved(
      String owner, Catalogue.StageEntry stage, Place place, Served offer, Set<String> told) {
    Lane lane = stage.lane();
    if (!offer.stages().contains(stage.name())) {
      return Optional.of(
          place
              .source()
              .finding(
                  FindingCode.UNREGISTERED,
                  place,
                  owner
                      + ": no worker has registered stage '"
                      + stage.name()
                      + "' of lane "
                      + lane.label()
                      + " with this Conductor",
                  "expected one before the run can go on"));
    }
    if (!offer.lanes().contains(lane) && told.add("lane " + lane.label())) {
      return Optional.of(
          place
              .source()
              .finding(
                  FindingCode.UNSERVED_LANE,
                  place,
                  owner
                      + ": no worker serves lane "
                      + lane.label()
                      + " now, which stage '"
                      + stage.name()
                      + "' needs",
                  "expected one before the run can go on"));
    }
    return Optional.empty();
  }
}
