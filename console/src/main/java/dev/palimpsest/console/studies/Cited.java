package dev.palimpsest.console.studies;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.workflows.Definition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A work that a definition names.
 *
 * @param text authors, title, venue and year
 * @param bibtex the whole entry
 */
record Cited(String text, String bibtex) {
  /** What the definition names, and where the methods were published that the form chooses. */
  static List<Cited> of(Definition definition, Form form) {
    var cited = new LinkedHashMap<String, Cited>();
    for (JsonNode named : definition.json().path("metadata").path("citations")) {
      cited.put(named.asText(), new Cited(text(named.asText()), named.asText()));
    }
    form.all()
        .flatMap(control -> control.note().stream())
        .map(Control.Note::citation)
        .forEach(each -> cited.putIfAbsent(each.bibtex(), new Cited(each.text(), each.bibtex())));
    return List.copyOf(cited.values());
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
        .collect(Collectors.joining(". ", "", "."));
  }

  private static String field(String bibtex, String name) {
    Matcher found = Pattern.compile("\\b" + name + "\\s*=\\s*\\{+(.*?)\\}").matcher(bibtex);
    return found.find() ? found.group(1) : "";
  }
}
