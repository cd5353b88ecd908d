package dev.palimpsest.console.studies;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.console.Services;
import dev.palimpsest.console.graph.Shown;
import dev.palimpsest.console.web.Words;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.StageKeys;
import dev.palimpsest.tasks.Workers;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.DefinitionCheck;
import dev.palimpsest.workflows.PastTimes;
import dev.palimpsest.workflows.Plan;
import dev.palimpsest.workflows.Plan.Planned;
import dev.palimpsest.workflows.Plan.State;
import dev.palimpsest.workflows.Planner;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The plan of a run in words.
 *
 * @param head how much of it is there already
 * @param time what it takes, as far as that is known
 * @param where who would compute it
 * @param waits what it would wait for
 */
record Foreseen(String head, String time, String where, List<String> waits, List<Row> rows) {
  /**
   * A stage.
   *
   * @param state as a word of the style sheet
   * @param word the state in words
   * @param seconds that the nearest earlier one took; empty where none is known or it is cached
   */
  record Row(
      String task, String stage, String state, String word, String lane, OptionalDouble seconds) {
    String took() {
      return seconds.isPresent() ? Words.duration(seconds.getAsDouble()) : "";
    }
  }

  /** What the graph shows, by task. */
  Map<String, Shown> shown() {
    var shown = new LinkedHashMap<String, Shown>();
    for (Row row : rows) {
      String line =
          switch (row.state()) {
            case "runs" ->
                row.seconds().isEmpty() ? "will run" : "will run, " + brief(row.seconds());
            case "unknown" ->
                row.seconds().isEmpty() ? "follows" : "follows, " + brief(row.seconds());
            default -> "cached";
          };
      // A graph draws the branches of a sweep once.
      shown.put(row.task().replace("_*", ""), new Shown(row.state(), line, Optional.empty()));
    }
    return shown;
  }

  /** As much of a time as a node of a graph has room for. */
  private static String brief(OptionalDouble time) {
    double seconds = time.orElse(0);
    return seconds < 60
        ? Words.duration(seconds)
        : seconds < 99.5
            ? Math.round(seconds) + " s"
            : seconds < 5970
                ? Math.round(seconds / 60) + " min"
                : Math.round(seconds / 3600) + " h";
  }

  /** Makes plans; keeps what does not change between them. */
  static final class Maker {
    /** Of how many runs the times are looked at. */
    private static final int NEWEST = 20;

    private static final Set<String> REPEATING = Set.of("DO_WHILE", "FORK_JOIN_DYNAMIC");

    private final Services services;
    private final StageKeys keys;

    private record Times(List<RunJournal.Summary> runs, PastTimes times) {}

    private Optional<Times> times = Optional.empty();

    Maker(Services services) {
      this.services = services;
      this.keys = new StageKeys(services.catalogue(), services.artifacts());
    }

    /**
     * @param inputs checked
     */
    Foreseen of(Definition definition, ObjectNode inputs) {
      Plan plan =
          new Planner(services.catalogue(), keys::of, services.ledger(), times())
              .of(definition, inputs);
      var check = new DefinitionCheck(services.catalogue());
      return told(plan, repeats(definition), check.check(definition, inputs), services);
    }

    private synchronized PastTimes times() {
      RunJournal journal = services.journal();
      List<RunJournal.Summary> runs = journal.newest(NEWEST);
      if (times.filter(known -> known.runs().equals(runs)).isEmpty()) {
        List<String> ids = runs.stream().map(RunJournal.Summary::run).toList();
        times = Optional.of(new Times(runs, new PastTimes(journal, services.ledger(), ids)));
      }
      return times.get().times();
    }

    private static Foreseen told(
        Plan plan, boolean repeats, Set<Numerics> asked, Services services) {
      List<Workers.Announcement> living =
          new Workers(services.store(), services.clock())
              .living().stream()
                  .filter(worker -> asked.stream().allMatch(each -> fits(worker, each)))
                  .toList();
      List<Row> rows =
          plan.tasks().stream()
              .map(task -> row(task, services.catalogue().stage(task.stage()).lane()))
              .toList();
      return new Foreseen(
          head(plan),
          time(plan, repeats),
          where(living),
          waits(plan, asked, living, services),
          rows);
    }

