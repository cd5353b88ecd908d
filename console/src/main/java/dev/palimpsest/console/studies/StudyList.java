package dev.palimpsest.console.studies;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Failure;
import dev.palimpsest.console.Services;
import dev.palimpsest.console.studies.Chosen.Kind;
import dev.palimpsest.console.web.Request;
import dev.palimpsest.console.web.Section;
import dev.palimpsest.console.web.Starts;
import dev.palimpsest.console.web.Words;
import dev.palimpsest.tasks.Imports;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.Workers;
import dev.palimpsest.workflows.RunList;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The list of studies, and the first page. */
final class StudyList {
  /** How many runs the first page shows. */
  private static final int NEWEST = 6;

  private final Services services;
  private final Library library;
  private final Recent recent;

  StudyList(Services services, Library library) {
    this.services = services;
    this.library = library;
    this.recent = new Recent(services.journal());
  }

  /**
   * A run in a line.
   *
   * @param state as a word of the style sheet
   */
  record Ran(
      String run,
      String title,
      String seed,
      String state,
      Instant submitted,
      String took,
      String stages) {
    String brief() {
      return run.split("-", 2)[0];
    }
  }

  /**
   * A study.
   *
   * @param lacks what must be imported before it runs
   */
  record Line(Chosen study, Optional<Ran> last, List<String> lacks) {}

  /** Studies of one kind. */
  record Group(String heading, String help, List<Line> lines) {}

  /**
   * What a newcomer may start.
   *
   * @param waits what the run would wait for
   * @param once goes with the form, so that it starts one run
   */
  record First(Chosen study, int stages, Optional<String> waits, String once) {}

  /**
   * What the pages show.
   *
   * @param untold why nothing is known of runs
   */
  record View(
      boolean home,
      Optional<First> first,
      List<Ran> newest,
      List<Group> groups,
      Optional<String> untold,
      Instant now) {}

  /** Newest runs and the studies; on an empty installation the way to the first run. */
  void home(Request request) {
    request.page("studies/list.jte", Section.STUDIES, "Palimpsest", view(true));
  }

  void list(Request request) {
    request.page("studies/list.jte", Section.STUDIES, "Studies", view(false));
  }

  private View view(boolean home) {
    var runs = new RunList(services.journal(), Optional.of(services.conductor()), services.clock());
    List<RunJournal.Summary> known = List.of();
    Optional<String> untold = Optional.empty();
    try {
      known = recent.newest();
    } catch (Failure e) {
      untold = Optional.ofNullable(e.getMessage());
    }
    var newest = new ArrayList<Ran>();
    if (home) {
      known.stream().limit(NEWEST).map(runs::line).map(StudyList::ran).forEach(newest::add);
    }
    List<Group> groups = groups(known, runs);
    if (untold.isEmpty()) {
      untold = runs.outOfReach().map(Throwable::getMessage);
    }
    Optional<First> first =
        known.isEmpty() && untold.isEmpty() ? library.first().map(this::first) : Optional.empty();
    return new View(home, first, newest, groups, untold, services.clock().instant());
  }

  private First first(Chosen study) {
    boolean served = !new Workers(services.store(), services.clock()).living().isEmpty();
    return new First(
        study,
        study.definition().stages().size(),
        served
            ? Optional.empty()
            : Optional.of("No worker serves this store yet: the run will wait until one does."),
        Starts.token());
  }

  private List<Group> groups(List<RunJournal.Summary> known, RunList runs) {
    var groups = new ArrayList<Group>();
    add(groups, Kind.EXAMPLE, "Studies with data", "They come with Palimpsest.", known, runs);
    add(groups, Kind.OWN, "Your definitions", "Registered under Submit.", known, runs);
    add(groups, Kind.SHIPPED, "Definitions", "To run on data that you choose.", known, runs);
    return groups;
  }

  private void add(
      List<Group> groups,
      Kind kind,
      String heading,
      String help,
      List<RunJournal.Summary> known,
      RunList runs) {
    List<Line> lines =
        listed(kind).stream()
            .map(study -> new Line(study, last(study, known, runs), lacks(study)))
            .toList();
    if (!lines.isEmpty()) {
      groups.add(new Group(heading, help, lines));
    }
  }

  /** Definitions of one's own lie in the store: none are shown while it is out of reach. */
  private List<Chosen> listed(Kind kind) {
    try {
      return library.all(kind);
    } catch (Failure e) {
      return List.of();
    }
  }

  private static Optional<Ran> last(Chosen study, List<RunJournal.Summary> known, RunList runs) {
    return known.stream()
        .filter(each -> each.workflow().equals(study.definition().name()))
        .filter(each -> study.title().map(each.title()::equals).orElse(true))
        .findFirst()
        .map(runs::line)
        .map(StudyList::ran);
  }

  /** The imports that its inputs name and that are not there. */
  private List<String> lacks(Chosen study) {
    var names = new ArrayList<String>();
    for (JsonNode input : study.inputs()) {
      if (input.asText().startsWith(Imports.NAMED)) {
        names.add(input.asText().substring(Imports.NAMED.length()).split("\\.", 2)[0]);
      }
    }
    if (!names.isEmpty()) {
      try {
        var imports = new Imports(services.store());
        names.removeIf(name -> imports.named(name).isPresent());
      } catch (Failure e) {
        return List.of();
      }
    }
    return names;
  }

  private static Ran ran(RunList.Line line) {
    RunJournal.Summary summary = line.summary();
    boolean ended = line.state() != RunList.State.LOST && line.state() != RunList.State.UNKNOWN;
    return new Ran(
        summary.run(),
        summary.title(),
        summary.seed(),
        line.state().name().toLowerCase(Locale.ROOT),
        Instant.parse(summary.submitted()),
        ended ? Words.duration(line.seconds()) : "",
        Words.count(line.stages(), "stage") + ", " + line.cached() + " cached");
  }
}
