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
import dev.palimpsest.tensors.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A bundle that was unpacked and checked, to be brought into a store.
 *
 * <p>What it says is held together by digests: of every file, of every artifact, of every key. A
 * label of poisoned data is taken from the manifest's references and from the files' own metadata,
 * so none is lost by editing the one or the other.
 */
public final class BundleImport implements AutoCloseable {
  private static final String END = "end.json";
  private static final int LARGEST_TEXT = 16 << 20;

  private final String what;
  private final Archive archive;
  private final Manifest manifest;
  private final Map<Digest, Manifest.Held> held = new LinkedHashMap<>();
  private final Map<Digest, List<String>> labels = new HashMap<>();
  private final List<StageRecord> records = new ArrayList<>();
  private final List<RunJournal.StageEntry> stages = new ArrayList<>();
  private final Map<Digest, byte[]> code = new HashMap<>();
  private final RunJournal.Run run;
  private final Optional<RunJournal.End> end;

  private BundleImport(String what, Archive archive) {
    this.what = what;
    this.archive = archive;
    checkSums();
    this.manifest = manifest();
    RunJournal.Run submitted = read("run.json", RunJournal.Run.class);
    checkArtifacts();
    for (String name : archive.files().keySet()) {
      if (name.startsWith("records/")) {
        records.add(record(name));
      } else if (name.startsWith("stages/")) {
        stages.add(stage(name));
      } else if (name.startsWith("code/")) {
        if (!name.equals("code/" + file(name).digest() + ".json")) {
          throw fault(name, "has not the digest that its name gives it");
        }
        code.put(file(name).digest(), bytes(name));
      }
    }
    this.run = run(submitted);
    this.end =
        archive.files().containsKey(END)
            ? Optional.of(read(END, RunJournal.End.class))
            : Optional.empty();
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
        .flatMap(each -> labelled(each.artifact()).taint().stream())
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
          Reference reference = labelled(each.artifact());
          artifacts.put(reference.artifact(), file(each.path()).path(), reference.taint());
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

  /** {@code SHA256SUMS} names every file but itself, with the digest that it has. */
  private void checkSums() {
    Set<String> unnamed = new TreeSet<>(archive.files().keySet());
    unnamed.remove(ArchiveWriter.SUMS);
    for (String line : text(ArchiveWriter.SUMS).lines().toList()) {
      String[] parts = line.split(" [ *]", 2);
      if (parts.length != 2 || !unnamed.remove(parts[1])) {
        throw new Mistake(
            what
                + ": "
                + ArchiveWriter.SUMS
                + " has the line '"
                + line
                + "', which names no file of the archive, or one twice; "
                + again());
      }
      Digest found = file(parts[1]).digest();
      if (!found.hex().equals(parts[0])) {
        throw new Mistake(
            what + ": '" + parts[1] + "' is damaged: its digest is " + found + "; " + again());
      }
    }
    if (!unnamed.isEmpty()) {
      throw new Mistake(
          what
              + ": '"
              + unnamed.iterator().next()
              + "' is not named in "
              + ArchiveWriter.SUMS
              + "; "
              + again());
    }
  }

  private static String again() {
    return "fetch the archive again. Nothing was imported.";
  }

  private Manifest manifest() {
    var head = Json.parse(Manifest.FILE + " of " + what, bytes(Manifest.FILE));
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
      Unpacked file = file(each.path());
      if (!file.digest().equals(reference.sha256()) || file.bytes() != reference.bytes()) {
        throw fault(each.path(), "has not the digest and size that the manifest gives it");
      }
      if (held.put(reference.sha256(), each) != null) {
        throw fault(each.path(), "is in the manifest twice");
      }
      ArtifactType type =
          Arrays.stream(ArtifactType.values())
              .filter(known -> known.label().equals(reference.artifact()))
              .findFirst()
              .orElseThrow(() ->
                  fault(each.path(), "is of the unknown type '" + reference.artifact() + "'"));
      label(reference);
      if (type.tensors()) {
        String taint =
            Safetensors.header(file.path(), what + ": '" + each.path() + "'")
                .metadata()
                .getOrDefault("taint", "");
        if (!taint.isEmpty()) {
          label(reference.sha256(), List.of(taint.split("; ")));
        }
      }
    }
    manifest.leftOut().forEach(this::label);
  }

