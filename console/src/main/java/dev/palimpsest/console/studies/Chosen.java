package dev.palimpsest.console.studies;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.workflows.Definition;
import java.util.Locale;
import java.util.Optional;

/**
 * What a page is about: a definition, and what a run of it starts from.
 *
 * @param name within its kind
 * @param title that its runs have; empty where the definition's name says it
 * @param about what it answers, in a line
 * @param inputs with the definition's defaults filled in; those that nothing gives are missing
 */
record Chosen(
    Kind kind,
    String name,
    Optional<String> title,
    String about,
    Definition definition,
    ObjectNode inputs) {
  /** Where it comes from. */
  enum Kind {
    /** A definition that comes with Palimpsest. */
    SHIPPED("Definition"),
    /** A study in a folder, with its data. */
    EXAMPLE("Study with data"),
    /** A definition of a user's own. */
    OWN("Your definition"),
    /** A run that is started again with changes. */
    RUN("Run");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }

    String path() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  String path() {
    return "/studies/" + kind.path() + "/" + name;
  }

  String heading() {
    return kind == Kind.RUN ? title.orElse(definition.name()) : name;
  }
}
