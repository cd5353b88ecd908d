package dev.palimpsest.cli;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.report.CsvTable;
import dev.palimpsest.report.LatexTable;
import dev.palimpsest.report.MarkdownTable;
import dev.palimpsest.report.Table;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.RunView.StageState;
import dev.palimpsest.workflows.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A run as a folder for readers: {@code report.md} with every table and figure, each table as CSV
 * and LaTeX, each figure as SVG, {@code citations.bib}, and {@code run.json} with the definition,
 * the inputs and how each stage was answered.
 *
 * @param study the study's name
 * @param about the question it answers
 * @param citations the papers that it stands on, as BibTeX
 * @param verification how it compares with the run that it verifies
 */
record Report(
    String study,
    String about,
    RunJournal.Run run,
    List<RunJournal.StageEntry> entries,
    RunView view,
    Results results,
    String citations,
    Optional<Verification> verification) {
  /** Of a run that verifies none. */
  Report(
      String study,
      String about,
      RunJournal.Run run,
      List<RunJournal.StageEntry> entries,
      RunView view,
      Results results,
      String citations) {
    this(study, about, run, entries, view, results, citations, Optional.empty());
  }

  /** What {@code run.json} holds. */
  private record RunFile(RunJournal.Run run, List<RunJournal.StageEntry> stages) {}

  /**
   * Writes the folder as a whole or not at all.
   *
   * @throws Failure if it cannot be written; nothing is then left of it
   */
  void write(Path folder) {
    Path target = folder.toAbsolutePath().normalize();
    Path part = target.resolveSibling("." + target.getFileName() + ".part");
    try {
      delete(part);
      Files.createDirectories(part);
      for (Results.Shown<Table> table : results.tables()) {
        Files.writeString(part.resolve(table.file() + ".csv"), CsvTable.render(table.content()));
        Files.writeString(part.resolve(table.file() + ".tex"), LatexTable.render(table.content()));
      }
      for (Results.Shown<String> figure : results.figures()) {
        Files.writeString(part.resolve(figure.file() + ".svg"), figure.content());
      }
      Files.writeString(part.resolve("citations.bib"), citations);
      Files.writeString(part.resolve("run.json"), Json.pretty(new RunFile(run, entries)));
      if (verification.isPresent()) {
        Files.writeString(part.resolve("verification.json"), Json.pretty(verification.get()));
      }
      Files.writeString(part.resolve("report.md"), markdown());
      Files.deleteIfExists(target);
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      try {
        delete(part);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw new Failure(
          "The report cannot be written to "
              + target
              + " ("
              + e
              + "); expected a place with room for a new folder, or --report DIR.",
          e);
    }
  }

  String markdown() {
    var text = new StringBuilder("# " + study + "\n\n");
    if (!about.isBlank()) {
      text.append(about).append("\n\n");
    }
    text.append("Run `")
        .append(run.run())
        .append("` of workflow `")
        .append(run.study())
        .append("`, submitted ")
        .append(run.submitted())
        .append(".\n\n");
    verification.ifPresent(its -> verification(its, text));
    // The summary first, then what led to it, task by task.
    show(Results.Shown::last, text);
    Stream.<Results.Shown<?>>concat(results.tables().stream(), results.figures().stream())
        .filter(shown -> !shown.last())
        .map(Results.Shown::task)
        .distinct()
        .sorted(Comparator.comparingInt(this::place))
        .forEach(task -> {
          text.append("## ").append(task).append("\n\n");
          show(shown -> shown.task().equals(task), text);
        });
    text.append("## Stages\n\n").append(MarkdownTable.render(times(view))).append('\n');
    text.append("`run.json` holds the definition, the inputs and the digests of all artifacts, ");
    text.append("`citations.bib` the papers to cite.\n");
    return text.toString();
  }

  /** The tables and the figures of some tasks. */
  private void show(Predicate<Results.Shown<?>> wanted, StringBuilder text) {
    for (Results.Shown<Table> table : results.tables()) {
      if (wanted.test(table)) {
        text.append(MarkdownTable.render(table.content())).append('\n');
      }
    }
    for (Results.Shown<String> figure : results.figures()) {
      if (wanted.test(figure)) {
        String name = figure.task() + ", " + figure.output();
        text.append("![" + name + "](" + figure.file() + ".svg)\n\n");
      }
    }
  }

  /** The place of a task among those of the run. */
  private int place(String task) {
    return view.stages().stream().map(RunView.StageView::task).toList().indexOf(task);
  }

  private static void verification(Verification its, StringBuilder text) {
    text.append("## Verification of run `").append(its.run()).append("`\n\n");
    for (String line : VerificationTables.conclusion(its)) {
      text.append(line).append("\n\n");
    }
    text.append(MarkdownTable.render(VerificationTables.stages(its))).append('\n');
    for (Table table : VerificationTables.differences(its)) {
      text.append(MarkdownTable.render(table)).append('\n');
    }
    text.append("`verification.json` holds every difference.\n\n## Results\n\n");
  }

  /** What each stage took. */
  static Table times(RunView view) {
    var rows = new ArrayList<List<Table.Cell>>();
    for (RunView.StageView stage : view.stages()) {
      boolean cached = stage.state() == StageState.CACHED;
      rows.add(
          List.of(
              Table.Cell.of(stage.task()),
              Table.Cell.of(stage.stage()),
              cached || stage.state() != StageState.DONE
                  ? Table.Cell.of(cached ? "cached" : "not run")
                  : Table.Cell.of(stage.seconds())));
    }
    return new Table(
        "",
        List.of(
            Table.Column.text("task"),
            Table.Column.text("stage"),
            Table.Column.number("", "time", "s", 1)),
        rows,
        List.of());
  }

  private static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> all = Files.walk(path)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
