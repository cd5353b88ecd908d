package dev.palimpsest.cli;

import dev.palimpsest.report.Table;
import dev.palimpsest.report.TextTable;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.RunView.StageState;
import java.io.PrintStream;
import java.nio.file.Path;

/** What is printed when a run has ended well. */
final class Summary {
  private final PrintStream out;
  private final Terminal terminal;

  Summary(PrintStream out, Terminal terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /**
   * @param seconds what the run took as a whole
   * @param folder where the report lies
   */
  void print(RunView end, Results results, double seconds, Path folder) {
    if (!terminal.live()) {
      // On a terminal the lines above hold the times.
      out.println();
      out.print(TextTable.render(Report.times(end), terminal.columns()));
    }
    for (Results.Shown<Table> table : results.tables()) {
      if (table.last()) {
        out.println();
        out.print(TextTable.render(table.content(), terminal.columns()));
      }
    }
    long cached = end.stages().stream().filter(stage -> stage.state() == StageState.CACHED).count();
    out.println();
    out.println(
        "Run        "
            + end.run()
            + " ("
            + Words.count(end.stages().size(), "stage")
            + ", "
            + cached
            + " cached, "
            + Words.duration(seconds)
            + ")");
    out.println("Report     " + folder.resolve("report.md"));
    out.println("Artifacts  palimpsest artifacts ls " + end.run());
    long tainted =
        end.stages().stream()
            .flatMap(stage -> stage.outputs().values().stream())
            .filter(output -> output.artifact().equals(ArtifactType.CHECKPOINT.label()))
            .filter(output -> output.tainted())
            .distinct()
            .count();
    if (tainted > 0) {
      out.println(
          "⚠ "
              + Words.count(tainted, "checkpoint")
              + " of this run "
              + (tainted == 1 ? "stems" : "stem")
              + " from poisoned data and may hold a backdoor: marked there.");
    }
  }
}
