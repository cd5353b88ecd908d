package dev.palimpsest.console.compare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.base.RecentlyUsed;
import dev.palimpsest.console.Services;
import dev.palimpsest.console.web.Charts;
import dev.palimpsest.console.web.Request;
import dev.palimpsest.console.web.Section;
import dev.palimpsest.console.web.Site;
import dev.palimpsest.console.web.ToldApart;
import dev.palimpsest.report.CsvTable;
import dev.palimpsest.report.LatexTable;
import dev.palimpsest.report.LineChart;
import dev.palimpsest.report.MarkdownTable;
import dev.palimpsest.report.Table;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.SideBySide;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.RunNotes;
import dev.palimpsest.workflows.RunList;
import dev.palimpsest.workflows.RunView.StageState;
import dev.palimpsest.workflows.RunView.StageView;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Two or more runs side by side. */
public final class Compare implements Site.Part {
  /** Runs were ticked in a list: the oldest is to be the first. */
  private static final String TICKED = "ticked";

  private static final int MOST = 6;
  private static final int OFFERED = 50;
  private static final int TABLES = 4;
  private static final int LARGEST = 4 << 20;

  private final Services services;

  /** What does not change any more: runs that ended, and artifacts. */
  private final Map<String, Compared> ended = RecentlyUsed.map(100);

  private final Map<Digest, byte[]> contents = RecentlyUsed.map(100);
  private final ToldApart toldApart;

  public Compare(Services services) {
    this.services = services;
    this.toldApart = new ToldApart(services.journal());
  }

  @Override
  public void addTo(Site site) {
    site.get("/compare", this::page);
  }

  /**
   * The choice of runs.
   *
   * @param notice what is to be done, where that was not done
   */
  record Choice(List<Offer> runs, List<String> chosen, Optional<String> notice, Instant now) {}

  /**
   * A run to choose.
   *
   * @param differing what tells it apart; may be empty
   */
  record Offer(RunList.Line line, String differing, List<String> tags) {
    RunJournal.Summary run() {
      return line.summary();
    }

