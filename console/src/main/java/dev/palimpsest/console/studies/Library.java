package dev.palimpsest.console.studies;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.console.Services;
import dev.palimpsest.console.studies.Chosen.Kind;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.Definitions;
import dev.palimpsest.workflows.Study;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What there is to run. */
final class Library {
  /** What stands before the name of an example whose data an input takes. */
  static final String EXAMPLE = "example:";

  private static final String QUICKSTART = "sbl-quickstart";

  private final Services services;

  private final Definitions definitions;

  Library(Services services) {
    this.services = services;
    this.definitions = new Definitions(services.store(), services.catalogue());
  }

  /** The study of this kind and name, or {@link Mistake}. */
  Chosen find(String kind, String name) {
    return switch (kind(kind)) {
      case SHIPPED -> shipped(known("definition", name, Definition.SHIPPED));
      case EXAMPLE -> example(name);
      case OWN -> own(name);
      case RUN -> run(services.journal().find(name));
    };
  }

  private static Kind kind(String path) {
    return Arrays.stream(Kind.values())
        .filter(each -> each.path().equals(path))
        .findFirst()
        .orElseThrow(() ->
            new Mistake(
                Names.unknown(
                    "kind of study", path, Arrays.stream(Kind.values()).map(Kind::path).toList())));
  }

  private static String known(String what, String name, List<String> names) {
    if (!names.contains(name)) {
      throw new Mistake(Names.unknown(what, name, names));
    }
    return name;
  }

  /** All but runs; what a newcomer runs first stands first. */
  List<Chosen> all(Kind kind) {
    return switch (kind) {
      case SHIPPED -> Definition.SHIPPED.stream().map(Library::shipped).toList();
      case EXAMPLE ->
          services.examples().studies().stream()
              .flatMap(each -> readable(each).stream())
              .sorted(Comparator.comparing(each -> !each.name().equals(QUICKSTART)))
              .toList();
      case OWN -> definitions.names().stream().flatMap(name -> readableOwn(name).stream()).toList();
      case RUN -> List.of();
    };
  }

  /** What a newcomer runs first. */
  Optional<Chosen> first() {
    return all(Kind.EXAMPLE).stream().filter(each -> each.name().equals(QUICKSTART)).findFirst();
  }

  private Optional<Chosen> readableOwn(String name) {
    try {
      return Optional.of(own(name));
    } catch (Mistake e) {
      return Optional.empty();
    }
  }

  /** One whose definition cannot be read is left out: {@code palimpsest check} tells why. */
  private static Optional<Chosen> readable(Study study) {
    try {
      return Optional.of(example(study));
    } catch (Mistake e) {
      return Optional.empty();
    }
  }

  private static Chosen shipped(String name) {
    return of(Kind.SHIPPED, Definition.find(name, Path.of("")));
  }

  private static Chosen of(Kind kind, Definition definition) {
    return new Chosen(
        kind,
        definition.name(),
        Optional.empty(),
        about(definition),
        definition,
        filled(definition, Json.object()));
  }

  /** The newest version. */
  private Chosen own(String name) {
    return of(Kind.OWN, definitions.get(name, Optional.empty()));
  }

  private Chosen example(String name) {
    List<Study> studies = services.examples().studies();
    List<String> names = studies.stream().map(Library::folder).toList();
    return example(studies.get(names.indexOf(known("study", name, names))));
  }

  private static Chosen example(Study study) {
    Definition definition = study.definition();
    ObjectNode given = study.content().inputs().deepCopy();
    if (study.content().data().isPresent()) {
      given.set("data", TextNode.valueOf(EXAMPLE + folder(study)));
    }
    return new Chosen(
        Kind.EXAMPLE,
        folder(study),
        Optional.of(study.content().study()),
        study.content().about(),
        definition,
        filled(definition, given));
  }

  /** The name that the pages give an example. */
  static String folder(Study study) {
    return study.folder().normalize().getFileName().toString();
  }

  private Chosen run(String id) {
    RunJournal.Run run = services.journal().run(id).orElseThrow();
    if (run.verifies().isPresent()) {
      return run(run.verifies().get());
    }
    Definition definition = Definition.of(run);
    return new Chosen(
        Kind.RUN,
        id,
        run.title(),
        about(definition),
        definition,
        filled(definition, Json.read("the inputs of run " + id, run.inputs(), ObjectNode.class)));
  }

  private static String about(Definition definition) {
    return definition.json().path("description").asText();
  }

  /** Inputs with defaults, and the numerics that a run has unless told otherwise. */
  private static ObjectNode filled(Definition definition, ObjectNode given) {
    ObjectNode filled = Json.object();
    for (String name : definition.inputs()) {
      Optional.ofNullable(given.get(name))
          .or(() -> definition.defaultOf(name))
          .or(() ->
              name.equals("numerics")
                  ? Optional.of(Json.tree(Numerics.PINNED_CPU))
                  : Optional.empty())
          .ifPresent(value -> filled.set(name, value));
    }
    given.properties().stream()
        .filter(e -> !filled.has(e.getKey()))
        .forEach(e -> filled.set(e.getKey(), e.getValue()));
    return filled;
  }
}
