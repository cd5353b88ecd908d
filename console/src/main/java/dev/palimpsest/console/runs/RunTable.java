package dev.palimpsest.console.runs;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.console.Services;
import dev.palimpsest.console.web.ToldApart;
import dev.palimpsest.console.web.Words;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.RunNotes.Notes;
import dev.palimpsest.workflows.RunList;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The runs of the store as a table: filtered, a page at a time. */
final class RunTable {
  private static final int ROWS = 50;

  /** Of so many of the newest runs the studies are offered to choose from. */
  private static final int NEWEST = 200;

  private final Services services;
  private final ToldApart toldApart;

  RunTable(Services services) {
    this.services = services;
    this.toldApart = new ToldApart(services.journal());
  }

  /**
   * What is asked for.
   *
   * @param page counted from 1
   */
  record Query(
      Optional<String> study, Optional<RunList.State> state, Optional<String> words, int page) {
    static Query of(Function<String, Optional<String>> parameter) {
      return new Query(
          parameter.apply("study").filter(each -> !each.isBlank()),
          parameter.apply("state").filter(each -> !each.isBlank()).map(Query::state),
          parameter.apply("text").filter(each -> !each.isBlank()),
          parameter
              .apply("page")
              .filter(each -> each.matches("[1-9][0-9]{0,4}"))
              .map(Integer::parseInt)
              .orElse(1));
    }

    private static RunList.State state(String given) {
      return Arrays.stream(RunList.State.values())
          .filter(state -> state.name().equalsIgnoreCase(given))
          .findFirst()
          .orElseThrow(() ->
              new Mistake(
                  "state is '"
                      + given
                      + "'; expected one of "
                      + String.join(
                          ", ", Arrays.stream(RunList.State.values()).map(RunTable::word).toList())
                      + "."));
    }

    boolean any() {
      return study.isPresent() || state.isPresent() || words.isPresent();
    }

    /** As the query of a URL. */
    String text() {
      return at(page);
    }

    String at(int number) {
      var text = new StringBuilder();
      study.ifPresent(each -> text.append("&study=").append(encoded(each)));
      state.ifPresent(each -> text.append("&state=").append(word(each)));
      words.ifPresent(each -> text.append("&text=").append(encoded(each)));
      if (number > 1) {
        text.append("&page=").append(number);
      }
      return text.isEmpty() ? "" : text.substring(1);
    }

    boolean wants(RunJournal.Summary run, List<String> tags) {
      return study.filter(each -> !each.equals(run.title())).isEmpty()
          && words
              .map(each -> each.toLowerCase(Locale.ROOT))
              .filter(each -> !told(run, tags).contains(each))
              .isEmpty();
    }

    private static String told(RunJournal.Summary run, List<String> tags) {
      return String.join(
              " ",
              run.run(),
              run.title(),
              run.workflow(),
              "seed " + run.seed(),
              String.join(" ", tags))
          .toLowerCase(Locale.ROOT);
    }

    private static String encoded(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
  }

  /**
   * The page.
   *
   * @param studies those of the newest runs, to choose from
   * @param outOfReach why the states of some are not known
   */
  record Page(
      Query query,
      List<String> studies,
      List<Row> rows,
      boolean more,
      boolean none,
      Instant now,
      Optional<String> outOfReach) {
    List<RunList.State> states() {
      return List.of(RunList.State.values());
    }
  }

  /**
   * A run.
   *
   * @param differing what tells it apart from those beside it; may be empty
   */
  record Row(RunList.Line line, String differing, List<String> tags) {
    RunJournal.Summary run() {
      return line.summary();
    }

    /** Its workflow, where that is not its title, and what tells it apart. */
    String about() {
      return Stream.of(run().workflow(), differing)
          .filter(each -> !each.isEmpty() && !each.equals(run().title()))
          .collect(Collectors.joining(" · "));
    }

    String brief() {
      return RunTable.brief(run().run());
    }

    String state() {
      return word(line.state());
    }

    Instant submitted() {
      return Instant.parse(run().submitted());
    }

    String took() {
      return line.seconds() > 0 ? Words.duration(line.seconds()) : "–";
    }
  }

  Page page(Query query) {
    List<RunJournal.Summary> newest = services.journal().newest(NEWEST);
    var list = new RunList(services.journal(), Optional.of(services.conductor()), services.clock());
    Map<String, Notes> notes = services.notes().all();
    Function<RunJournal.Summary, List<String>> tags =
        run -> notes.getOrDefault(run.run(), Notes.NONE).tags();
    int from = (query.page() - 1) * ROWS;
    List<RunList.Line> found =
        list.newest(
            from + ROWS + 1,
            run -> query.wants(run, tags.apply(run)),
            line -> query.state().filter(state -> state != line.state()).isEmpty());
    List<RunList.Line> lines = found.stream().skip(from).limit(ROWS).toList();
    Map<String, String> differing =
        toldApart.among(lines.stream().map(RunList.Line::summary).toList());
    List<Row> rows =
        lines.stream()
            .map(line ->
                new Row(
                    line,
                    differing.getOrDefault(line.summary().run(), ""),
                    tags.apply(line.summary())))
            .toList();
    var studies = new TreeSet<String>();
    newest.forEach(run -> studies.add(run.title()));
    return new Page(
        query,
        List.copyOf(studies),
        rows,
        found.size() > from + ROWS,
        newest.isEmpty(),
        services.clock().instant(),
        list.outOfReach().map(failure -> String.valueOf(failure.getMessage())));
  }

  static String word(RunList.State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  /** A run's id as people type it. */
  static String brief(String run) {
    return run.substring(0, Math.min(8, run.length()));
  }
}
