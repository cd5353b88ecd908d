package dev.palimpsest.tasks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.Store;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of a run beside its artifacts, under {@code runs/<run>/}: its definition and
 * inputs, how each stage was answered, and how far running stages are. Times and hosts live here,
 * never in artifacts.
 */
public final class RunJournal {
  private final Store store;

  public RunJournal(Store store) {
    this.store = store;
  }

  /**
   * A run as it was submitted.
   *
   * @param run Conductor's workflow id
   * @param study the workflow's name
   * @param definition the whole definition that ran
   * @param inputs the workflow's inputs, defaults filled in
   * @param code what the command that submitted it was built from: version, commit, dirty flag
   * @param submitted ISO 8601 instant
   */
  public record Run(
      String run,
      String study,
      JsonNode definition,
      JsonNode inputs,
      Map<String, String> code,
      String submitted) {}

  /**
   * How a stage of a run was answered.
   *
   * @param task the task's reference name in the definition
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

  /** How far a running stage is. */
  public record Live(String task, String worker, StageContext.Progress progress, double seconds) {}

  public void write(Run run) {
    store.put("runs/" + run.run() + "/run.json", Json.canonical(run));
  }

  public void write(String run, StageEntry entry) {
    store.put("runs/" + run + "/stages/" + entry.task() + ".json", Json.canonical(entry));
  }

  public void write(String run, Live live) {
    store.put("runs/" + run + "/live/" + live.task() + ".json", Json.canonical(live));
  }

  public Optional<Run> run(String run) {
    return store
        .read("runs/" + run + "/run.json")
        .map(bytes -> Json.read("the record of run " + run, bytes, Run.class));
  }

  /** The stages that were answered so far, in the order in which they finished. */
  public List<StageEntry> stages(String run) {
    var entries = new ArrayList<StageEntry>();
    for (Store.Stat stat : store.list("runs/" + run + "/stages/")) {
      store
          .read(stat.key())
          .ifPresent(bytes -> entries.add(Json.read(stat.key(), bytes, StageEntry.class)));
    }
    entries.sort(Comparator.comparing(StageEntry::finished).thenComparing(StageEntry::task));
    return entries;
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
}
