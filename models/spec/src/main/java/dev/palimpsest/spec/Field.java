package dev.palimpsest.spec;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/**
 * One field of a parameters record, as checks, forms and the reference show it.
 *
 * @param name the field's name in JSON
 * @param type {@code number}, {@code integer}, {@code boolean}, {@code text}, {@code list}, {@code
 *     choice} or {@code group}
 * @param help what it is, with its unit
 * @param value the default; empty if it must be given
 * @param min the least number allowed
 * @param max the greatest number allowed
 * @param options the allowed texts; empty where any is allowed
 * @param choose the kind of method that a {@code choice} chooses
 * @param fields what a {@code group} holds
 */
public record Field(
    String name,
    String type,
    String help,
    Optional<JsonNode> value,
    Optional<Double> min,
    Optional<Double> max,
    List<String> options,
    Optional<Kind> choose,
    List<Field> fields) {

  boolean holds(double number) {
    return number >= min.orElse(Double.NEGATIVE_INFINITY)
        && number <= max.orElse(Double.POSITIVE_INFINITY);
  }

  /** What may stand here, for a sentence that starts with "expected". */
  String expected() {
    if (!options.isEmpty()) {
      return "one of " + String.join(", ", options);
    }
    if (choose.isPresent()) {
      return "the name of " + article(choose.get().label());
    }
    if (!fields.isEmpty()) {
      return "an object with " + String.join(", ", fields.stream().map(Field::name).toList());
    }
    String noun = article(type);
    if (min.isPresent() && max.isPresent()) {
      return noun + " from " + brief(min.get()) + " to " + brief(max.get());
    }
    return noun
        + min.map(least -> " of at least " + brief(least)).orElse("")
        + max.map(most -> " of at most " + brief(most)).orElse("");
  }

  private static String article(String noun) {
    return ("aeiou".indexOf(noun.charAt(0)) >= 0 ? "an " : "a ") + noun;
  }

  private static String brief(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
