package dev.palimpsest.cli.bundle;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.cli.bundle.Archive.Unpacked;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Ledger;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.RunNotes;
import dev.palimpsest.tasks.StageCall;
import dev.palimpsest.tensors.Safetensors;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A bundle that was unpacked and checked, to be brought into a store.
 *
 * <p>What it says is held together by digests: of every file, of every artifact, of every key. A
 * label of poisoned data is taken from the manifest's references and from the files' own metadata,
 * so none is lost by editing the one or the other.
 */
public final class BundleImport implements AutoCloseable {
  private static final String END = "end.json";
  private static final String NOTES = "notes.json";

  /** What tasks and outputs may be called. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

  private static final int MOST_GENERATIONS = 1000;

  private final String what;
  private final Archive archive;
  private final BundleFiles files;
  private final Manifest manifest;
  private final Map<Digest, Manifest.Held> held = new LinkedHashMap<>();
  private final Labels labels = new Labels();
  private final List<StageRecord> records = new ArrayList<>();
  private final List<RunJournal.StageEntry> stages = new ArrayList<>();
  private final Map<Digest, byte[]> code = new HashMap<>();
  private final RunJournal.Run run;
  private final Optional<RunJournal.End> end;
  private final RunNotes.Notes notes;

  private BundleImport(String what, Archive archive) {
    this.what = what;
    this.archive = archive;
    this.files = new BundleFiles(what, archive);
    this.manifest = manifest();
    RunJournal.Run submitted = files.read("run.json", RunJournal.Run.class);
    checkArtifacts();
    for (String name : files.names()) {
      if (name.startsWith("records/")) {
        records.add(record(name));
      } else if (name.startsWith("stages/")) {
        stages.add(stage(name));
      } else if (name.startsWith("code/")) {
        if (!name.equals("code/" + files.file(name).digest() + ".json")) {
          throw files.fault(name, "has not the digest that its name gives it");
        }
        code.put(files.file(name).digest(), files.bytes(name));
      }
    }
    this.run = run(submitted);
    this.end =
        files.names().contains(END)
            ? Optional.of(files.read(END, RunJournal.End.class))
            : Optional.empty();
    end.ifPresent(ended -> moment(END, ended.ended()));
    this.notes =
        files.names().contains(NOTES)
            ? files.read(NOTES, RunNotes.Notes.class)
            : RunNotes.Notes.NONE;
    checkStages();
  }

  /**
   * Unpacks a bundle and checks all of it.
   *
   * @throws Mistake naming what is wrong with it
   */
  public static BundleImport open(Path file) {
    Path scratch = Path.of(System.getProperty("java.io.tmpdir"));
    Archive archive = Archive.unpack(file, Limits.USUAL, scratch);
    try {
      return new BundleImport(file.getFileName().toString(), archive);
    } catch (RuntimeException e) {
      archive.close();
      throw e;
    }
  }

  public String run() {
    return run.run();
  }

  public String study() {
    return run.study();
  }

  /** How many stages it brings. */
  public int stages() {
    return stages.size();
  }

  /** How many artifacts it brings. */
  public int artifacts() {
    return held.size();
  }

  /** Every reason why something in it must be handled with care. */
  public List<String> taint() {
    return held.values().stream()
        .flatMap(each -> labels.of(each.artifact()).taint().stream())
        .distinct()
        .sorted()
        .toList();
  }

  /**
   * Stores it: bytes first, then the records, the run last, so that a run is seen whole or not at
   * all. The same bundle may be stored again; it mends what was lost.
   *
   * @return the tasks for which this store keeps another result of the same key
   * @throws Mistake if the store has another run of this id
   */
  public List<String> store(Artifacts artifacts, Ledger ledger, RunJournal journal) {
    Optional<RunJournal.Run> present = journal.run(run.run());
    if (present.isPresent() && !same(present.get(), run)) {
      throw new Mistake(
          what
              + " holds run "
              + run.run()
              + ", and the store has a different run of this id; expected another store.");
    }
    held.values()
        .forEach(each -> {
          Reference reference = labels.of(each.artifact());
          artifacts.put(reference.artifact(), files.file(each.path()).path(), reference.taint());
        });
    code.forEach(ledger::keep);
    var others = new HashSet<Digest>();
    for (StageRecord record : records) {
      if (!digests(ledger.publish(record)).equals(digests(record))) {
        others.add(record.key());
      }
    }
    stages.forEach(stage -> journal.write(run.run(), stage));
    journal.write(run);
    end.ifPresent(ended -> journal.write(run.run(), ended));
    if (journal.notes().of(run.run()).equals(RunNotes.Notes.NONE)) {
      journal.notes().write(run.run(), notes);
    }
    return stages.stream()
        .filter(stage -> others.contains(stage.key()))
        .map(RunJournal.StageEntry::task)
        .toList();
  }

  private static boolean same(RunJournal.Run one, RunJournal.Run other) {
    return Arrays.equals(Json.canonical(one), Json.canonical(other));
  }

  private static Map<String, Digest> digests(StageRecord record) {
    var digests = new HashMap<String, Digest>();
    record.outputs().forEach((name, output) -> digests.put(name, output.sha256()));
    return digests;
  }

  private Manifest manifest() {
    var head = files.json(Manifest.FILE);
    if (!head.path("format").asText().equals(Manifest.FORMAT)
        || head.path("version").asInt() != Manifest.VERSION) {
      throw new Mistake(
          what
              + " is a bundle of format '"
              + head.path("format").asText()
              + "', version "
              + head.path("version")
              + "; this build reads '"
              + Manifest.FORMAT
              + "', version "
              + Manifest.VERSION
              + ".");
    }
    return Json.read(Manifest.FILE + " of " + what, head, Manifest.class);
  }

