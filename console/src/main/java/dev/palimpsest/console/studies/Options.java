package dev.palimpsest.console.studies;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.console.Services;
import dev.palimpsest.console.studies.Control.Option;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Imports;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.Workers;
import dev.palimpsest.workflows.InputField;
import dev.palimpsest.workflows.Study;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What may be chosen for data, networks and numerics: what is at hand now. */
final class Options {
  private static final Logger LOG = LoggerFactory.getLogger(Options.class);

  private final List<Study> examples;
  private final List<Imports.Import> imports = new ArrayList<>();
  private final Set<Numerics> numerics = new LinkedHashSet<>();
  private final Chosen chosen;

  Options(Services services, Chosen chosen) {
    this.chosen = chosen;
    this.examples =
        services.examples().studies().stream()
            .filter(study -> study.content().data().isPresent())
            .toList();
    numerics.add(Numerics.PINNED_CPU);
    try {
      imports.addAll(new Imports(services.store()).all());
      new Workers(services.store(), services.clock())
          .living()
          .forEach(worker -> numerics.add(worker.numerics()));
    } catch (Failure e) {
      // Without the store there is still what lies on this machine.
      LOG.debug("{}", e.getMessage());
    }
    numerics.add(Numerics.ANY);
  }

  List<Option> of(InputField input) {
    if (input.takes() instanceof InputField.OfNumerics) {
      return numerics(input);
    }
    var options = new ArrayList<Option>();
    JsonNode usual = chosen.inputs().path(input.name());
    if (usual.isObject()) {
      options.add(new Option(usual.toString(), asGiven(usual)));
    }
    if (input.takes() instanceof InputField.Fields(List<InputField> parts)) {
      Set<String> names = new TreeSet<>(parts.stream().map(InputField::name).toList());
      whole(names, options);
    } else if (input.takes() instanceof InputField.OfType(ArtifactType type)) {
      single(type.label(), options);
    }
    return options;
  }

  private String asGiven(JsonNode usual) {
    String named =
        imports.stream()
            .filter(each -> Json.tree(each.parts()).equals(usual))
            .findFirst()
            .map(each -> each.name() + ", ")
            .orElse("");
    return named + (chosen.kind() == Chosen.Kind.RUN ? "as in the run" : "as given");
  }

  /** Data sets that have all parts. */
  private void whole(Set<String> parts, List<Option> options) {
    var folders = new LinkedHashMap<Path, String>();
    for (Study study : examples) {
      folders.putIfAbsent(data(study), Library.folder(study));
    }
    // Its own name for the folder goes before any other.
    examples.stream()
        .filter(study -> chosen.kind() == Chosen.Kind.EXAMPLE)
        .filter(study -> Library.folder(study).equals(chosen.name()))
        .forEach(study -> folders.put(data(study), chosen.name()));
    folders.forEach((folder, name) ->
        options.add(new Option(Library.EXAMPLE + name, "data of " + owner(folder, name))));
    imports.stream()
        .filter(each -> each.parts().keySet().containsAll(parts))
        .forEach(each ->
            options.add(new Option(Imports.NAMED + each.name(), each.name() + ", imported")));
  }

  private static Path data(Study study) {
    return study.folder().resolve(study.content().data().orElseThrow()).normalize();
  }

  /** The study whose folder the data lie in: several may bring the same. */
  private String owner(Path data, String name) {
    return examples.stream()
        .filter(study -> data.startsWith(study.folder().normalize()))
        .findFirst()
        .map(Library::folder)
        .orElse(name);
  }

  private void single(String type, List<Option> options) {
    for (Imports.Import each : imports) {
      each.parts().entrySet().stream()
          .filter(part -> part.getValue().artifact().equals(type))
          .forEach(part -> {
            String name = each.name() + (each.parts().size() == 1 ? "" : "." + part.getKey());
            options.add(new Option(Imports.NAMED + name, name + ", imported"));
          });
    }
  }

  private List<Option> numerics(InputField input) {
    var options = new ArrayList<Option>();
    JsonNode usual = chosen.inputs().path(input.name());
    for (Numerics each : numerics) {
      JsonNode json = Json.tree(each);
      options.add(new Option((json.equals(usual) ? usual : json).toString(), told(each)));
    }
    return options;
  }

  private static String told(Numerics numerics) {
    return numerics.equals(Numerics.ANY)
        ? "whatever the worker computes with; not reproducible bit for bit"
        : numerics.toString();
  }
}
