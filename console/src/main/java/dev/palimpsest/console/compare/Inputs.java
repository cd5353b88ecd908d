package dev.palimpsest.console.compare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.report.Table;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/** The inputs of runs, one line each, named as {@code --set} takes them. */
final class Inputs {
  private static final int BRIEF = 12;

  private Inputs() {}

  /** {@code task1.epochs} = {@code 20}; a method chosen with parameters stands as its name. */
  static SequencedMap<String, String> flat(JsonNode inputs) {
    var flat = new TreeMap<String, String>();
    collect("", inputs, flat);
    return flat;
  }

  private static void collect(String name, JsonNode value, SequencedMap<String, String> into) {
    if (!value.isObject()) {
      into.put(name, value.isTextual() ? value.textValue() : value.toString());
    } else if (value.path("sha256").isTextual()) {
      String digest = value.path("sha256").textValue();
      into.put(
          name,
          value.path("artifact").asText("artifact")
              + " "
              + digest.substring(0, Math.min(BRIEF, digest.length())));
    } else {
      value
          .properties()
          .forEach(field -> {
            boolean method = field.getKey().equals("method") && !name.isEmpty();
            String within = name.isEmpty() ? field.getKey() : name + "." + field.getKey();
            collect(method ? name : within, field.getValue(), into);
          });
    }
  }

  /** Those that differ, or that not all runs have; one column for each run. */
  static Table differing(List<String> labels, List<SequencedMap<String, String>> flat) {
    var names = new LinkedHashSet<String>();
    flat.forEach(each -> names.addAll(each.keySet()));
    var rows = new ArrayList<List<Table.Cell>>();
    for (String name : names.stream().sorted().toList()) {
      List<Optional<String>> values =
          flat.stream().map(each -> Optional.ofNullable(each.get(name))).toList();
      if (values.stream().distinct().count() > 1) {
        var row = new ArrayList<Table.Cell>();
        row.add(Table.Cell.of(name));
        values.forEach(value -> row.add(Table.Cell.of(value.orElse("–"))));
        rows.add(row);
      }
    }
    var columns = new ArrayList<Table.Column>();
    columns.add(Table.Column.text("input"));
    labels.forEach(label -> columns.add(Table.Column.text(label)));
    return new Table("Inputs that differ", columns, rows, List.of());
  }
}
