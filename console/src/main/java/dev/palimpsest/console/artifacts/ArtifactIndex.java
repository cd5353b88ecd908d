package dev.palimpsest.console.artifacts;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.Ledger;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.SideBySide;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.tasks.Imports;
import dev.palimpsest.tasks.RunJournal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every artifact that runs made or were given, by digest. It is read from the journal beside the
 * requests, the newest runs first, and looks again while somebody asks: of a run that is completed
 * nothing is read twice.
 */
final class ArtifactIndex {
  private static final Logger LOG = LoggerFactory.getLogger(ArtifactIndex.class);

  /** Outputs of stages that are kept in memory, at a few hundred bytes each. */
  static final int MOST = 200_000;

  private static final int AT_ONCE = 16;

  /** Of so many of the newest runs those that failed are looked at again: they may be retried. */
  private static final int MAY_GO_ON = 50;

  private static final long PATIENCE_MS = 20;
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final RunJournal journal;
  private final Ledger ledger;
  private final Imports imports;
  private final int most;

  /** Runs that were read, by id. */
  private final Map<String, RunPart> parts = new ConcurrentHashMap<>();

  /** Inputs of stages by key: many runs share a stage. */
  private final Map<Digest, Map<String, Digest>> inputs = new ConcurrentHashMap<>();

  private volatile Snapshot snapshot = Snapshot.EMPTY;
  private CompletableFuture<Snapshot> reading = CompletableFuture.completedFuture(Snapshot.EMPTY);
  private long finished;

  ArtifactIndex(RunJournal journal, Ledger ledger, Imports imports) {
    this(journal, ledger, imports, MOST);
  }

  ArtifactIndex(RunJournal journal, Ledger ledger, Imports imports, int most) {
    this.journal = journal;
    this.ledger = ledger;
    this.imports = imports;
    this.most = most;
  }

  /**
   * A run as far as it was read.
   *
   * @param outcome how it ended, if it did
   * @param made in the order in which its stages finished
   * @param given what its inputs refer to, by the path of the input: {@code data.train}
   */
  record RunPart(
      Known.RunName name,
      Optional<RunJournal.Outcome> outcome,
      List<Known.Made> made,
      Map<String, Reference> given) {
    /** The inputs that this artifact was given as. */
    List<String> given(Digest digest) {
      return given.entrySet().stream()
          .filter(input -> input.getValue().sha256().equals(digest))
          .map(Map.Entry::getKey)
          .toList();
    }
  }

  /**
   * The index at one time.
   *
   * @param artifacts by digest; the newest run's first, within it those of the last stage first
   * @param runs newest first
   * @param inputs of stages by key
   * @param read how many of {@code all} runs are in it
   * @param trouble why it could not be brought up to date
   */
  record Snapshot(
      Map<Digest, Known> artifacts,
      List<RunPart> runs,
      List<Imports.Import> imports,
      Map<Digest, Map<String, Digest>> inputs,
      int read,
      int all,
      boolean whole,
      Optional<Failure> trouble) {
    static final Snapshot EMPTY =
        new Snapshot(Map.of(), List.of(), List.of(), Map.of(), 0, 0, false, Optional.empty());

    Optional<Known> find(Digest digest) {
      return Optional.ofNullable(artifacts.get(digest));
    }

    private Snapshot troubled(Failure failure) {
      return new Snapshot(artifacts, runs, imports, inputs, read, all, whole, Optional.of(failure));
    }
  }