  private StageRecord record(String name) {
    StageRecord record = read(name, StageRecord.class);
    if (!record.key().equals(Digest.of(Json.canonical(record.identity())))) {
      throw fault(name, "has a key that is not the digest of its identity");
    }
    record.outputs().values().forEach(this::label);
    return record;
  }

  private RunJournal.StageEntry stage(String name) {
    RunJournal.StageEntry stage = read(name, RunJournal.StageEntry.class);
    if (!name.equals("stages/" + stage.task() + ".json")) {
      throw fault(name, "is about task '" + stage.task() + "'");
    }
    stage.outputs().values().forEach(this::label);
    return stage;
  }

  /** The run, its records and its stages with every label that is known of what they refer to. */
  private RunJournal.Run run(RunJournal.Run given) {
    if (!given.run().equals(manifest.run()) || !given.run().matches("[A-Za-z0-9][A-Za-z0-9-]*")) {
      throw fault("run.json", "has the id '" + given.run() + "', not that of the manifest");
    }
    References.of(given.inputs()).values().forEach(this::label);
    records.replaceAll(record ->
        new StageRecord(
            record.key(),
            record.generation(),
            record.stage(),
            record.identity(),
            labelled(record.outputs())));
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
            labelled(stage.outputs()),
            stage.finished()));
    return new RunJournal.Run(
        given.run(),
        given.study(),
        given.title(),
        given.definition(),
        References.replaced(given.inputs(), this::labelled),
        given.code(),
        given.submitted(),
        given.verifies());
  }

  /** Every stage has its record, and no artifact belongs to none. */
  private void checkStages() {
    if (stages.isEmpty()) {
      throw fault("stages/", "is empty; expected the stages of the run");
    }
    var used = new HashSet<Digest>();
    References.of(run.inputs()).values().forEach(input -> used.add(input.sha256()));
    for (RunJournal.StageEntry stage : stages) {
      boolean recorded =
          records.stream()
              .anyMatch(record ->
                  record.key().equals(stage.key())
                      && record.generation() == stage.generation()
                      && record.outputs().equals(stage.outputs()));
      if (!recorded) {
        throw fault("stages/" + stage.task() + ".json", "has outputs that no record names");
      }
      stage.outputs().values().forEach(output -> used.add(output.sha256()));
    }
    held.forEach((digest, each) -> {
      if (!used.contains(digest)) {
        throw fault(each.path(), "belongs to no stage of the run");
      }
    });
  }

  private void label(Reference reference) {
    label(reference.sha256(), reference.taint());
  }

  private void label(Digest digest, List<String> taint) {
    var all = new LinkedHashSet<>(labels.getOrDefault(digest, List.of()));
    all.addAll(taint);
    labels.put(digest, List.copyOf(all));
  }

  private Reference labelled(Reference reference) {
    return new Reference(
        reference.artifact(),
        reference.sha256(),
        reference.bytes(),
        labels.getOrDefault(reference.sha256(), reference.taint()));
  }

  private Map<String, Reference> labelled(Map<String, Reference> outputs) {
    var labelled = new HashMap<String, Reference>();
    outputs.forEach((name, output) -> labelled.put(name, labelled(output)));
    return labelled;
  }

  private <T> T read(String name, Class<T> type) {
    return Json.read("'" + name + "' of " + what, bytes(name), type);
  }

  private String text(String name) {
    return new String(bytes(name), StandardCharsets.UTF_8);
  }

  private byte[] bytes(String name) {
    Unpacked file = file(name);
    if (file.bytes() > LARGEST_TEXT) {
      throw fault(name, "has " + file.bytes() + " bytes; expected at most " + LARGEST_TEXT);
    }
    try {
      return Files.readAllBytes(file.path());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Unpacked file(String name) {
    Unpacked file = archive.files().get(name);
    if (file == null) {
      throw new Mistake(
          what
              + " has no '"
              + name
              + "'; expected a bundle made by 'palimpsest export'. Nothing was imported.");
    }
    return file;
  }

  private Mistake fault(String name, String fault) {
    return new Mistake(what + ": '" + name + "' " + fault + "; nothing was imported.");
  }

  @Override
  public void close() {
    archive.close();
  }
}
