package dev.palimpsest.console.studies;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.palimpsest.base.JsonSyntax;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Optional;

/** JSON as it is typed into a field. */
final class Texts {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private Texts() {}

  /** {@code 0.0005}, {@code 1e-12}. */
  static String number(BigDecimal value) {
    BigDecimal brief = value.stripTrailingZeros();
    return brief.scale() > 8 ? brief.toString().toLowerCase(Locale.ROOT) : brief.toPlainString();
  }

  /** Empty for what is no JSON. */
  static Optional<JsonNode> json(String text) {
    try {
      return Optional.of(JSON.readTree(text)).filter(value -> !value.isMissingNode());
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** What keeps a text from being JSON, as a sentence. */
  static Optional<String> wrong(String name, String text) {
    try {
      JSON.readTree(text);
      return Optional.empty();
    } catch (JsonProcessingException e) {
      String[] words = JsonSyntax.words(e.getOriginalMessage());
      String where = e.getLocation() == null ? "" : " in line " + e.getLocation().getLineNr();
      return Optional.of(
          "'" + name + "' is no JSON" + where + ": " + words[0] + "; " + words[1] + ".");
    }
  }
}
