package dev.palimpsest.tasks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.SideBySide;
import dev.palimpsest.storage.Store;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of a run beside its artifacts, under {@code runs/<run>/}: its definition and
 * inputs, how each stage was answered, and how far running stages are. Times and hosts live here,
 * never in artifacts. Runs are listed from a small index under {@code index/}.
 */
public final class RunJournal {
  /** A listing of these objects is what a list of the runs costs. */
  public static final String INDEX = RunIndex.FOLDER;

  private final Store store;
  private final RunIndex index;

  public RunJournal(Store store) {
    this.store = store;
    this.index = new RunIndex(store, this);
  }

  /**
   * A run as it was submitted.
   *
   * @param run Conductor's workflow id
   * @param study the workflow's name
   * @param title the name of the study that it is a run of
   * @param definition the whole definition that ran
   * @param inputs the workflow's inputs, defaults filled in
   * @param code what the command that submitted it was built from: version, commit, dirty flag
   * @param submitted ISO 8601 instant
   * @param verifies the run that this one computes again, to compare
   */
  public record Run(
      String run,
      String study,
      Optional<String> title,
      JsonNode definition,
      JsonNode inputs,
      Map<String, String> code,
      String submitted,
      Optional<String> verifies) {
    /** A run of a workflow that belongs to no study and verifies none. */
    public Run(
        String run,
        String study,
        JsonNode definition,
        JsonNode inputs,
        Map<String, String> code,
        String submitted) {
      this(run, study, Optional.empty(), definition, inputs, code, submitted, Optional.empty());
    }
  }

  /** How a run may end. */
  public enum Outcome {
    COMPLETED,
    FAILED,
    CANCELLED
  }

  /**
   * That a run has ended.
   *
   * @param ended ISO 8601 instant
   * @param stages how many stages were answered
   * @param cached how many of them by an earlier computation
   */
  public record End(Outcome outcome, String ended, int stages, int cached) {}

  /**
   * A run in a line.
   *
   * @param title the study's name, or the workflow's where it belongs to none
   * @param seed as the inputs give it; empty where they give none
   * @param submitted ISO 8601 instant
   * @param end empty while it goes on, and where nobody saw it end
   */
  public record Summary(
      String run, String title, String workflow, String seed, String submitted, Optional<End> end) {
    static Summary of(Run run, Optional<End> end) {
      return new Summary(
          run.run(),
          run.title().orElse(run.study()),
          run.study(),
          run.inputs().path("seed").asText(),
          run.submitted(),
          end);
    }
  }

  /**
   * How a stage of a run was answered.
   *
   * @param task the task's reference name in the definition, {@code train__2} in the second
   *     iteration of a loop; {@code call.train} where the task {@code call} runs a sub-workflow
   * @param cached whether an earlier computation was taken
   * @param seconds from start to end on the worker
   * @param attempts how often it was started
   * @param environment versions, processor and the like, by name
   * @param finished ISO 8601 instant
   */
  public record StageEntry(
      String task,
      String stage,
      Digest key,
      int generation,
      boolean cached,
      double seconds,
      int attempts,
      String worker,
      Map<String, String> environment,
      Map<String, Reference> outputs,
      String finished) {}

  /**
   * That a run was computed again and compared.
   *
   * @param run the run that computed it again
   * @param task the one task that was; empty for all
   * @param differing the tasks whose outputs were others; none if all were the same
   * @param finished ISO 8601 instant
   */
  public record Verified(
      String run, Optional<String> task, List<String> differing, String finished) {}

  /** How far a running stage is. */
  public record Live(String task, String worker, StageContext.Progress progress, double seconds) {}

  /**
   * What a running stage has measured so far, thinned out where it is long.
   *
   * @param points in the order of epochs
   */
  public record Curve(String task, List<Point> points) {
    /**
     * The metrics at the end of an epoch.
     *
     * @param epoch counted from 1
     * @param metrics as in {@link StageContext.Progress}
     */
    public record Point(int epoch, Map<String, Double> metrics) {}
  }

  /** The path of a task within a sub-workflow, given the path of the task that calls it. */
  public static String within(String caller, String task) {
    return caller.isEmpty() ? task : caller + "." + task;
  }

  public void write(Run run) {
    store.put("runs/" + run.run() + "/run.json", Json.canonical(run));
    index.put(Summary.of(run, Optional.empty()));
  }

  /** Writes down that a run has ended; nothing happens where its record is gone. */
  public void write(String run, End end) {
    run(run)
        .ifPresent(record -> {
          store.put("runs/" + run + "/end.json", Json.canonical(end));
          index.put(Summary.of(record, Optional.of(end)));
        });
  }