  /** The index as it is; a look for what is new begins, and is waited for a moment. */
  Snapshot now() {
    CompletableFuture<Snapshot> look = look();
    try {
      return look.get(PATIENCE_MS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return snapshot;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return snapshot;
    }
  }

  private synchronized CompletableFuture<Snapshot> look() {
    boolean fresh = snapshot.whole() && System.nanoTime() - finished < FRESH_NANOS;
    if (reading.isDone() && !fresh) {
      var next = new CompletableFuture<Snapshot>();
      reading = next;
      Thread.ofPlatform().daemon().name("artifact-index").start(() -> next.complete(read()));
    }
    return reading;
  }

  private Snapshot read() {
    try {
      refresh();
    } catch (Failure e) {
      snapshot = snapshot.troubled(e);
    } catch (RuntimeException | Error e) {
      LOG.error("the index of artifacts could not be read", e);
      snapshot =
          snapshot.troubled(
              new Failure(
                  "The artifacts could not be listed; the console's log has the trace.", e));
    }
    synchronized (this) {
      finished = System.nanoTime();
    }
    return snapshot;
  }

  /** Reads what is new. */
  private void refresh() {
    List<String> runs = journal.runs();
    List<Imports.Import> named = imports.all();
    boolean changed =
        parts.keySet().retainAll(new HashSet<>(runs))
            || !snapshot.whole()
            || snapshot.trouble().isPresent()
            || snapshot.all() != runs.size()
            || !snapshot.imports().equals(named);
    List<String> unread = unread(runs);
    int lines = parts.values().stream().mapToInt(part -> part.made().size()).sum();
    for (int from = 0; from < unread.size() && lines < most; from += AT_ONCE) {
      List<String> some = unread.subList(from, Math.min(unread.size(), from + AT_ONCE));
      for (Optional<RunPart> part : SideBySide.map(some, this::part)) {
        if (part.isPresent()) {
          RunPart before = parts.put(part.get().name().run(), part.get());
          changed |= !part.get().equals(before);
          lines += part.get().made().size() - (before == null ? 0 : before.made().size());
        }
      }
      if (!snapshot.whole() && Integer.bitCount(from / AT_ONCE + 1) == 1) {
        // Anew after 1, 2, 4, 8... lots, so that all of them cost twice the last.
        snapshot = snapshot(runs, named, false);
      }
    }
    if (changed) {
      snapshot = snapshot(runs, named, true);
      Set<Digest> keys = new HashSet<>();
      parts.values().forEach(part -> part.made().forEach(made -> keys.add(made.key())));
      inputs.keySet().retainAll(keys);
    }
  }

  /** Runs that may have more stages by now: one that failed or was cancelled may have gone on. */
  private List<String> unread(List<String> runs) {
    var unread = new ArrayList<String>();
    for (int place = 0; place < runs.size(); place++) {
      RunPart part = parts.get(runs.get(place));
      Optional<RunJournal.Outcome> outcome = part == null ? Optional.empty() : part.outcome();
      boolean over = outcome.filter(RunJournal.Outcome.COMPLETED::equals).isPresent();
      if (!over && (outcome.isEmpty() || place < MAY_GO_ON)) {
        unread.add(runs.get(place));
      }
    }
    return unread;
  }

  /** Empty for a run that is gone, or whose records are damaged. */
  private Optional<RunPart> part(String run) {
    try {
      return read(run);
    } catch (Mistake e) {
      LOG.warn("run {} is left out of the artifacts: {}", run, e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<RunPart> read(String run) {
    return journal
        .run(run)
        .map(record -> {
          // Asked before its stages: of a run that ended all of them are there.
          Optional<RunJournal.Outcome> outcome = journal.end(run).map(RunJournal.End::outcome);
          var name = new Known.RunName(run, record.title().orElse(record.study()));
          var made = new ArrayList<Known.Made>();
          for (RunJournal.StageEntry entry : journal.stages(run)) {
            inputs.computeIfAbsent(entry.key(), key -> inputs(key, entry.generation()));
            new TreeMap<>(entry.outputs())
                .forEach((output, reference) ->
                    made.add(
                        new Known.Made(
                            name,
                            entry.task(),
                            entry.stage(),
                            output,
                            entry.key(),
                            entry.cached(),
                            entry.finished(),
                            reference)));
          }
          var given = new LinkedHashMap<String, Reference>();
          collect("", record.inputs(), given);
          return new RunPart(name, outcome, List.copyOf(made), given);
        });
  }

  private Map<String, Digest> inputs(Digest key, int generation) {
    var named = new LinkedHashMap<String, Digest>();
    try {
      ledger
          .record(key, generation)
          .map(StageRecord::identity)
          .ifPresent(identity -> {
            for (var input : identity.path("inputs").properties()) {
              named.put(input.getKey(), new Digest(input.getValue().asText()));
            }
          });
    } catch (Failure damaged) {
      if (damaged.isPassing()) {
        throw damaged;
      }
      LOG.warn("the inputs of stage {} are unknown: {}", key, damaged.getMessage());
    }
    return named;
  }

  private static void collect(String path, JsonNode within, Map<String, Reference> found) {
    if (within.has("artifact") && within.has("sha256")) {
      try {
        found.put(path, Json.read("an input", within, Reference.class));
      } catch (Mistake e) {
        LOG.debug("an input of a run is no reference", e);
      }
    } else if (within.isObject()) {
      within
          .properties()
          .forEach(field ->
              collect(
                  path.isEmpty() ? field.getKey() : path + "." + field.getKey(),
                  field.getValue(),
                  found));
    } else {
      within.forEach(each -> collect(path, each, found));
    }
  }

  private Snapshot snapshot(List<String> runs, List<Imports.Import> named, boolean whole) {
    var artifacts = new LinkedHashMap<Digest, Known>();
    var read = new ArrayList<RunPart>();
    for (String run : runs) {
      RunPart part = parts.get(run);
      if (part == null) {
        continue;
      }
      read.add(part);
      for (Known.Made made : part.made().reversed()) {
        known(artifacts, made.reference()).made().add(made);
      }
      for (Reference given : new LinkedHashSet<>(part.given().values())) {
        known(artifacts, given).given().add(part.name());
      }
      var stages = new HashSet<String>();
      for (Known.Made made : part.made()) {
        if (stages.add(made.task())) {
          inputs
              .getOrDefault(made.key(), Map.of())
              .forEach((input, digest) ->
                  Optional.ofNullable(artifacts.get(digest))
                      .ifPresent(known ->
                          known
                              .used()
                              .add(new Known.Used(part.name(), made.task(), made.stage(), input))));
        }
      }
    }
    for (Imports.Import each : named) {
      each.parts()
          .forEach((part, reference) ->
              known(artifacts, reference)
                  .names()
                  .add(each.parts().size() == 1 ? each.name() : each.name() + "." + part));
    }
    return new Snapshot(
        artifacts,
        read,
        named,
        Map.copyOf(inputs),
        read.size(),
        runs.size(),
        whole,
        Optional.empty());
  }

  /** Where references differ, one that tells of a taint holds. */
  private static Known known(Map<Digest, Known> artifacts, Reference reference) {
    Known known = artifacts.get(reference.sha256());
    if (known == null) {
      known =
          new Known(
              reference,
              new ArrayList<>(),
              new ArrayList<>(),
              new ArrayList<>(),
              new ArrayList<>());
    } else if (reference.tainted() && !known.reference().tainted()) {
      known = new Known(reference, known.made(), known.used(), known.given(), known.names());
    } else {
      return known;
    }
    artifacts.put(reference.sha256(), known);
    return known;
  }
}