    /** What no living worker would take. */
    private static List<String> waits(
        Plan plan, Set<Numerics> asked, List<Workers.Announcement> living, Services services) {
      Set<String> lanes = new TreeSet<>();
      plan.tasks().stream()
          .filter(task -> task.state() != State.CACHED)
          .forEach(task -> lanes.add(services.catalogue().stage(task.stage()).lane().label()));
      living.forEach(worker -> worker.lanes().forEach(lane -> lanes.remove(lane.label())));
      if (lanes.isEmpty()) {
        return List.of();
      }
      boolean any = !new Workers(services.store(), services.clock()).living().isEmpty();
      return List.of(
          (living.isEmpty() && any && !asked.isEmpty()
                  ? "No worker computes with " + asked.iterator().next()
                  : "No worker serves " + String.join(" and ", lanes))
              + ": the run will wait until one does.");
    }

    private static boolean fits(Workers.Announcement worker, Numerics asked) {
      return asked.equals(Numerics.ANY) || asked.equals(worker.numerics());
    }

    private static Row row(Planned task, Lane lane) {
      String state =
          switch (task.state()) {
            case CACHED, SHARED -> "cached";
            case RUNS -> "runs";
            case UNKNOWN -> "unknown";
          };
      String word =
          switch (task.state()) {
            case CACHED -> "cached";
            case RUNS -> "will run";
            case SHARED -> "the same as " + task.awaits().getFirst();
            case UNKNOWN -> "known after " + brief(task.awaits());
          };
      OptionalDouble seconds =
          task.state() == State.CACHED ? OptionalDouble.empty() : task.seconds();
      return new Row(task.task(), task.stage(), state, word, lane.label(), seconds);
    }

    private static String brief(List<String> tasks) {
      return tasks.size() < 3
          ? String.join(" and ", tasks)
          : tasks.getFirst() + " and " + (tasks.size() - 1) + " more";
    }

    private static String head(Plan plan) {
      int all = plan.tasks().size();
      long cached = plan.count(State.CACHED);
      long runs = plan.count(State.RUNS);
      long unknown = plan.count(State.UNKNOWN);
      if (cached == all) {
        return "Everything is computed already: nothing will run.";
      }
      if (runs == all) {
        return "All " + Words.count(all, "stage") + " will run.";
      }
      if (unknown == all) {
        return "What of these "
            + Words.count(all, "stage")
            + " is computed already is known when the run unfolds.";
      }
      var parts = new ArrayList<String>();
      if (cached > 0) {
        parts.add(cached + (cached == 1 ? " is" : " are") + " computed already");
      }
      if (runs > 0) {
        parts.add(runs + " will run");
      }
      if (unknown > 0) {
        parts.add("and " + unknown + (unknown == 1 ? " follows from that" : " follow from that"));
      }
      return "Of " + Words.count(all, "stage") + ", " + String.join(", ", parts) + ".";
    }

    private static String time(Plan plan, boolean repeats) {
      long open = plan.count(State.RUNS) + plan.count(State.UNKNOWN);
      if (open == 0) {
        return "";
      }
      long timeless =
          plan.tasks().stream()
              .filter(task -> task.state() == State.RUNS || task.state() == State.UNKNOWN)
              .filter(task -> task.seconds().isEmpty())
              .count();
      if (timeless == open) {
        return "Nothing like them ran before, so nothing is known of the time.";
      }
      if (repeats) {
        return "Branches and turns are told once: each takes about what stands beside it, as the"
            + " nearest earlier one did.";
      }
      double sure = plan.seconds(State.RUNS);
      double most = sure + plan.seconds(State.UNKNOWN);
      return "About "
          + (most - sure < 0.1
              ? Words.duration(sure)
              : Words.duration(sure) + " to " + Words.duration(most))
          + " of computing, as the nearest earlier ones took"
          + (timeless == 0 ? "." : "; of " + Words.count(timeless, "stage") + " no time is known.");
    }

    /** Whether a task stands for several: in a loop, or as the branches of a sweep. */
    private static boolean repeats(Definition definition) {
      return Stream.concat(Stream.of(definition), definition.subWorkflows().values().stream())
          .flatMap(each -> each.tasks().stream())
          .anyMatch(task -> REPEATING.contains(task.type()));
    }

    private static String where(List<Workers.Announcement> living) {
      Set<String> lanes = new TreeSet<>();
      living.forEach(worker -> worker.lanes().forEach(lane -> lanes.add(lane.label())));
      return living.isEmpty()
          ? ""
          : Words.count(living.size(), "worker")
              + (living.size() == 1 ? " serves " : " serve ")
              + String.join(" and ", lanes)
              + ".";
    }
  }
}
