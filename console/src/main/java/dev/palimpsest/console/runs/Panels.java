package dev.palimpsest.console.runs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.RecentlyUsed;
import dev.palimpsest.console.Services;
import dev.palimpsest.console.runs.Panel.Fact;
import dev.palimpsest.console.runs.Panel.Line;
import dev.palimpsest.console.runs.Panel.Link;
import dev.palimpsest.console.web.Charts;
import dev.palimpsest.console.web.Words;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Formats;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.StageCall;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.RunView.StageView;
import dev.palimpsest.workflows.Runs;
import dev.palimpsest.workflows.TimeLeft;
import dev.palimpsest.workflows.why.Reason;
import dev.palimpsest.workflows.why.Why;
import dev.palimpsest.workflows.why.WhyWords;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/** Puts together what is told of one stage of a run. */
final class Panels {
  private static final int MOST_LINES = 400;
  private static final int MOST_KEPT = 500;
  private static final long MOST_BYTES = 4 << 20;
  private static final Pattern TURN = Pattern.compile("(__|_)\\d+(?=\\.|$)");

  private final Services services;

  /** Why a stage was computed does not change once it was, nor what a task was given. */
  private final Map<String, List<Panel.Reason>> reasons = RecentlyUsed.map(MOST_KEPT);

  private final Map<String, Call> calls = RecentlyUsed.map(MOST_KEPT);

  Panels(Services services) {
    this.services = services;
  }

  /** The panel of a stage. */
  Panel of(RunJournal.Run run, RunView view, StageView stage, TimeLeft times, boolean known) {
    boolean answered =
        stage.state() == RunView.StageState.DONE || stage.state() == RunView.StageState.CACHED;
    Optional<RunJournal.StageEntry> entry =
        answered ? services.journal().stage(run.run(), stage.task()) : Optional.empty();
    Optional<StageRecord> record = entry.flatMap(each -> services.ledger().newest(each.key()));
    Call call =
        record
            .map(each -> recorded(each, references(run, view)))
            .or(() -> given(stage, known))
            .orElse(new Call(List.of(), List.of()));
    return new Panel(
        stage,
        left(stage, times),
        metrics(stage),
        charts(run.run(), stage),
        log(run.run(), stage, known),
        call.parameters(),
        call.inputs(),
        stage.outputs().entrySet().stream()
            .map(each -> new Link(each.getKey(), each.getValue()))
            .toList(),
        facts(stage, entry),
        entry.map(each -> why(run.run(), each)).orElse(List.of()),
        turns(view, stage.task()));
  }

  /** The same panel, further on. */
  static Panel progressed(Panel panel, StageView stage, TimeLeft times) {
    return new Panel(
        stage,
        left(stage, times),
        metrics(stage),
        panel.charts(),
        panel.log(),
        panel.parameters(),
        panel.inputs(),
        panel.outputs(),
        panel.facts(),
        panel.why(),
        panel.turns());
  }

  private static Optional<String> left(StageView stage, TimeLeft times) {
    synchronized (times) {
      OptionalDouble seconds = times.of(stage);
      return seconds.isPresent()
          ? Optional.of(Words.duration(seconds.getAsDouble()))
          : Optional.empty();
    }
  }

  /** Loss as it is, shares in percent. */
  private static List<Fact> metrics(StageView stage) {
    var facts = new ArrayList<Fact>();
    Map<String, Double> metrics = stage.progress().map(each -> each.metrics()).orElse(Map.of());
    metrics.forEach((name, value) ->
        facts.add(
            new Fact(
                name.equals("asr") ? "ASR" : name,
                name.toLowerCase(Locale.ROOT).contains("loss")
                    ? String.format(Locale.ROOT, "%.3f", value)
                    : String.format(Locale.ROOT, "%.1f %%", 100 * value))));
    return facts;
  }

  /** From the metrics that it made, or from what its worker has told so far. */
  private List<String> charts(String run, StageView stage) {
    var lines = new LinkedHashMap<String, List<JsonNode>>();
    List<Map.Entry<String, Reference>> made =
        stage.outputs().entrySet().stream()
            .filter(each -> each.getValue().artifact().equals(ArtifactType.METRICS.label()))
            .filter(each -> each.getValue().bytes() <= MOST_BYTES)
            .toList();
    made.forEach(each -> lines.put(made.size() == 1 ? "" : each.getKey(), lines(each.getValue())));
    if (made.isEmpty()) {
      services
          .journal()
          .curve(run, stage.task())
          .ifPresent(curve -> lines.put("", curve.points().stream().map(Panels::line).toList()));
    }
    lines.values().removeIf(each -> each.size() < 2);
    return Charts.of(lines).stream().map(Charts::html).toList();
  }

  private static JsonNode line(RunJournal.Curve.Point point) {
    ObjectNode line = Json.object().put("epoch", point.epoch());
    point.metrics().forEach(line::put);
    return line;
  }

  private List<JsonNode> lines(Reference metrics) {
    return Formats.lines("metrics " + metrics.sha256().brief(), services.artifacts().read(metrics));
  }

  private List<Line> log(String run, StageView stage, boolean known) {
    if (!known || stage.attempt() == 0 || stage.state() == RunView.StageState.CACHED) {
      return List.of();
    }
    try {
      List<Runs.LogLine> lines = lines(run, stage);
      return lines.stream().skip(Math.max(0, lines.size() - MOST_LINES)).map(Panels::line).toList();
    } catch (Mistake | Failure e) {
      // It is shown without: what it made is in the store.
      return List.of();
    }
  }

