package dev.palimpsest.workflows.why;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.storage.Ledger;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.SideBySide;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.RunJournal.StageEntry;
import dev.palimpsest.workflows.Definition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Says why the tasks of one run were computed: compares each key with the nearest earlier one.
 *
 * <p>Earlier ones are sought among the same task of runs of the same workflow, and where there is
 * none, among all tasks of the same stage; in the newest runs alone.
 */
public final class Why {
  private static final int MOST_RUNS = 200;
  private static final int MOST_RUNS_WHOLE = 50;

  private final RunJournal journal;
  private final Ledger ledger;
  private final Comparison comparison;
  private final RunJournal.Run run;
  private final SequencedMap<String, String> stages = new LinkedHashMap<>();
  private final Map<String, Map<String, StageEntry>> entries = new HashMap<>();
  private final Map<Digest, Optional<StageRecord>> records = new HashMap<>();
  private final List<RunJournal.Summary> others;

  /** The tasks that the reason being made has told of: once is enough. */
  private final Set<String> told = new HashSet<>();

  /**
   * @param run the run's whole id; it must be in the journal
   */
  public Why(RunJournal journal, Ledger ledger, String run) {
    this.journal = journal;
    this.ledger = ledger;
    this.comparison = new Comparison(ledger);
    this.run = journal.run(run).orElseThrow();
    Definition.of(this.run.study(), Json.canonical(this.run.definition())).stages().stream()
        .filter(task -> !repeated(task.reference()))
        .forEach(task -> stages.put(task.reference(), task.name()));
    of(run).values().forEach(entry -> stages.putIfAbsent(entry.task(), entry.stage()));
    this.others =
        journal.newest(MOST_RUNS).stream().filter(other -> !other.run().equals(run)).toList();
  }

  /** Whether a loop has repeated a task: its iterations have names of their own. */
  private boolean repeated(String reference) {
    return of(run.run()).keySet().stream().anyMatch(task -> task.startsWith(reference + "__"));
  }

  /** Why each task was computed, or not, in the order of the definition. */
  public List<Reason> all() {
    return stages.keySet().stream().map(this::reason).toList();
  }

  /**
   * Why a task was computed, or not.
   *
   * @throws Mistake with the name that was probably meant, if the run has no such task
   */
  public Reason task(String task) {
    if (!stages.containsKey(task)) {
      throw new Mistake(Names.unknown("task", task, stages.keySet()));
    }
    return reason(task);
  }

  private Reason reason(String task) {
    told.clear();
    StageEntry entry = of(run.run()).get(task);
    if (entry == null) {
      return new Reason(
          task,
          stages.getOrDefault(task, ""),
          Optional.empty(),
          Reason.Cause.UNANSWERED,
          Optional.empty(),
          List.of());
    }
    List<Past> pasts = pasts(entry);
    if (entry.cached()) {
      return reason(entry, Reason.Cause.CACHED, computed(entry, pasts), List.of());
    }
    if (entry.generation() > 0) {
      return reason(entry, Reason.Cause.LOST, Optional.empty(), generations(entry));
    }
    Instant start = end(entry).minusNanos((long) (entry.seconds() * 1e9));
    List<Past> same = pasts.stream().filter(past -> past.key().equals(entry.key())).toList();
    Optional<Past> before =
        same.stream().filter(past -> end(past.entry()).isBefore(start)).findFirst();
    if (before.isPresent()) {
      return reason(entry, Reason.Cause.LOST, before, List.of());
    }
    Optional<Past> beside = same.stream().filter(past -> !past.entry().cached()).findFirst();
    if (beside.isPresent()) {
      return reason(entry, Reason.Cause.BESIDE, beside, List.of());
    }
    Optional<StageRecord> record = record(entry.key());
    if (record.isEmpty()) {
      return reason(entry, Reason.Cause.FORGOTTEN, Optional.empty(), List.of());
    }
    JsonNode now = record.get().identity();
    Optional<Past> nearest = nearest(entry, now, pasts);
    return nearest.isPresent()
        ? changed(entry, nearest.get())
        : reason(entry, Reason.Cause.FIRST, Optional.empty(), List.of());
  }

  /** A task of another run. */
  private record Past(String run, StageEntry entry) {
    Digest key() {
      return entry.key();
    }
  }

  private static Instant end(StageEntry entry) {
    return Instant.parse(entry.finished());
  }

  private static Reason reason(
      StageEntry entry, Reason.Cause cause, Optional<Past> past, List<Difference> differences) {
    return new Reason(
        entry.task(),
        entry.stage(),
        Optional.of(entry.key()),
        cause,
        past.map(p -> new Reason.Earlier(p.run(), p.entry().task())),
        differences);
  }

