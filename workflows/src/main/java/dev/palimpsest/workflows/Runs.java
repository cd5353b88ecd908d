package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.RecentlyUsed;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.Store;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.client.Conductor;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Starts runs and tells how they get on. */
public final class Runs {
  private static final int MOST_KEPT = 1000;
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final Conductor conductor;
  private final Store store;
  private final RunJournal journal;
  private final Catalogue catalogue;
  private final Clock clock;

  /** What does not change any more, so that looking often at a run costs the store little. */
  private final Map<String, RunJournal.Run> records = RecentlyUsed.map(MOST_KEPT);

  private final Map<String, RunJournal.StageEntry> answered = RecentlyUsed.map(MOST_KEPT);
  private final Map<String, Conductor.Snapshot> ended = RecentlyUsed.map(MOST_KEPT);

  public Runs(Conductor conductor, Store store, Catalogue catalogue, Clock clock) {
    this.conductor = conductor;
    this.store = store;
    this.journal = new RunJournal(store);
    this.catalogue = catalogue;
    this.clock = clock;
  }

  /**
   * Checks a definition with its inputs and starts a run.
   *
   * @param inputs as {@link DefinitionCheck#inputs} filled them in
   * @param code what this build was made from, for the run's record
   * @return the run's id
   */
  public String start(Definition definition, ObjectNode inputs, Map<String, String> code) {
    return start(Optional.empty(), definition, inputs, code);
  }

  /**
   * As {@link #start(Definition, ObjectNode, Map)}.
   *
   * @param title the name of the study that it is a run of
   */
  public String start(
      Optional<String> title, Definition definition, ObjectNode inputs, Map<String, String> code) {
    new DefinitionCheck(catalogue).check(definition, inputs);
    return begin(title, definition, inputs, code, Optional.empty());
  }

  /**
   * Starts a run again beside itself: every stage is computed anew, under keys of its own. A
   * verification that was not finished goes on where it stopped.
   *
   * @param run the run to verify
   * @param definition its definition, or a part of it
   * @param inputs of that definition
   * @return the id of the run that computes it again
   * @throws Mistake where this build cannot run the definition any more
   */
  public String verify(
      String run, Definition definition, ObjectNode inputs, Map<String, String> code) {
    new DefinitionCheck(catalogue).check(definition, inputs);
    String name = run + "/" + journal.verified(run).size();
    Optional<String> title = Optional.of("verifies " + run.split("-", 2)[0]);
    return begin(title, definition.again(name), inputs, code, Optional.of(run));
  }

  private String begin(
      Optional<String> title,
      Definition definition,
      ObjectNode inputs,
      Map<String, String> code,
      Optional<String> verifies) {
    // Every stage: which of them a sweep or a sub-workflow calls is Conductor's to know.
    var domains = new HashMap<String, String>();
    catalogue.stages().forEach(stage -> domains.put(stage.name(), stage.lane().label()));
    Linked linked = Linked.of(definition);
    // What a verification runs is registered for nobody else.
    String run =
        conductor.start(linked.definition(), linked.called(), inputs, domains, verifies.isEmpty());
    try {
      journal.write(
          new RunJournal.Run(
              run,
              definition.name(),
              title,
              definition.whole(),
              inputs,
              code,
              clock.instant().toString(),
              verifies));
    } catch (RuntimeException e) {
      // A run that the store knows nothing of would go on unseen.
      conductor.cancel(run, "its record could not be written");
      throw e;
    }
    return run;
  }

  /** The stages of a definition that no worker has ever registered with this server. */
  public List<String> unserved(Definition definition) {
    var registered = conductor.registeredStages();
    return definition.stageNames().stream().filter(name -> !registered.contains(name)).toList();
  }

