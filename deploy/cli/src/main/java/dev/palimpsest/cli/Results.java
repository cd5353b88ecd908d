package dev.palimpsest.cli;

import dev.palimpsest.base.Json;
import dev.palimpsest.report.Table;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.RunView;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a finished run shows: its tables and figures.
 *
 * @param tables in the order of the definition
 * @param figures in the order of the definition
 */
record Results(List<Shown<Table>> tables, List<Shown<String>> figures) {
  private static final Pattern ITERATION = Pattern.compile("__\\d+$");

  /**
   * An output that can be shown.
   *
   * @param last whether no other task of the definition takes anything from its task
   */
  record Shown<T>(String task, String output, boolean last, T content) {
    /** A file's name without its ending. */
    String file() {
      return task + "-" + output;
    }
  }

  /** Reads every table and figure of a run. */
  static Results of(Definition definition, RunView view, Artifacts artifacts) {
    List<String> last = definition.last().stream().map(Definition.Task::reference).toList();
    var tables = new ArrayList<Shown<Table>>();
    var figures = new ArrayList<Shown<String>>();
    for (RunView.StageView stage : view.stages()) {
      boolean isLast = last.contains(ITERATION.matcher(stage.task()).replaceFirst(""));
      new TreeMap<>(stage.outputs())
          .forEach((output, reference) -> {
            String type = reference.artifact();
            if (type.equals(ArtifactType.TABLE.label())) {
              String what = "table " + stage.task() + "/" + output;
              Table table = Json.read(what, artifacts.read(reference), Table.class);
              tables.add(new Shown<>(stage.task(), output, isLast, table));
            } else if (type.equals(ArtifactType.FIGURE.label())) {
              String svg = new String(artifacts.read(reference), StandardCharsets.UTF_8);
              figures.add(new Shown<>(stage.task(), output, isLast, svg));
            }
          });
    }
    return new Results(tables, figures);
  }
}