  /** What the key's difference from another's is, with the reasons of the inputs that differ. */
  private Reason changed(StageEntry entry, Past past) {
    if (!told.add(entry.task())) {
      return reason(entry, Reason.Cause.CHANGED, Optional.of(past), List.of());
    }
    if (past.key().equals(entry.key())) {
      var outputs = new ArrayList<Difference>();
      Comparison.compare(
          Difference.Part.OUTPUT,
          digests(past.entry().outputs()),
          digests(entry.outputs()),
          outputs);
      return reason(entry, Reason.Cause.UNSTABLE, Optional.of(past), outputs);
    }
    Optional<StageRecord> before = record(past.key());
    Optional<StageRecord> now = record(entry.key());
    if (before.isEmpty() || now.isEmpty()) {
      return reason(entry, Reason.Cause.FORGOTTEN, Optional.of(past), List.of());
    }
    List<Difference> differences =
        comparison.differences(before.get().identity(), now.get().identity()).stream()
            .map(difference -> traced(difference, past.run()))
            .toList();
    return reason(entry, Reason.Cause.CHANGED, Optional.of(past), differences);
  }

  /** An input with the reason of the task that made it. */
  private Difference traced(Difference difference, String earlierRun) {
    if (difference.part() != Difference.Part.INPUT || difference.now().isEmpty()) {
      return difference;
    }
    Optional<StageEntry> made = maker(run.run(), difference.now().get());
    Optional<StageEntry> madeBefore =
        difference
            .before()
            .flatMap(digest -> maker(earlierRun, digest))
            .filter(
                before -> made.filter(maker -> maker.stage().equals(before.stage())).isPresent());
    Optional<Reason> because =
        made.map(maker ->
            madeBefore
                .map(before -> changed(maker, new Past(earlierRun, before)))
                .orElseGet(() -> reason(maker, Reason.Cause.FIRST, Optional.empty(), List.of())));
    return new Difference(
        difference.part(), difference.name(), difference.before(), difference.now(), because);
  }

  /** The first task of a run that made what has this digest. */
  private Optional<StageEntry> maker(String ofRun, String digest) {
    return of(ofRun).values().stream()
        .filter(entry ->
            entry.outputs().values().stream()
                .anyMatch(output -> output.sha256().hex().equals(digest)))
        .findFirst();
  }

  /**
   * Who computed what a cache hit took: a task of this run, one of another, or an earlier attempt
   * of the task itself.
   */
  private Optional<Past> computed(StageEntry entry, List<Past> pasts) {
    return Stream.concat(
            of(run.run()).values().stream().map(here -> new Past(run.run(), here)), pasts.stream())
        .filter(past -> !past.entry().cached() && past.key().equals(entry.key()))
        .findFirst()
        .or(() -> Optional.of(new Past(run.run(), entry)).filter(past -> entry.attempts() > 1));
  }

  private Optional<Past> nearest(StageEntry entry, JsonNode now, List<Past> pasts) {
    List<Past> earlier =
        pasts.stream().filter(past -> end(past.entry()).isBefore(end(entry))).toList();
    read(earlier.stream().map(Past::key).distinct().toList());
    return earlier.stream()
        .filter(past -> record(past.key()).isPresent())
        .min(
            Comparator.comparingInt(
                past -> Comparison.distance(record(past.key()).orElseThrow().identity(), now)));
  }

  /** The same task of runs of the same workflow, newest first; else all tasks of the stage. */
  private List<Past> pasts(StageEntry entry) {
    List<String> same =
        others.stream()
            .filter(other -> other.workflow().equals(run.study()))
            .map(RunJournal.Summary::run)
            .toList();
    List<Past> pasts =
        SideBySide.map(
                same,
                other -> journal.stage(other, entry.task()).map(found -> new Past(other, found)))
            .stream()
            .flatMap(Optional::stream)
            .filter(past -> past.entry().stage().equals(entry.stage()))
            .toList();
    if (!pasts.isEmpty()) {
      return pasts;
    }
    return others.stream()
        .limit(MOST_RUNS_WHOLE)
        .flatMap(
            other -> of(other.run()).values().stream().map(each -> new Past(other.run(), each)))
        .filter(past -> past.entry().stage().equals(entry.stage()))
        .toList();
  }

  /** How the outputs of the newest two generations differ. */
  private List<Difference> generations(StageEntry entry) {
    List<StageRecord> all = ledger.generations(entry.key());
    var differences = new ArrayList<Difference>();
    if (all.size() > 1) {
      Comparison.compare(
          Difference.Part.OUTPUT,
          digests(all.get(all.size() - 2).outputs()),
          digests(all.getLast().outputs()),
          differences);
    }
    return differences;
  }

  private static Map<String, String> digests(Map<String, Reference> outputs) {
    var digests = new HashMap<String, String>();
    outputs.forEach((name, reference) -> digests.put(name, reference.sha256().hex()));
    return digests;
  }

  /** The answered tasks of a run, in the order in which they finished. */
  private Map<String, StageEntry> of(String id) {
    return entries.computeIfAbsent(
        id,
        each -> {
          var tasks = new LinkedHashMap<String, StageEntry>();
          journal.stages(each).forEach(entry -> tasks.put(entry.task(), entry));
          return tasks;
        });
  }

  private Optional<StageRecord> record(Digest key) {
    return records.computeIfAbsent(key, ledger::newest);
  }

  private void read(List<Digest> keys) {
    List<Digest> unread = keys.stream().filter(key -> !records.containsKey(key)).toList();
    List<Optional<StageRecord>> found = SideBySide.map(unread, ledger::newest);
    for (int i = 0; i < unread.size(); i++) {
      records.put(unread.get(i), found.get(i));
    }
  }
}