    String state() {
      return line.state().name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * The page.
   *
   * @param tables the newest ones
   * @param curves whose curves can be shown, as {@code task/output}
   * @param curve the one that is
   * @param url of this page without a curve
   */
  record View(
      Comparison comparison,
      Sheet inputs,
      List<Sheet> tables,
      int moreTables,
      List<String> curves,
      Optional<String> curve,
      List<LineChart> charts,
      String url,
      Instant now) {
    String at(String output) {
      return url + "&curve=" + output;
    }

    /** The same comparison with another run as the first. */
    String before(Compared first) {
      return Compare.url(
          comparison.runs().stream()
              .map(run -> run.run().run())
              .sorted(java.util.Comparator.comparing(run -> !run.equals(first.run().run())))
              .toList());
    }

    String without(Compared other) {
      return Compare.url(
          comparison.runs().stream()
              .map(run -> run.run().run())
              .filter(run -> !run.equals(other.run().run()))
              .toList());
    }
  }

  static String url(List<String> runs) {
    return "/compare?" + runs.stream().map(run -> "run=" + run).collect(Collectors.joining("&"));
  }

  private void page(Request request) {
    var ids = new LinkedHashSet<String>();
    request.context().queryParams("run").stream()
        .filter(run -> !run.isBlank())
        .forEach(run -> ids.add(services.journal().find(run)));
    if (ids.size() > MOST) {
      throw new Mistake(
          ids.size() + " runs are to be compared; expected 2 to " + MOST + ": choose fewer.");
    }
    boolean ticked = request.query(TICKED).isPresent();
    if (ids.size() < 2 || request.query("choose").isPresent()) {
      choose(request, List.copyOf(ids), ticked);
      return;
    }
    if (ticked) {
      // The order of ticked boxes is that of their list; a run that is not in it yet is the newest.
      List<String> newestFirst = services.journal().runs();
      Comparator<String> byAge = Comparator.comparingInt(newestFirst::indexOf);
      request.redirect(url(ids.stream().sorted(byAge.reversed()).toList()));
      return;
    }
    var comparison = new Comparison(SideBySide.map(ids, this::compared));
    if (request.query("format").isPresent()) {
      text(request, comparison);
    } else {
      request.page(
          "compare/page.jte", Section.COMPARE, title(comparison), view(request, comparison));
    }
  }

  private static String title(Comparison comparison) {
    return "Compare " + String.join(", ", comparison.labels());
  }

  private void choose(Request request, List<String> chosen, boolean ticked) {
    RunJournal journal = services.journal();
    List<RunJournal.Summary> offered = new ArrayList<>(journal.newest(OFFERED));
    for (String run : chosen) {
      if (offered.stream().noneMatch(each -> each.run().equals(run))) {
        journal.summary(run).ifPresent(offered::addFirst);
      }
    }
    RunList list = list();
    Map<String, String> differing = toldApart.among(offered);
    Map<String, RunNotes.Notes> notes = services.notes().all();
    List<Offer> offers =
        offered.stream()
            .map(run ->
                new Offer(
                    list.line(run),
                    differing.getOrDefault(run.run(), ""),
                    notes.getOrDefault(run.run(), RunNotes.Notes.NONE).tags()))
            .toList();
    Optional<String> notice =
        Optional.of("Tick at least two runs.")
            .filter(told -> chosen.size() == 1 || (chosen.isEmpty() && ticked));
    request.page(
        "compare/choose.jte",
        Section.COMPARE,
        "Compare",
        new Choice(offers, chosen, notice, services.clock().instant()));
  }

  private RunList list() {
    return new RunList(services.journal(), Optional.of(services.conductor()), services.clock());
  }

  private Compared compared(String run) {
    Compared known = ended.get(run);
    if (known != null) {
      return known;
    }
    RunJournal journal = services.journal();
    RunJournal.Run record = journal.run(run).orElseThrow(() -> removed(run));
    RunList.State state = list().line(journal.summary(run).orElseThrow(() -> removed(run))).state();
    boolean completed = state == RunList.State.COMPLETED;
    // Before the answers: what is answered meanwhile counts as answered.
    Map<String, StageState> standing = completed ? Map.of() : standing(run);
    var compared = new Compared(Compared.label(run), record, state, journal.stages(run), standing);
    // What failed or was cancelled may go on.
    if (completed) {
      ended.put(run, compared);
    }
    return compared;
  }

  private static Mistake removed(String run) {
    return new Mistake("Run '" + run + "' was removed; choose another.");
  }

  /** How the stages of a run stand; empty where Conductor does not tell. */
  private Map<String, StageState> standing(String run) {
    try {
      return services.runs().view(run).stages().stream()
          .collect(Collectors.toMap(StageView::task, StageView::state, (one, other) -> other));
    } catch (Mistake | Failure e) {
      return Map.of();
    }
  }

  private View view(Request request, Comparison comparison) {
    List<String> tables = comparison.tables();
    List<String> curves = comparison.curves();
    Optional<String> curve =
        request
            .query("curve")
            .map(wanted -> known("curve", wanted, curves))
            .or(() -> curves.stream().filter(each -> !comparison.same(each)).findFirst())
            .or(() -> curves.stream().findFirst());
    return new View(
        comparison,
        comparison.inputs(),
        SideBySide.map(tables.stream().limit(TABLES).toList(), table -> sheet(comparison, table)),
        Math.max(0, tables.size() - TABLES),
        curves,
        curve,
        curve.map(each -> charts(comparison, each)).orElse(List.of()),
        url(comparison.runs().stream().map(run -> run.run().run()).toList()),
        services.clock().instant());
  }

  private static String known(String what, String wanted, List<String> all) {
    if (!all.contains(wanted)) {
      throw new Mistake("This comparison: " + Names.unknown(what, wanted, all));
    }
    return wanted;
  }

  private Sheet sheet(Comparison comparison, String output) {
    List<Optional<Table>> tables =
        comparison.references(output).stream()
            .map(reference ->
                reference.map(each -> Json.read("table " + output, bytes(each), Table.class)))
            .toList();
    String title = tables.stream().flatMap(Optional::stream).findFirst().orElseThrow().title();
    return new Sheet(
        output,
        Tables.together(title.isEmpty() ? output : title, comparison.labels(), tables),
        comparison.same(output) ? "the same in all runs" : "");
  }

  private List<LineChart> charts(Comparison comparison, String output) {
    var lines = new LinkedHashMap<String, List<JsonNode>>();
    List<Optional<Reference>> references = comparison.references(output);
    for (int i = 0; i < references.size(); i++) {
      // A run without the curve keeps its place, and so each its colour.
      lines.put(
          comparison.labels().get(i),
          references.get(i).map(each -> lines(output, bytes(each))).orElse(List.of()));
    }
    return Charts.overlaid(lines);
  }

  private static List<JsonNode> lines(String output, byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.isBlank())
        .map(line -> Json.parse("curve " + output, line.getBytes(StandardCharsets.UTF_8)))
        .toList();
  }

  private byte[] bytes(Reference reference) {
    byte[] known = contents.get(reference.sha256());
    if (known != null) {
      return known;
    }
    if (reference.bytes() > LARGEST) {
      throw new Mistake(
          "The "
              + reference.artifact()
              + " "
              + reference.sha256().brief()
              + " has "
              + reference.bytes()
              + " bytes; expected at most "
              + LARGEST
              + " to compare it: fetch it with 'palimpsest artifacts get'.");
    }
    byte[] bytes = services.artifacts().read(reference);
    contents.put(reference.sha256(), bytes);
    return bytes;
  }

  /** A table of the page as text. */
  private void text(Request request, Comparison comparison) {
    String key = request.query("table").orElse(Comparison.INPUTS);
    Sheet sheet =
        switch (key) {
          case Comparison.INPUTS -> comparison.inputs();
          case Comparison.STAGES -> comparison.stages();
          default -> sheet(comparison, known("table", key, comparison.tables()));
        };
    String format = request.query("format").orElse("");
    String text =
        switch (format) {
          case "csv" -> CsvTable.render(sheet.table());
          case "markdown" -> MarkdownTable.render(sheet.shown());
          case "latex" -> LatexTable.render(sheet.shown());
          default ->
              throw new Mistake(
                  "This comparison: "
                      + Names.unknown("format", format, List.of("csv", "markdown", "latex")));
        };
    request.context().contentType("text/plain; charset=utf-8").result(text);
  }
}
