package dev.palimpsest.console.studies;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.spec.Field;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What may stand in a field, in few words. */
final class Ranges {
  private Ranges() {}

  /** {@code 0 to 1, default 0.1}; {@code JSON list}. */
  static String of(Field field) {
    var words = new ArrayList<String>();
    if (field.type().equals("list")) {
      words.add("JSON list");
    } else if (field.min().isPresent() && field.max().isPresent()) {
      words.add(brief(field.min().get()) + " to " + brief(field.max().get()));
    } else {
      field.min().ifPresent(least -> words.add("at least " + brief(least)));
      field.max().ifPresent(most -> words.add("at most " + brief(most)));
    }
    words.addAll(defaults(field));
    return String.join(", ", words);
  }

  private static List<String> defaults(Field field) {
    return field
        .value()
        .filter(JsonNode::isValueNode)
        .map(value ->
            value.isFloatingPointNumber() ? Texts.number(value.decimalValue()) : value.asText())
        .filter(text -> !text.isEmpty())
        .map(text -> List.of("default " + text))
        .orElse(List.of());
  }

  private static String brief(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e12
        ? String.format(Locale.ROOT, "%,d", (long) value)
        : Texts.number(BigDecimal.valueOf(value));
  }
}
