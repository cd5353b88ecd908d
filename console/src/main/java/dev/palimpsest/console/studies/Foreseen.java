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
import java.util.Set;
import java.util.TreeSet;

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
   * @param took what it took the last time; empty where that is not known
   */
  record Row(String task, String stage, String state, String word, String lane, String took) {}

  /** What the graph shows, by task. */
  Map<String, Shown> shown() {
    var shown = new LinkedHashMap<String, Shown>();
    for (Row row : rows) {
      String line = row.took().isEmpty() ? row.word() : row.word() + ", " + row.took();
      shown.put(row.task(), new Shown(row.state(), line, Optional.empty()));
    }
    return shown;
  }

  /** Makes plans; keeps what does not change between them. */
  static final class Maker {
    /** Of how many runs the times are looked at. */
    private static final int NEWEST = 20;

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
      return told(plan, check.check(definition, inputs), services);
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

    private static Foreseen told(Plan plan, Set<Numerics> asked, Services services) {
      List<Workers.Announcement> living =
          new Workers(services.store(), services.clock())
              .living().stream()
                  .filter(worker -> asked.stream().allMatch(each -> fits(worker, each)))
                  .toList();
      List<Row> rows =
          plan.tasks().stream()
              .map(task -> row(task, services.catalogue().stage(task.stage()).lane()))
              .toList();
      Set<String> lanes = new TreeSet<>();
      plan.tasks().stream()
          .filter(task -> task.state() != State.CACHED)
          .forEach(task -> lanes.add(services.catalogue().stage(task.stage()).lane().label()));
      living.forEach(worker -> worker.lanes().forEach(lane -> lanes.remove(lane.label())));
      var waits = new ArrayList<String>();
      if (!lanes.isEmpty()) {
        waits.add(
            "No worker serves "
                + String.join(" and ", lanes)
                + (asked.isEmpty() ? "" : " with " + asked.iterator().next())
                + ": the run will wait until one does.");
      }
      return new Foreseen(head(plan), time(plan), where(living), waits, rows);
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
            case UNKNOWN -> "known after " + String.join(", ", task.awaits());
          };
      String took =
          task.seconds().isPresent() && task.state() != State.CACHED
              ? Words.duration(task.seconds().getAsDouble())
              : "";
      return new Row(task.task(), task.stage(), state, word, lane.label(), took);
    }

    private static String head(Plan plan) {
      int all = plan.tasks().size();
      long cached = plan.count(State.CACHED);
      long unknown = plan.count(State.UNKNOWN);
      if (cached == all) {
        return "Everything is computed already: nothing will run.";
      }
      return cached
          + " of "
          + Words.count(all, "stage")
          + (cached == 1 ? " is" : " are")
          + " computed already, "
          + plan.count(State.RUNS)
          + " will run"
          + (unknown == 0 ? "." : ", " + unknown + " are known only when others have run.");
    }

    private static String time(Plan plan) {
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
        return "None of them ran before, so nothing is known of the time.";
      }
      double sure = plan.seconds(State.RUNS);
      double most = sure + plan.seconds(State.UNKNOWN);
      String took =
          most - sure < 0.1
              ? Words.duration(sure)
              : Words.duration(sure) + " to " + Words.duration(most);
      return "About "
          + took
          + " of computing, by what was like it last time"
          + (timeless == 0 ? "." : "; of " + Words.count(timeless, "stage") + " no time is known.");
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