  /**
   * How a run is now.
   *
   * @throws Failure when a task ended and the store holds no record of it
   */
  public RunView view(String run) {
    Conductor.Snapshot snapshot = conductor.snapshot(run);
    RunJournal.Run record =
        kept(records, run, () -> journal.run(run))
            .orElseThrow(() ->
                new Mistake(
                    "Run '"
                        + run
                        + "' is not in this store; expected the store that it writes to."));
    Definition definition = Definition.of(record);
    var stages = new ArrayList<RunView.StageView>();
    for (Execution.Placed placed : execution(snapshot).stages(definition)) {
      stages.add(stage(run, placed));
    }
    RunView.State state = state(snapshot);
    Endings.note(snapshot, journal);
    return new RunView(run, snapshot.study(), state, error(state, stages, snapshot), stages);
  }

  /** Whether a run has ended, as Conductor alone knows it. */
  public boolean ended(String run) {
    return state(conductor.snapshot(run)).ended();
  }

  private Execution execution(Conductor.Snapshot run) {
    return Execution.of(run, this::called);
  }

  /** How a sub-workflow is; one that ended well stays as it is. */
  private Conductor.Snapshot called(String id) {
    Conductor.Snapshot known = ended.get(id);
    if (known != null) {
      return known;
    }
    Conductor.Snapshot now = conductor.snapshot(id);
    if (now.status().equals("COMPLETED")) {
      ended.put(id, now);
    }
    return now;
  }

  static RunView.State state(Conductor.Snapshot snapshot) {
    return switch (snapshot.status()) {
      case "COMPLETED" -> RunView.State.COMPLETED;
      case "FAILED", "TIMED_OUT" -> RunView.State.FAILED;
      case "TERMINATED" -> RunView.State.CANCELLED;
      default -> RunView.State.RUNNING;
    };
  }

  /** Cancels a run; its workers save their state and stop at the next step. */
  public void cancel(String run) {
    conductor.cancel(run, "cancelled by the user");
  }

  /**
   * Goes on with a run that failed or was cancelled: the stages that ended well stay as they are,
   * the others begin where their saved state is.
   *
   * @throws Mistake where there is nothing to retry, or Conductor does not know the run any more
   */
  public void retry(String run) {
    Conductor.Snapshot snapshot =
        conductor
            .find(run)
            .orElseThrow(() ->
                new Mistake(
                    "Conductor does not know run '"
                        + run
                        + "' any more, so it cannot be retried; expected it to be started again:"
                        + " what is computed is taken from the cache."));
    RunView.State state = state(snapshot);
    if (state != RunView.State.FAILED && state != RunView.State.CANCELLED) {
      throw new Mistake(
          "Run '"
              + run
              + "' is "
              + state.name().toLowerCase(Locale.ROOT)
              + "; expected one that failed or was cancelled.");
    }
    conductor.retry(run);
    journal.reopen(run);
  }

  /**
   * How a run is as the store alone knows it: what was answered, and how it ended. Why a stage
   * failed is Conductor's to know.
   */
  public RunView recorded(String run) {
    RunJournal.Run record =
        kept(records, run, () -> journal.run(run))
            .orElseThrow(() -> new Mistake("Run '" + run + "' is not in this store."));
    return RecordedView.of(record, journal.stages(run), journal.end(run), catalogue);
  }

  /** A line of a run's log. */
  public record LogLine(long time, String task, String text) {}

  /** The log lines of all stages of a run, oldest first. */
  public List<LogLine> log(String run) {
    var lines = new ArrayList<LogLine>();
    execution(conductor.snapshot(run))
        .attempts()
        .forEach(attempt ->
            conductor
                .log(attempt.task().id())
                .forEach(line -> lines.add(new LogLine(line.time(), attempt.path(), line.text()))));
    lines.sort(Comparator.comparingLong(LogLine::time));
    return lines;
  }

