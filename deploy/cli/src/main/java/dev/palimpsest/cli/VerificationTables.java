package dev.palimpsest.cli;

import dev.palimpsest.report.Table;
import dev.palimpsest.tensors.SafetensorsHeader;
import dev.palimpsest.tensors.TensorDifference;
import dev.palimpsest.workflows.OutputDifference;
import dev.palimpsest.workflows.Verification;
import dev.palimpsest.workflows.Verification.Compared;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Function;

/** A verification in words and tables. */
final class VerificationTables {
  private static final int MOST_ROWS = 12;

  private VerificationTables() {}

  /** Whether the run came out the same, and where it first did not. */
  static List<String> conclusion(Verification verification) {
    int stages = verification.stages().size();
    int differing = verification.differing().size();
    if (differing == 0) {
      return List.of(
          "Run "
              + verification.run()
              + " came out the same: the outputs of "
              + Words.count(stages, "stage")
              + " have equal digests.");
    }
    return List.of(
        "Run "
            + verification.run()
            + " did not come out the same: "
            + differing
            + " of "
            + Words.count(stages, "stage")
            + (differing == 1 ? " differs." : " differ."),
        verification
            .first()
            .map(first ->
                "Not deterministic: task '"
                    + first.task()
                    + "' is the first that gave other outputs from equal inputs"
                    + (first.surroundings().isEmpty()
                        ? "."
                        : ", though not in equal surroundings ("
                            + String.join("; ", first.surroundings())
                            + ")."))
            .orElse("No stage gave other outputs from equal inputs and equal code."));
  }

  /** Every stage with what became of it. */
  static Table stages(Verification verification) {
    return table(
        "",
        List.of("task", "stage", "result"),
        verification.stages().stream()
            .map(stage -> List.of(stage.task(), stage.stage(), result(stage)))
            .toList());
  }

  private static String result(Compared stage) {
    String result =
        switch (stage.state()) {
          case SAME -> "same";
          case NOT_DETERMINISTIC -> "differs: not deterministic";
          case FOLLOWS, OTHER_PROGRAM -> "differs with " + String.join(", ", stage.causes());
          case ABSENT -> "finished in one run only";
        };
    return stage.earlier().isEmpty() ? result : result + "; was not deterministic before";
  }

  /** A table for each output that differs, with its first differences. */
  static List<Table> differences(Verification verification) {
    var tables = new ArrayList<Table>();
    for (Compared stage : verification.differing()) {
      stage.outputs().forEach(output -> tables.add(difference(stage.task(), "", output)));
      stage
          .earlier()
          .forEach(output -> tables.add(difference(stage.task(), ", under one key", output)));
    }
    return tables;
  }

  private static Table difference(String task, String when, OutputDifference output) {
    String title = task + ", output '" + output.output() + "'" + when;
    return switch (output) {
      case OutputDifference.OfTensors of ->
          rows(
              title,
              List.of("tensor", "what differs", "largest difference"),
              of.tensors(),
              VerificationTables::row,
              "The tensors are the same; their order in the file differs.");
      case OutputDifference.OfDocument of ->
          rows(
              title,
              List.of("where", "first", "again"),
              of.places(),
              place -> List.of(place.place(), place.first(), place.second()),
              "It says the same in other bytes.");
      case OutputDifference.Incomparable of ->
          table(title, List.of("not compared"), List.of(List.of(of.why())));
    };
  }

  private static <T> Table rows(
      String title,
      List<String> columns,
      List<T> all,
      Function<T, List<String>> row,
      String ifNone) {
    if (all.isEmpty()) {
      return table(title, List.of("what differs"), List.of(List.of(ifNone)));
    }
    Table table = table(title, columns, all.stream().limit(MOST_ROWS).map(row).toList());
    int more = all.size() - MOST_ROWS;
    return more <= 0
        ? table
        : new Table(title, table.columns(), table.rows(), List.of("And " + more + " more."));
  }

  private static List<String> row(TensorDifference difference) {
    return switch (difference) {
      case TensorDifference.Elements of ->
          List.of(
              of.name(),
              of.differing()
                  + " of "
                  + Words.count(of.elements(), "element")
                  + (of.notFinite() == 0 ? "" : ", " + of.notFinite() + " not finite"),
              number(of.largest()));
      case TensorDifference.Form of ->
          List.of(of.name(), form(of.first()) + " first, " + form(of.second()) + " again", "");
      case TensorDifference.Missing of ->
          List.of(of.name(), of.inFirst() ? "missing again" : "missing first", "");
      case TensorDifference.Metadata of ->
          List.of(
              "metadata '" + of.name() + "'",
              of.first().orElse("nothing") + " first, " + of.second().orElse("nothing") + " again",
              "");
    };
  }

  private static String number(OptionalDouble value) {
    return value.isEmpty() ? "" : String.format(Locale.ROOT, "%.3g", value.getAsDouble());
  }

  private static String form(SafetensorsHeader.Entry entry) {
    return entry.type() + " " + entry.shape();
  }

  private static Table table(String title, List<String> columns, List<List<String>> rows) {
    return new Table(
        title,
        columns.stream().map(Table.Column::text).toList(),
        rows.stream().map(row -> row.stream().map(Table.Cell::of).toList()).toList(),
        List.of());
  }
}
