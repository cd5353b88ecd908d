package dev.palimpsest.console.artifacts;

import dev.palimpsest.console.artifacts.ArtifactIndex.Snapshot;
import dev.palimpsest.console.web.Request;
import dev.palimpsest.console.web.Words;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Imports;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The page that lists artifacts.
 *
 * @param total how many fit the filters
 * @param notice what the list lacks; empty if nothing
 * @param reading whether more will come by itself
 */
record Browse(
    Filter filter,
    List<Choice> runs,
    List<String> stages,
    List<String> types,
    List<Row> rows,
    int total,
    Pager pager,
    List<Import> imports,
    Optional<String> notice,
    boolean reading,
    boolean empty) {
  private static final int PER_PAGE = 50;
  private static final int RUNS_OFFERED = 50;

  /** What is looked for; empty texts for what does not matter. */
  record Filter(String text, String type, String stage, String run) {
    static Filter of(Request request) {
      return new Filter(
          request.query("q").map(String::strip).orElse(""),
          request.query("type").orElse(""),
          request.query("stage").orElse(""),
          request.query("run").orElse(""));
    }

    boolean none() {
      return text.isEmpty() && type.isEmpty() && stage.isEmpty() && run.isEmpty();
    }

    /** As a query that other parameters may follow. */
    String query() {
      return Stream.of(
              List.of("q", text),
              List.of("type", type),
              List.of("stage", stage),
              List.of("run", run))
          .filter(field -> !field.get(1).isEmpty())
          .map(field ->
              field.get(0) + "=" + URLEncoder.encode(field.get(1), StandardCharsets.UTF_8) + "&")
          .collect(Collectors.joining());
    }

    private boolean fits(Known known, Known.Made made) {
      return (run.isEmpty() || made.by().run().equals(run))
          && (stage.isEmpty() || made.stage().equals(stage))
          && (text.isEmpty() || mentions(known, made));
    }

    private boolean mentions(Known known, Known.Made made) {
      String wanted = text.toLowerCase(Locale.ROOT);
      return begins(known, wanted)
          || Stream.of(
                  made.task(),
                  made.output(),
                  made.stage(),
                  made.by().title(),
                  String.join(" ", known.reference().taint()))
              .anyMatch(each -> each.toLowerCase(Locale.ROOT).contains(wanted))
          || (wanted.length() >= 4 && made.by().run().startsWith(wanted));
    }

    private static boolean begins(Known known, String wanted) {
      return known.reference().sha256().hex().startsWith(wanted);
    }

    /** An artifact that no stage made: a run was given it, or it was imported. */
    private boolean fitsGiven(Known known) {
      String wanted = text.toLowerCase(Locale.ROOT);
      return stage.isEmpty()
          && (run.isEmpty() || known.given().stream().anyMatch(by -> by.run().equals(run)))
          && (text.isEmpty()
              || begins(known, wanted)
              || known.names().stream()
                  .anyMatch(name -> name.toLowerCase(Locale.ROOT).contains(wanted)));
    }
  }

  /** One of a list to choose from. */
  record Choice(String value, String label) {}

  /**
   * A line of the list.
   *
   * @param task empty where no stage made it
   * @param others how many more stages have the same artifact as an output
   */
  record Row(
      Reference reference,
      String href,
      String name,
      String task,
      String stage,
      Optional<Known.RunName> run,
      int others,
      Optional<Moment> when) {
    String size() {
      return Words.size(reference.bytes());
    }
  }

  /** A time, in words and exactly. */
  record Moment(String iso, String ago, String exact) {
    static Moment of(String iso, Instant now) {
      Instant then = Instant.parse(iso);
      return new Moment(iso, Words.ago(then, now), Words.exact(then));
    }
  }

  /** An import with links to its parts. */
  record Import(String name, Moment imported, List<Choice> parts, boolean tainted) {
    static Import of(Imports.Import each, Instant now) {
      return new Import(
          each.name(),
          Moment.of(each.imported(), now),
          each.parts().entrySet().stream()
              .map(part ->
                  new Choice(
                      "/artifacts/" + part.getValue().sha256().hex(),
                      part.getKey() + ", " + Words.size(part.getValue().bytes())))
              .toList(),
          each.parts().values().stream().anyMatch(Reference::tainted));
    }
  }

  static Browse of(Snapshot index, Filter filter, int page, Instant now) {
    var found = new ArrayList<Hit>();
    for (Known known : index.artifacts().values()) {
      if (filter.type().isEmpty() || known.reference().artifact().equals(filter.type())) {
        hit(known, filter).ifPresent(found::add);
      }
    }
    // The last stage of a run comes first; of one run alone the order of its course reads better.
    List<Hit> ordered = filter.run().isEmpty() ? found : found.reversed();
    Pager pager = Pager.of(page, PER_PAGE, ordered.size(), "/artifacts?" + filter.query());
    return new Browse(
        filter,
        runs(index, filter),
        index.artifacts().values().stream()
            .flatMap(known -> known.made().stream().limit(1))
            .map(Known.Made::stage)
            .distinct()
            .sorted()
            .toList(),
        Stream.of(ArtifactType.values()).map(ArtifactType::label).toList(),
        ordered.subList(pager.from(), pager.to()).stream()
            .map(hit -> row(hit, filter, now))
            .toList(),
        ordered.size(),
        pager,
        filter.none() && pager.page() == 1
            ? index.imports().stream().map(each -> Import.of(each, now)).toList()
            : List.of(),
        notice(index),
        !index.whole() || index.trouble().isPresent(),
        index.whole() && index.artifacts().isEmpty());
  }

  /** What fits, and the stage that is named for it; empty where none made it. */
  private record Hit(Known known, Optional<Known.Made> made) {}

  private static Optional<Hit> hit(Known known, Filter filter) {
    // Of one run the stage that had it first; of all the newest.
    Optional<Known.Made> made =
        filter.run().isEmpty()
            ? known.made().stream().filter(each -> filter.fits(known, each)).findFirst()
            : known.madeIn(Optional.of(filter.run())).filter(each -> filter.fits(known, each));
    return made.isPresent() || (known.made().isEmpty() && filter.fitsGiven(known))
        ? Optional.of(new Hit(known, made))
        : Optional.empty();
  }

  private static Row row(Hit hit, Filter filter, Instant now) {
    Known known = hit.known();
    String in = filter.run().isEmpty() ? "" : "?run=" + filter.run();
    return new Row(
        known.reference(),
        "/artifacts/" + known.reference().sha256().hex() + in,
        hit.made()
            .map(Known.Made::output)
            .or(() -> known.names().stream().findFirst())
            .orElse(known.reference().artifact()),
        hit.made().map(Known.Made::task).orElse(""),
        hit.made().map(Known.Made::stage).orElse(""),
        hit.made().map(Known.Made::by).or(() -> known.given().stream().findFirst()),
        Math.max(0, (hit.made().isPresent() ? known.made() : known.given()).size() - 1),
        hit.made().map(made -> Moment.of(made.finished(), now)));
  }

  private static List<Choice> runs(Snapshot index, Filter filter) {
    return Stream.concat(
            index.runs().stream().limit(RUNS_OFFERED),
            index.runs().stream()
                .skip(RUNS_OFFERED)
                .filter(part -> part.name().run().equals(filter.run())))
        .map(part -> new Choice(part.name().run(), part.name().title() + " " + part.name().brief()))
        .toList();
  }

  private static Optional<String> notice(Snapshot index) {
    if (index.trouble().isPresent()) {
      return index
          .trouble()
          .map(failure ->
              failure.getMessage()
                  + (index.artifacts().isEmpty() ? "" : " This is the list as it was before."));
    }
    if (!index.whole()) {
      return Optional.of(
          index.all() == 0
              ? "The artifacts are being listed for the first time."
              : "The artifacts are being listed: "
                  + index.read()
                  + " of "
                  + Words.count(index.all(), "run")
                  + " so far, the newest first.");
    }
    return index.read() < index.all()
        ? Optional.of(
            "The artifacts of the newest "
                + Words.count(index.read(), "run")
                + " are listed here; the pages of the other "
                + (index.all() - index.read())
                + " lead to theirs.")
        : Optional.empty();
  }
}
