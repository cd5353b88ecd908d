package dev.palimpsest.cli.bundle;

import dev.palimpsest.report.MarkdownTable;
import dev.palimpsest.report.Table;
import dev.palimpsest.tasks.RunJournal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What a bundle says of itself to people. */
final class Readme {
  private Readme() {}

  static String of(
      Manifest manifest,
      RunJournal.Run run,
      List<RunJournal.StageEntry> stages,
      List<Table> tables) {
    var text = new StringBuilder();
    String title = run.title().orElse(run.study());
    text.append("# ").append(title).append(", run ").append(run.run()).append("\n\n");
    if (!manifest.taint().isEmpty()) {
      text.append("> **Backdoor.** This archive holds files that stem from poisoned data (")
          .append(String.join("; ", manifest.taint()))
          .append("). The networks in it may hold a backdoor. Do not deploy them, and keep this")
          .append(" label with every copy; `manifest.json` says which files are meant.\n\n");
    }
    text.append("One run of a study with Palimpsest: ")
        .append("what was asked, how it was computed, and what came out.\n\n");
    tables.forEach(table -> text.append(MarkdownTable.render(table)).append('\n'));
    text.append(
        """
        ## What is here

        | | |
        |---|---|
        | `tables/` | each table as JSON, Markdown, CSV and LaTeX |
        | `figures/` | SVG |
        | `results/`, `metrics/` | measures as JSON; the course of training and defence, one line an epoch |
        | `checkpoints/` | networks: safetensors with PyTorch's state-dict names |
        | `data/`, `inputs/`, `poison-plans/`, `memory/` | what the stages took and made besides: safetensors |
        | `run.json` | the definition and the inputs as submitted, and the code that submitted them |
        | `stages/`, `records/`, `code/` | how each stage was answered and on which machine; its key and what the key was made from; the classes behind it |
        | `citations.bib` | the papers behind the workflow and its methods |
        | `manifest.json`, `SHA256SUMS` | every artifact with its digest and label; every file's digest |

        """);
    if (!manifest.leftOut().isEmpty()) {
      text.append("Not here, by the exporter's choice: ")
          .append(String.join(", ", counted(manifest)))
          .append(".\n\n");
    }
    text.append(
        """
        ## What to do with it

            sha256sum -c SHA256SUMS                  # is it whole?
            palimpsest import ARCHIVE.zip            # into a store: runs, artifacts and cache know it
            palimpsest artifacts ls RUN
            palimpsest run FOLDER                    # the same study; what was imported is not computed again

        An import believes these results as the digests name them; `palimpsest verify RUN` computes
        them again and compares.

        """
            .replace("ls RUN\n", "ls " + run.run() + "\n"));
    text.append("## Where it was computed\n\n");
    text.append("Submitted ")
        .append(run.submitted())
        .append(" by ")
        .append(code(run))
        .append(".\n");
    answered(stages)
        .forEach((how, tasks) ->
            text.append("\n- ")
                .append(String.join(", ", tasks))
                .append(":\n  ")
                .append(how)
                .append('\n'));
    return text.toString();
  }

  private static List<String> counted(Manifest manifest) {
    var counts = new LinkedHashMap<String, Integer>();
    manifest.leftOut().forEach(each -> counts.merge(each.artifact(), 1, Integer::sum));
    return counts.entrySet().stream()
        .map(each -> each.getValue() + " of type " + each.getKey())
        .toList();
  }

  private static String code(RunJournal.Run run) {
    String commit = run.code().get("commit");
    boolean modified = "true".equals(run.code().get("modified"));
    return "Palimpsest "
        + run.code().getOrDefault("version", "of an unknown version")
        + (commit == null ? "" : ", commit " + commit + (modified ? ", modified" : ""));
  }

  /** The tasks by whether and with what the worker that answered them computed. */
  private static Map<String, List<String>> answered(List<RunJournal.StageEntry> stages) {
    var answered = new LinkedHashMap<String, List<String>>();
    for (RunJournal.StageEntry stage : stages) {
      String how =
          (stage.cached() ? "taken from an earlier run by a worker on " : "computed on ")
              + stage.environment().entrySet().stream()
                  .sorted(Map.Entry.comparingByKey())
                  .map(fact -> fact.getKey() + " " + fact.getValue())
                  .collect(Collectors.joining("; "));
      answered.computeIfAbsent(how, e -> new ArrayList<>()).add(stage.task());
    }
    return answered;
  }
}
