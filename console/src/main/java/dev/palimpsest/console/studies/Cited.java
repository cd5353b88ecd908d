package dev.palimpsest.console.studies;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.workflows.Definition;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A work that a definition names.
 *
 * @param text authors, title, venue and year
 * @param bibtex the whole entry
 */
record Cited(String text, String bibtex) {
  static List<Cited> of(Definition definition) {
    JsonNode citations = definition.json().path("metadata").path("citations");
    return StreamSupport.stream(citations.spliterator(), false)
        .map(JsonNode::asText)
        .map(bibtex -> new Cited(text(bibtex), bibtex))
        .toList();
  }

  private static String text(String bibtex) {
    String authors =
        Stream.of(field(bibtex, "author").split(" and "))
            .map(name -> name.contains(",") ? name.split(",", 2)[0] : name)
            .map(String::strip)
            .collect(Collectors.joining(", "));
    String venue = field(bibtex, "(?:booktitle|journal)");
    return Stream.of(authors, field(bibtex, "title"), venue, field(bibtex, "year"))
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining(". "));
  }

  private static String field(String bibtex, String name) {
    Matcher found = Pattern.compile("\\b" + name + "\\s*=\\s*\\{+(.*?)\\}").matcher(bibtex);
    return found.find() ? found.group(1) : "";
  }
}
