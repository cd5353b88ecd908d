package dev.palimpsest.console.compare;

import dev.palimpsest.report.Table;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** The inputs of runs, one line each. */
final class Inputs {
  private Inputs() {}

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