  /** Forgets that a run has ended: it goes on. */
  public void reopen(String run) {
    store.delete("runs/" + run + "/end.json");
    // What its former attempts told of themselves is no progress of the next.
    store.list("runs/" + run + "/live/").forEach(seen -> store.delete(seen.key()));
    run(run).ifPresent(record -> index.put(Summary.of(record, Optional.empty())));
  }

  public void write(String run, StageEntry entry) {
    store.put("runs/" + run + "/stages/" + entry.task() + ".json", Json.canonical(entry));
  }

  public void write(String run, Live live) {
    store.put("runs/" + run + "/live/" + live.task() + ".json", Json.canonical(live));
  }

  public void write(String run, Curve curve) {
    store.put("runs/" + run + "/curves/" + curve.task() + ".json", Json.canonical(curve));
  }

  /**
   * Notes that a run was verified.
   *
   * @param number how many verifications it had before
   */
  public void write(String run, int number, Verified verified) {
    store.put("runs/" + run + "/verified/" + number + ".json", Json.canonical(verified));
  }

  /** What people wrote beside runs. */
  public RunNotes notes() {
    return new RunNotes(store);
  }

  public Optional<Run> run(String run) {
    return store
        .read("runs/" + run + "/run.json")
        .map(bytes -> Json.read("the record of run " + run, bytes, Run.class));
  }

  /** How a run ended, if somebody wrote it down. */
  public Optional<End> end(String run) {
    return store
        .read("runs/" + run + "/end.json")
        .map(bytes -> Json.read("the end of run " + run, bytes, End.class));
  }

  /** A run in a line. */
  public Optional<Summary> summary(String run) {
    return run(run).map(record -> Summary.of(record, end(run)));
  }

  /** The ids of all runs of the store, newest first. */
  public List<String> runs() {
    return index.runs();
  }

  /** The newest runs of the store, newest first. */
  public List<Summary> newest(int most) {
    return index.summaries(most);
  }

  /**
   * The run that is meant.
   *
   * @param given its id, the first four characters of it or more, or {@code latest} or {@code last}
   * @throws dev.palimpsest.base.Mistake where that is no run, or more than one
   */
  public String find(String given) {
    return index.find(given);
  }

  /** Makes the index of runs anew where it differs from the journal. */
  public void reindex() {
    index.remake();
  }

  /**
   * Removes all that is known of a run. One that is interrupted is found and removed again by the
   * same id; what the run made stays.
   */
  public void remove(String run) {
    List<String> keys = store.list("runs/" + run + "/").stream().map(Store.Stat::key).toList();
    // The record that names it goes last.
    keys.stream().filter(key -> !key.endsWith("/run.json")).forEach(store::delete);
    notes().forget(run);
    store.delete("runs/" + run + "/run.json");
    index.remove(run);
  }

  /** The stages that were answered so far, in the order in which they finished. */
  public List<StageEntry> stages(String run) {
    var entries = new ArrayList<StageEntry>();
    List<String> keys =
        store.list("runs/" + run + "/stages/").stream().map(Store.Stat::key).toList();
    for (Optional<byte[]> bytes : SideBySide.map(keys, store::read)) {
      bytes.ifPresent(
          each -> entries.add(Json.read("a stage of run " + run, each, StageEntry.class)));
    }
    entries.sort(Comparator.comparing(StageEntry::finished).thenComparing(StageEntry::task));
    return entries;
  }

  /** The verifications of a run that were finished, oldest first. */
  public List<Verified> verified(String run) {
    var found = new ArrayList<Verified>();
    for (Store.Stat stat : store.list("runs/" + run + "/verified/")) {
      store
          .read(stat.key())
          .ifPresent(bytes -> found.add(Json.read(stat.key(), bytes, Verified.class)));
    }
    found.sort(Comparator.comparing(Verified::finished));
    return found;
  }

  /** How this stage of a run was answered, if it was. */
  public Optional<StageEntry> stage(String run, String task) {
    return store
        .read("runs/" + run + "/stages/" + task + ".json")
        .map(bytes -> Json.read("the record of task " + task, bytes, StageEntry.class));
  }

  /** How far this stage is, as last told. */
  public Optional<Live> live(String run, String task) {
    return store
        .read("runs/" + run + "/live/" + task + ".json")
        .map(bytes -> Json.read("the progress of task " + task, bytes, Live.class));
  }

  /** What this stage has measured so far, as last told; empty before its first epoch ended. */
  public Optional<Curve> curve(String run, String task) {
    return store
        .read("runs/" + run + "/curves/" + task + ".json")
        .map(bytes -> Json.read("the curve of task " + task, bytes, Curve.class));
  }
}