  /** The log lines of one task of a run, of all its attempts, oldest first. */
  public List<LogLine> log(String run, String task) {
    return execution(conductor.snapshot(run)).attempts().stream()
        .filter(attempt -> attempt.path().equals(task))
        .flatMap(attempt ->
            conductor.log(attempt.task().id()).stream()
                .map(line -> new LogLine(line.time(), task, line.text())))
        .sorted(Comparator.comparingLong(LogLine::time))
        .toList();
  }

  private static Optional<String> error(
      RunView.State state, List<RunView.StageView> stages, Conductor.Snapshot snapshot) {
    if (state != RunView.State.FAILED) {
      return Optional.empty();
    }
    return stages.stream()
        .filter(stage -> stage.state() == RunView.StageState.FAILED)
        .flatMap(stage -> stage.error().stream())
        .findFirst()
        .or(snapshot::reason);
  }

  private RunView.StageView stage(String run, Execution.Placed placed) {
    Optional<Conductor.Scheduled> scheduled = placed.scheduled();
    String path = placed.path();
    Optional<RunJournal.StageEntry> entry =
        scheduled
            .filter(s -> s.status().equals("COMPLETED"))
            .flatMap(s -> kept(answered, s.id(), () -> entry(run, path)));
    Optional<RunJournal.Live> live =
        scheduled
            .filter(s -> s.status().equals("IN_PROGRESS"))
            .flatMap(s -> journal.live(run, path));
    RunView.StageState state =
        scheduled.map(s -> state(s, entry, live.isPresent())).orElse(RunView.StageState.WAITING);
    var outputs = new LinkedHashMap<String, Reference>();
    entry.ifPresent(e -> outputs.putAll(e.outputs()));
    return new RunView.StageView(
        path,
        placed.stage(),
        catalogue.stage(placed.stage()).lane(),
        state,
        scheduled.map(Conductor.Scheduled::id).orElse(""),
        scheduled.map(Conductor.Scheduled::attempt).orElse(0),
        live.map(RunJournal.Live::progress).filter(progress -> progress.done() > 0),
        entry
            .map(RunJournal.StageEntry::seconds)
            .or(() -> live.map(RunJournal.Live::seconds))
            .orElse(0.0),
        entry.map(RunJournal.StageEntry::worker).or(() -> live.map(RunJournal.Live::worker)),
        scheduled
            .flatMap(Conductor.Scheduled::reason)
            .filter(r -> state == RunView.StageState.FAILED),
        outputs);
  }

  /** A worker writes the record before it completes the task: where it is missing, it stays so. */
  private Optional<RunJournal.StageEntry> entry(String run, String task) {
    Optional<RunJournal.StageEntry> found = journal.stage(run, task);
    if (found.isPresent()) {
      return found;
    }
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    found = journal.stage(run, task);
    if (found.isEmpty()) {
      throw new Failure(
          "Task '"
              + task
              + "' ended but the store at "
              + store.where()
              + " holds no record of it; expected the workers to use the same --s3 and --bucket.");
    }
    return found;
  }

  private static RunView.StageState state(
      Conductor.Scheduled task, Optional<RunJournal.StageEntry> entry, boolean told) {
    return switch (task.status()) {
      case "SCHEDULED" -> RunView.StageState.QUEUED;
      // A busy worker looks at a task and gives it back: only one that tells of itself runs.
      case "IN_PROGRESS" -> told ? RunView.StageState.RUNNING : RunView.StageState.QUEUED;
      case "COMPLETED" ->
          entry.map(RunJournal.StageEntry::cached).orElse(false)
              ? RunView.StageState.CACHED
              : RunView.StageState.DONE;
      case "CANCELED" -> RunView.StageState.CANCELLED;
      default -> RunView.StageState.FAILED;
    };
  }

  private static <V> Optional<V> kept(Map<String, V> map, String key, Supplier<Optional<V>> read) {
    V known = map.get(key);
    if (known != null) {
      return Optional.of(known);
    }
    Optional<V> found = read.get();
    found.ifPresent(value -> map.put(key, value));
    return found;
  }
}
