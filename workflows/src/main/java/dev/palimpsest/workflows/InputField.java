package dev.palimpsest.workflows;

import dev.palimpsest.spec.Field;
import dev.palimpsest.tasks.ArtifactType;
import java.util.List;

/**
 * An input of a definition, or a field within one, as those tell of it that it feeds.
 *
 * @param name its name among the inputs, or within the field that holds it
 * @param feeds what it feeds, in the order of the definition; empty where nothing is known of that
 */
public record InputField(String name, Takes takes, List<Feed> feeds) {
  /** What may stand there. */
  public sealed interface Takes {}

  /** What a parameter takes, or several that it feeds: the range is what all of them allow. */
  public record Parameter(Field field) implements Takes {}

  /** An artifact of a type. */
  public record OfType(ArtifactType type) implements Takes {}

  /** What decides the bits of a computation. */
  public record OfNumerics() implements Takes {}

  /** An object with these fields, each of which feeds something by itself. */
  public record Fields(List<InputField> fields) implements Takes {}

  /** JSON of which nothing is known here. */
  public record Any() implements Takes {}

  /**
   * A task that takes it.
   *
   * @param task its reference name in the definition
   * @param description as the definition has it; may be empty
   * @param stage that it calls; empty where it calls none
   * @param parameter of that stage; empty where it feeds no parameter
   */
  public record Feed(String task, String description, String stage, String parameter) {}

  /** Whether it is made of artifacts alone. */
  public boolean artifacts() {
    return switch (takes) {
      case OfType type -> true;
      case Fields(List<InputField> fields) -> fields.stream().allMatch(InputField::artifacts);
      default -> false;
    };
  }
}