  /** Every artifact has the bytes of its reference; its labels are gathered. */
  private void checkArtifacts() {
    for (Manifest.Held each : manifest.artifacts()) {
      Reference reference = each.artifact();
      Unpacked file = files.file(each.path());
      if (!file.digest().equals(reference.sha256()) || file.bytes() != reference.bytes()) {
        throw files.fault(each.path(), "has not the digest and size that the manifest gives it");
      }
      if (held.put(reference.sha256(), each) != null) {
        throw files.fault(each.path(), "is in the manifest twice");
      }
      ArtifactType type =
          Arrays.stream(ArtifactType.values())
              .filter(known -> known.label().equals(reference.artifact()))
              .findFirst()
              .orElseThrow(() ->
                  files.fault(
                      each.path(), "is of the unknown type '" + reference.artifact() + "'"));
      labels.add(reference);
      if (type == ArtifactType.FIGURE) {
        Drawing.fault(file.path())
            .ifPresent(fault -> {
              throw files.fault(
                  each.path(), "holds " + fault + "; expected a drawing and nothing else");
            });
      }
      if (type.tensors()) {
        String taint =
            Safetensors.header(file.path(), what + ": '" + each.path() + "'")
                .metadata()
                .getOrDefault("taint", "");
        files.checkPlain(each.path(), taint);
        if (!taint.isEmpty()) {
          labels.add(reference.sha256(), List.of(taint.split("; ")));
        }
      }
    }
    manifest.leftOut().forEach(labels::add);
  }

  private StageRecord record(String name) {
    StageRecord record = files.read(name, StageRecord.class);
    if (!record.key().equals(Digest.of(Json.canonical(record.identity())))) {
      throw files.fault(name, "has a key that is not the digest of its identity");
    }
    if (record.identity().has(StageCall.AGAIN)) {
      throw files.fault(name, "stems from a verification, which every store makes itself");
    }
    if (record.generation() < 0 || record.generation() > MOST_GENERATIONS) {
      throw files.fault(name, "is of generation " + record.generation());
    }
    record.outputs().values().forEach(labels::add);
    return record;
  }

  private RunJournal.StageEntry stage(String name) {
    RunJournal.StageEntry stage = files.read(name, RunJournal.StageEntry.class);
    if (!name.equals("stages/" + stage.task() + ".json")) {
      throw files.fault(name, "is about task '" + stage.task() + "'");
    }
    if (!Stream.concat(Stream.of(stage.task()), stage.outputs().keySet().stream())
        .allMatch(each -> NAME.matcher(each).matches())) {
      throw files.fault(name, "has a name that is none of a task or an output");
    }
    moment(name, stage.finished());
    stage.outputs().values().forEach(labels::add);
    return stage;
  }

  /** The run, its records and its stages with every label that is known of what they refer to. */
  private RunJournal.Run run(RunJournal.Run given) {
    if (!given.run().equals(manifest.run()) || !given.run().matches("[A-Za-z0-9][A-Za-z0-9-]*")) {
      throw files.fault("run.json", "has the id '" + given.run() + "', not that of the manifest");
    }
    if (!given.inputs().isObject() || !given.definition().isObject()) {
      throw files.fault("run.json", "has inputs or a definition that are no object");
    }
    if (given.verifies().isPresent()) {
      throw files.fault("run.json", "is a verification, which every store makes itself");
    }
    moment("run.json", given.submitted());
    References.of(given.inputs()).values().forEach(labels::add);
    records.replaceAll(record ->
        new StageRecord(
            record.key(),
            record.generation(),
            record.stage(),
            record.identity(),
            labels.of(record.outputs())));
    stages.replaceAll(stage ->
        new RunJournal.StageEntry(
            stage.task(),
            stage.stage(),
            stage.key(),
            stage.generation(),
            stage.cached(),
            stage.seconds(),
            stage.attempts(),
            stage.worker(),
            stage.environment(),
            labels.of(stage.outputs()),
            stage.finished()));
    return new RunJournal.Run(
        given.run(),
        given.study(),
        given.title(),
        given.definition(),
        References.replaced(given.inputs(), labels::of),
        given.code(),
        given.submitted(),
        given.verifies());
  }

  private void moment(String name, String text) {
    try {
      Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw files.fault(name, "has the time '" + text + "'; expected one such as " + Instant.EPOCH);
    }
  }

  /** Every stage has its record, and no record and no artifact belongs to none. */
  private void checkStages() {
    if (stages.isEmpty()) {
      throw files.fault("stages/", "is empty; expected the stages of the run");
    }
    var used = new HashSet<Digest>();
    References.of(run.inputs()).values().forEach(input -> used.add(input.sha256()));
    var unused = new HashSet<>(records);
    for (RunJournal.StageEntry stage : stages) {
      List<StageRecord> own = records.stream().filter(record -> of(record, stage)).toList();
      if (own.isEmpty()) {
        throw files.fault("stages/" + stage.task() + ".json", "has outputs that no record names");
      }
      own.forEach(unused::remove);
      stage.outputs().values().forEach(output -> used.add(output.sha256()));
    }
    for (StageRecord record : unused) {
      throw files.fault("records/", "holds " + record.key().brief() + ", of no stage of the run");
    }
    held.forEach((digest, each) -> {
      if (!used.contains(digest)) {
        throw files.fault(each.path(), "belongs to no stage of the run");
      }
    });
  }

  private static boolean of(StageRecord record, RunJournal.StageEntry stage) {
    return record.key().equals(stage.key())
        && record.generation() == stage.generation()
        && record.stage().equals(stage.stage())
        && record.outputs().equals(stage.outputs());
  }

  @Override
  public void close() {
    archive.close();
  }
}
