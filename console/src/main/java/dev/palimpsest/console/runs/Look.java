package dev.palimpsest.console.runs;

import dev.palimpsest.console.graph.Shown;
import dev.palimpsest.console.graph.WorkflowGraph;
import dev.palimpsest.console.web.Starts;
import dev.palimpsest.console.web.Words;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.RunNotes.Notes;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.RunView.StageState;
import dev.palimpsest.workflows.RunView.StageView;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A run's page at one moment.
 *
 * @param notes what people wrote beside it
 * @param outOfReach why Conductor could not be asked, or what it said
 * @param known whether Conductor knows the run
 * @param results its tables and figures, once it is done
 * @param asked the task that the visitor chose; the page follows the work where there is none
 * @param panel the stage that is looked at
 */
record Look(
    RunJournal.Run record,
    Definition definition,
    Notes notes,
    Optional<RunJournal.End> end,
    RunView view,
    Optional<String> outOfReach,
    boolean known,
    Instant now,
    List<Results.Result> results,
    Optional<String> asked,
    Optional<Panel> panel) {
  String run() {
    return record.run();
  }

  String brief() {
    return RunTable.brief(run());
  }

  String title() {
    return record.title().orElse(record.study());
  }

  /** The first line of what was written beside it. */
  Optional<String> note() {
    return notes.text().lines().findFirst();
  }

  Optional<String> seed() {
    return Optional.of(record.inputs().path("seed").asText()).filter(seed -> !seed.isEmpty());
  }

  Instant submitted() {
    return Instant.parse(record.submitted());
  }

  Optional<String> commit() {
    return Optional.ofNullable(record.code().get("commit"))
        .filter(commit -> !commit.isBlank())
        .map(commit -> commit.substring(0, Math.min(7, commit.length())));
  }

  String state() {
    return !known && !view.state().ended() ? "unknown" : word(view.state().name());
  }

  boolean goesOn() {
    return !view.state().ended();
  }

  boolean mayRetry() {
    return known
        && (view.state() == RunView.State.FAILED || view.state() == RunView.State.CANCELLED);
  }

  /** The task that failed first. */
  Optional<String> failed() {
    return view.stages().stream()
        .filter(stage -> stage.state() == StageState.FAILED)
        .map(StageView::task)
        .findFirst();
  }

  String took() {
    Instant to = end.map(RunJournal.End::ended).map(Instant::parse).orElse(now);
    return Words.duration(Math.max(0, Duration.between(submitted(), to).toMillis() / 1e3));
  }

  long ended() {
    return count(StageState.DONE) + cached();
  }

  long cached() {
    return count(StageState.CACHED);
  }

  long running() {
    return count(StageState.RUNNING);
  }

  int percent() {
    return view.stages().isEmpty() ? 0 : (int) (100 * ended() / view.stages().size());
  }

  private long count(StageState state) {
    return view.stages().stream().filter(stage -> stage.state() == state).count();
  }

  /** The same page, further on. */
  Look with(RunView further, Instant moment, Optional<Panel> stage) {
    return new Look(
        record, definition, notes, end, further, outOfReach, known, moment, results, asked, stage);
  }

  /** Where its live regions come from. */
  String live() {
    return "/runs/" + run() + "/live" + asked.map(task -> "?task=" + encoded(task)).orElse("");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** What the form that starts it again brings along, so that it starts one run. */
  String once() {
    return Starts.token();
  }

  /** The graph with the state of each stage. */
  String graph() {
    Map<String, Shown> shown = new LinkedHashMap<>();
    for (StageView stage : view.stages()) {
      shown.put(
          stage.task(),
          new Shown(word(stage.state().name()), line(stage), Optional.of(href(stage.task()))));
    }
    return WorkflowGraph.html(definition, shown);
  }

  String href(String task) {
    return "/runs/" + run() + "?task=" + encoded(task);
  }

  /** A stage in a few words. */
  static String line(StageView stage) {
    return switch (stage.state()) {
      case RUNNING ->
          stage
              .progress()
              .map(StageContext.Progress::label)
              .filter(label -> !label.isBlank())
              .orElse("running");
      case DONE -> Words.duration(stage.seconds());
      case CACHED -> "from the cache";
      default -> word(stage.state().name());
    };
  }

  static int percent(StageView stage) {
    return stage
        .progress()
        .filter(progress -> progress.total() > 0)
        .map(progress -> (int) Math.min(100, 100 * progress.done() / progress.total()))
        .orElse(0);
  }

  static String word(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
