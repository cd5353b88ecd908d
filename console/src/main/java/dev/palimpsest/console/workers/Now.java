package dev.palimpsest.console.workers;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.console.web.Words;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tasks.Workers;
import dev.palimpsest.tasks.Workers.Announcement;
import dev.palimpsest.workflows.RunView.StageState;
import dev.palimpsest.workflows.RunView.StageView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who computes, and what waits.
 *
 * @param outOfReach why Conductor tells nothing of queues and running tasks
 */
record Now(
    List<Serving> workers, List<Queues> lanes, List<Waiting> waiting, Optional<String> outOfReach) {
  /**
   * A worker.
   *
   * @param otherCode whether its stages or methods are not those of this console
   * @param doing what it computes now
   */
  record Serving(
      Announcement worker, boolean alive, boolean otherCode, Instant now, List<Doing> doing) {
    String state() {
      return !alive ? "silent" : doing.isEmpty() ? "idle" : "computing";
    }

    /** As the style sheet names it. */
    String style() {
      return !alive ? "retry" : doing.isEmpty() ? "done" : "running";
    }

    String lanes() {
      return worker.lanes().stream().map(Lane::label).collect(Collectors.joining(" and "));
    }

    String build() {
      return worker.version()
          + worker
              .commit()
              .map(id -> " of " + id.substring(0, Math.min(7, id.length())))
              .orElse("");
    }

    Instant beat() {
      return Instant.parse(worker.beat());
    }

    Instant started() {
      return Instant.parse(worker.started());
    }
  }

  /** A task that is computed. */
  record Doing(String run, String study, StageView stage) {
    int percent() {
      return stage
          .progress()
          .map(progress -> (int) (100 * progress.done() / Math.max(1, progress.total())))
          .orElse(0);
    }

    String line() {
      String label = stage.progress().map(StageContext.Progress::label).orElse("");
      return (label.isEmpty() ? "" : label + ", ") + Words.duration(stage.seconds());
    }
  }

  /**
   * The queues of a lane.
   *
   * @param served by how many living workers
   * @param stages how many tasks wait, by stage
   */
  record Queues(Lane lane, long served, Map<String, Long> stages) {
    long waiting() {
      return stages.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /**
   * What waits for a worker that is not there.
   *
   * @param run the run that waits, if it is one
   * @param command that would start such a worker
   */
  record Waiting(String what, Optional<String> run, String todo, Optional<String> command) {}

  long living() {
    return workers.stream().filter(Serving::alive).count();
  }

  long computing() {
    return workers.stream().filter(worker -> !worker.doing().isEmpty()).count();
  }

  long queued() {
    return lanes.stream().mapToLong(Queues::waiting).sum();
  }

  /**
   * Puts together what was seen.
   *
   * @param queued as Conductor tells it
   * @param going the runs that go on
   * @param start the command that starts a worker
   */
  static Now of(
      Workers workers,
      Catalogue catalogue,
      Digest digest,
      String start,
      Map<String, Long> queued,
      List<Going.Run> going,
      Optional<String> outOfReach,
      Instant now) {
    List<Announcement> announced = workers.announced();
    List<Announcement> living =
        announced.stream()
            .filter(worker -> worker.silent(now).compareTo(Workers.SILENT_AFTER) <= 0)
            .toList();
    List<Serving> serving =
        announced.stream()
            .map(worker ->
                new Serving(
                    worker,
                    living.contains(worker),
                    !worker.catalogue().equals(digest),
                    now,
                    doing(worker, going)))
            .toList();
    List<Queues> lanes =
        Stream.of(Lane.values()).map(lane -> queues(lane, catalogue, queued, living)).toList();
    return new Now(serving, lanes, waiting(start, living, lanes, going), outOfReach);
  }

  private static List<Doing> doing(Announcement worker, List<Going.Run> going) {
    var doing = new ArrayList<Doing>();
    for (Going.Run run : going) {
      run.view().stages().stream()
          .filter(stage -> stage.state() == StageState.RUNNING)
          .filter(stage -> stage.worker().filter(worker.id()::equals).isPresent())
          .forEach(stage -> doing.add(new Doing(run.view().run(), title(run), stage)));
    }
    return doing;
  }

  private static String title(Going.Run run) {
    return run.record().title().orElse(run.record().study());
  }

  private static Queues queues(
      Lane lane, Catalogue catalogue, Map<String, Long> queued, List<Announcement> living) {
    var stages = new LinkedHashMap<String, Long>();
    catalogue.stages().stream()
        .filter(stage -> stage.lane() == lane)
        .map(Catalogue.StageEntry::name)
        .forEach(stage ->
            stages.put(
                stage,
                queued.getOrDefault(lane.label() + ":" + stage, 0L)
                    + queued.getOrDefault(stage, 0L)));
    return new Queues(
        lane, living.stream().filter(worker -> worker.lanes().contains(lane)).count(), stages);
  }

  private static List<Waiting> waiting(
      String start, List<Announcement> living, List<Queues> lanes, List<Going.Run> going) {
    var waiting = new ArrayList<Waiting>();
    for (Queues lane : lanes) {
      if (lane.served() == 0 && (lane.waiting() > 0 || living.isEmpty())) {
        waiting.add(
            new Waiting(
                lane.waiting() == 0
                    ? "No worker serves lane " + lane.lane().label() + "."
                    : Words.count(lane.waiting(), "task")
                        + (lane.waiting() == 1 ? " waits" : " wait")
                        + " in lane "
                        + lane.lane().label()
                        + ", which no living worker serves.",
                Optional.empty(),
                "Start one on any machine that reaches Conductor and the store:",
                Optional.of(start + " --lanes " + lane.lane().label())));
      }
    }
    going.forEach(
        run -> numerics(run).ifPresent(asked -> unfit(start, run, asked, living, waiting)));
    return waiting;
  }

  /** What its stages ask for; empty where any will do, or the definition says it otherwise. */
  private static Optional<Numerics> numerics(Going.Run run) {
    try {
      return Optional.of(run.record().inputs().path("numerics"))
          .filter(given -> given.isObject())
          .map(given -> Json.read("numerics", given, Numerics.class))
          .filter(given -> !given.equals(Numerics.ANY));
    } catch (Mistake e) {
      return Optional.empty();
    }
  }

  private static void unfit(
      String start, Going.Run run, Numerics asked, List<Announcement> living, List<Waiting> into) {
    Set<Lane> waiting =
        run.view().stages().stream()
            .filter(stage -> stage.state() == StageState.QUEUED)
            .map(StageView::lane)
            .collect(Collectors.toSet());
    for (Lane lane : Lane.values()) {
      List<Announcement> there =
          living.stream().filter(worker -> worker.lanes().contains(lane)).toList();
      if (waiting.contains(lane)
          && !there.isEmpty()
          && there.stream().noneMatch(worker -> worker.numerics().equals(asked))) {
        into.add(
            new Waiting(
                "Run "
                    + run.view().run().split("-", 2)[0]
                    + " of "
                    + title(run)
                    + " asks for "
                    + asked
                    + "; no living worker of lane "
                    + lane.label()
                    + " computes so.",
                Optional.of(run.view().run()),
                "Start one that does, or the study again with the numerics of a worker that lives ("
                    + there.getFirst().numerics()
                    + "):",
                Optional.of(
                    "OMP_NUM_THREADS="
                        + asked.threads()
                        + " "
                        + start
                        + " --lanes "
                        + lane.label()
                        + (asked.device().equals("gpu") ? " --device gpu:0" : ""))));
      }
    }
  }
}
