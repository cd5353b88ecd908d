package dev.palimpsest.console.submit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.console.Services;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.Definitions;
import dev.palimpsest.workflows.Study;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a definition can be started from. */
final class Beginnings {
  /** So a copy of a definition is called that cannot keep its name. */
  private static final String MINE = "my-";

  private static final ObjectWriter PRETTY =
      new ObjectMapper()
          .writer(
              new DefaultPrettyPrinter(
                  Separators.createDefaultInstance()
                      .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                      .withArrayEmptySeparator("")
                      .withObjectEmptySeparator("")));

  private final Services services;
  private final Definitions definitions;

  Beginnings(Services services, Definitions definitions) {
    this.services = services;
    this.definitions = definitions;
  }

  /** Some that belong together; by name, what the address calls them. */
  record Group(String label, Map<String, String> byAddress) {}

  /** All but runs. */
  List<Group> groups() {
    var groups = new ArrayList<Group>();
    add(groups, "Shipped", "shipped/", Definition.SHIPPED);
    add(groups, "Examples", "example/", examples().stream().map(Beginnings::folder).toList());
    add(groups, "Your own", "own/", definitions.names());
    return groups;
  }

  private static void add(List<Group> into, String label, String start, List<String> names) {
    var group = new LinkedHashMap<String, String>();
    names.forEach(name -> group.put(start + name, name));
    if (!group.isEmpty()) {
      into.add(new Group(label, group));
    }
  }

  /**
   * The text to start with.
   *
   * @param from {@code shipped/sbl}, {@code example/sbl-quickstart}, {@code own/NAME}, {@code
   *     run/ID}; empty for the smallest study there is
   */
  String text(String from, Optional<Integer> version) {
    int slash = from.indexOf('/');
    String name = from.substring(slash + 1);
    return switch (from.substring(0, Math.max(slash, 0))) {
      case "" -> blank();
      case "shipped" -> mine(Definition.shipped(known("definition", name, Definition.SHIPPED)));
      case "example" -> {
        List<String> names = examples().stream().map(Beginnings::folder).toList();
        int at = names.indexOf(known("example", name, names));
        yield copy(examples().get(at).definition());
      }
      case "own" -> own(name, version);
      case "run" -> {
        RunJournal journal = services.journal();
        yield copy(Definition.of(journal.run(journal.find(name)).orElseThrow()));
      }
      default ->
          throw new Mistake(
              "There is nothing to start from called '"
                  + from
                  + "'; expected shipped/, example/, own/ or run/ with a name, such as"
                  + " shipped/sbl.");
    };
  }

  private String own(String name, Optional<Integer> version) {
    int wanted = definitions.get(name, version).version();
    return definitions.text(name, wanted).orElseThrow();
  }

  private List<Study> examples() {
    return services.examples().studies();
  }

  private static String folder(Study study) {
    return study.folder().normalize().getFileName().toString();
  }

  private static String known(String what, String name, List<String> names) {
    if (names.isEmpty()) {
      throw new Mistake("There is no " + what + " '" + name + "'; this console has none.");
    }
    if (!names.contains(name)) {
      throw new Mistake(Names.unknown(what, name, names));
    }
    return name;
  }

  /** Under a name that it can be kept under, with the sub-workflows that are not shipped. */
  private static String copy(Definition definition) {
    ObjectNode json = definition.whole();
    if (json.path("subWorkflows") instanceof ObjectNode called) {
      called.remove(Definition.SHIPPED);
      if (called.isEmpty()) {
        json.remove("subWorkflows");
      }
    }
    if (Definition.SHIPPED.contains(definition.name())) {
      json.put("name", MINE + definition.name()).put("version", 1);
    }
    try {
      return PRETTY.writeValueAsString(json) + "\n";
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A shipped one as it is written, but for its name. */
  private static String mine(Definition definition) {
    String name = "\"name\": \"" + definition.name() + "\"";
    return definition.text().replaceFirst(name, "\"name\": \"" + MINE + definition.name() + "\"");
  }

  private static String blank() {
    try (InputStream in = Beginnings.class.getResourceAsStream("blank.json")) {
      if (in == null) {
        throw new IllegalStateException("blank.json is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