  /** The log of one attempt is a question; where there were more, they have to be found first. */
  private List<Runs.LogLine> lines(String run, StageView stage) {
    if (stage.attempt() > 1 || stage.id().isEmpty()) {
      return services.runs().log(run, stage.task());
    }
    return services.conductor().log(stage.id()).stream()
        .map(line -> new Runs.LogLine(line.time(), stage.task(), line.text()))
        .toList();
  }

  /** The trace of an exception is one line of the log, and folded. */
  private static Line line(Runs.LogLine line) {
    String text = line.text().stripTrailing();
    int end = text.indexOf('\n');
    return new Line(
        Instant.ofEpochMilli(line.time()),
        end < 0 ? text : text.substring(0, end),
        end < 0 ? "" : text.substring(end + 1));
  }

  private record Call(List<Fact> parameters, List<Link> inputs) {}

  private static Call recorded(StageRecord record, Map<String, Reference> references) {
    var parameters = new ArrayList<Fact>();
    flatten("", record.identity().path("parameters"), parameters);
    var inputs = new ArrayList<Link>();
    record
        .identity()
        .path("inputs")
        .properties()
        .forEach(each ->
            Optional.ofNullable(references.get(each.getValue().asText()))
                .ifPresent(reference -> inputs.add(new Link(each.getKey(), reference))));
    return new Call(parameters, inputs);
  }

  /** What Conductor gave it, with defaults filled in. */
  private Optional<Call> given(StageView stage, boolean known) {
    if (!known || stage.id().isEmpty()) {
      return Optional.empty();
    }
    Call before = calls.get(stage.id());
    if (before != null) {
      return Optional.of(before);
    }
    try {
      Catalogue.StageEntry entry = services.catalogue().stage(stage.stage());
      JsonNode input = services.conductor().input(stage.id()).orElse(Json.object());
      StageCall call =
          StageCall.of(
              stage.stage(),
              entry.parameters(),
              entry.inputs(),
              new Parameters(services.catalogue()),
              input);
      var parameters = new ArrayList<Fact>();
      flatten("", call.parameters(), parameters);
      List<Link> inputs =
          call.inputs().entrySet().stream()
              .map(each -> new Link(each.getKey(), each.getValue()))
              .toList();
      calls.put(stage.id(), new Call(parameters, inputs));
      return Optional.of(new Call(parameters, inputs));
    } catch (Mistake | Failure e) {
      return Optional.empty();
    }
  }

  private static void flatten(String path, JsonNode value, List<Fact> into) {
    if (value.isObject() && !value.isEmpty()) {
      value
          .properties()
          .forEach(each ->
              flatten(
                  path.isEmpty() ? each.getKey() : path + "." + each.getKey(),
                  each.getValue(),
                  into));
    } else if (!path.isEmpty()) {
      into.add(new Fact(path, value.isTextual() ? value.asText() : value.toString()));
    }
  }

  /** Everything that the run was given or made, by digest. */
  private static Map<String, Reference> references(RunJournal.Run run, RunView view) {
    var references = new HashMap<String, Reference>();
    collect(run.inputs(), references);
    view.stages()
        .forEach(stage ->
            stage.outputs().values().forEach(each -> references.put(each.sha256().hex(), each)));
    return references;
  }

  private static void collect(JsonNode within, Map<String, Reference> into) {
    if (within.has("artifact") && within.has("sha256")) {
      Reference reference = Json.read("an input of a run", within, Reference.class);
      into.put(reference.sha256().hex(), reference);
    } else {
      within.forEach(each -> collect(each, into));
    }
  }

  private static List<Fact> facts(StageView stage, Optional<RunJournal.StageEntry> entry) {
    var facts = new ArrayList<Fact>();
    facts.add(new Fact("Stage", stage.stage()));
    facts.add(new Fact("Lane", stage.lane().label()));
    stage.worker().ifPresent(worker -> facts.add(new Fact("Worker", worker)));
    if (stage.attempt() > 0) {
      facts.add(new Fact("Attempts", String.valueOf(stage.attempt())));
    }
    if (stage.seconds() > 0) {
      String last = stage.attempt() > 1 ? " in the last attempt" : "";
      facts.add(new Fact("Took", Words.duration(stage.seconds()) + last));
    }
    entry.ifPresent(each -> {
      facts.add(new Fact("Answered", Words.exact(Instant.parse(each.finished()))));
      each.environment().forEach((name, value) -> facts.add(new Fact(name, value)));
      facts.add(new Fact("Key", each.key().hex()));
    });
    return facts;
  }

  private List<Panel.Reason> why(String run, RunJournal.StageEntry entry) {
    String key = run + " " + entry.task() + " " + entry.finished();
    List<Panel.Reason> known = reasons.get(key);
    if (known == null) {
      Reason reason = new Why(services.journal(), services.ledger(), run).task(entry.task());
      known =
          new WhyWords(run, Integer.MAX_VALUE)
              .told(reason).stream()
                  .map(line -> new Panel.Reason(line.strip(), depth(line)))
                  .toList();
      reasons.put(key, known);
    }
    return known;
  }

  /** 0, 1, 2 for lines that are indented by 0, 2, 6. */
  private static int depth(String line) {
    int blanks = line.length() - line.stripLeading().length();
    return Math.min(3, (blanks + 2) / 4);
  }

  /** The tasks that are this one at another turn or in another branch. */
  private static List<String> turns(RunView view, String task) {
    String same = TURN.matcher(task).replaceAll("");
    List<String> turns =
        view.stages().stream()
            .map(StageView::task)
            .filter(other -> TURN.matcher(other).replaceAll("").equals(same))
            .toList();
    return turns.size() > 1 ? turns : List.of();
  }
}
