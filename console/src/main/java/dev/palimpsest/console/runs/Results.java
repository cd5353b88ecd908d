package dev.palimpsest.console.runs;

import dev.palimpsest.base.Json;
import dev.palimpsest.console.web.TableView;
import dev.palimpsest.report.Table;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.RunView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The tables and figures of the stages that a run ends with. */
final class Results {
  private static final Pattern ITERATION = Pattern.compile("__\\d+$");

  /** A table larger than this is shown on its own page alone. */
  private static final long MOST_BYTES = 1 << 20;

  private static final int MOST = 12;

  private final Artifacts artifacts;

  Results(Artifacts artifacts) {
    this.artifacts = artifacts;
  }

  /**
   * A table or a figure.
   *
   * @param table empty for a figure
   */
  record Result(String task, String output, Reference reference, Optional<TableView> table) {
    String href() {
      return "/artifacts/" + reference.sha256().hex();
    }

    String title() {
      return table.map(TableView::title).filter(title -> !title.isBlank()).orElse(output);
    }
  }

  /** Tables first; those of the turn of a loop that was the last one. */
  List<Result> of(Definition definition, RunView view) {
    List<String> last = definition.last().stream().map(Definition.Task::reference).toList();
    var tables = new ArrayList<Result>();
    var figures = new ArrayList<Result>();
    for (RunView.StageView stage : view.stages()) {
      if (!last.contains(ITERATION.matcher(stage.task()).replaceFirst(""))) {
        continue;
      }
      new TreeMap<>(stage.outputs())
          .forEach((output, reference) -> {
            if (reference.artifact().equals(ArtifactType.FIGURE.label())) {
              figures.add(new Result(stage.task(), output, reference, Optional.empty()));
            } else if (reference.artifact().equals(ArtifactType.TABLE.label())
                && reference.bytes() <= MOST_BYTES) {
              tables.add(
                  new Result(stage.task(), output, reference, Optional.of(table(reference))));
            }
          });
    }
    tables.addAll(figures);
    return tables.stream().limit(MOST).toList();
  }

  private TableView table(Reference reference) {
    return TableView.of(
        Json.read("table " + reference.sha256().brief(), artifacts.read(reference), Table.class),
        Optional.empty(),
        "/artifacts/" + reference.sha256().hex() + "?");
  }
}
