package dev.palimpsest.cli.bundle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.cli.bundle.Manifest.Holds;
import dev.palimpsest.report.CsvTable;
import dev.palimpsest.report.LatexTable;
import dev.palimpsest.report.MarkdownTable;
import dev.palimpsest.report.Table;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Ledger;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.RunNotes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** A run, gathered from its store, to be written as one archive. */
public final class Export {
  private final RunJournal.Run run;
  private final Optional<RunJournal.End> end;
  private final List<RunJournal.StageEntry> entries;
  private final RunNotes.Notes notes;
  private final SortedMap<String, StageRecord> records = new TreeMap<>();

  /** What the digests of code in the records stand for, by path. */
  private final SortedMap<String, byte[]> code = new TreeMap<>();

  private final Holds holds;

  /** By digest: the first path that an artifact has. */
  private final Map<Digest, Manifest.Held> held = new LinkedHashMap<>();

  private final Set<Reference> leftOut = new LinkedHashSet<>();

  private Export(RunJournal journal, String run, Holds holds) {
    this.run = journal.run(run).orElseThrow();
    this.end = journal.end(run);
    this.entries = journal.stages(run);
    // What is kept where it goes is decided there.
    this.notes = journal.notes().of(run).pinned(false);
    this.holds = holds;
  }

  /**
   * Gathers a run's records; its artifacts are fetched when it is written.
   *
   * @param run the id of a run in the journal
   * @param withoutCheckpoints leaves the checkpoints out
   * @param onlyResults leaves every artifact out that holds tensors
   * @throws Failure if a record is lost
   */
  public static Export of(
      RunJournal journal,
      String run,
      Ledger ledger,
      boolean withoutCheckpoints,
      boolean onlyResults) {
    Holds holds =
        onlyResults ? Holds.RESULTS : withoutCheckpoints ? Holds.NO_CHECKPOINTS : Holds.EVERYTHING;
    var export = new Export(journal, run, holds);
    if (export.run.verifies().isPresent()) {
      throw new Mistake(
          "Run "
              + run
              + " is a verification, which every store makes itself; expected the run that it"
              + " verifies: "
              + export.run.verifies().get()
              + ".");
    }
    if (export.entries.isEmpty()) {
      throw new Mistake("Run " + run + " has no finished stage yet; nothing to export.");
    }
    for (RunJournal.StageEntry entry : export.entries) {
      StageRecord record =
          ledger.generations(entry.key()).stream()
              .filter(each -> each.generation() == entry.generation())
              .findFirst()
              .orElseThrow(() ->
                  new Failure(
                      "The record of task '"
                          + entry.task()
                          + "' is lost; run the study again to compute it anew."));
      export.records.put("records/" + entry.key() + "-" + entry.generation() + ".json", record);
      var code = new Digest(record.identity().path("code").asText());
      ledger.code(code).ifPresent(bytes -> export.code.put("code/" + code + ".json", bytes));
      new TreeMap<>(entry.outputs())
          .forEach((name, output) -> export.hold(path(entry.task(), name, output), output));
    }
    References.of(export.run.inputs())
        .forEach((path, input) -> export.hold("inputs/" + path + ending(input), input));
    return export;
  }

  private void hold(String path, Reference reference) {
    boolean tensors = type(reference).map(ArtifactType::tensors).orElse(true);
    boolean checkpoint = reference.artifact().equals(ArtifactType.CHECKPOINT.label());
    boolean taken =
        switch (holds) {
          case EVERYTHING -> true;
          case NO_CHECKPOINTS -> !checkpoint;
          case RESULTS -> !tensors;
        };
    if (!taken) {
      leftOut.add(reference);
    } else if (!held.containsKey(reference.sha256())) {
      held.put(reference.sha256(), new Manifest.Held(path, reference));
    }
  }

  private static Optional<ArtifactType> type(Reference reference) {
    return Arrays.stream(ArtifactType.values())
        .filter(type -> type.label().equals(reference.artifact()))
        .findFirst();
  }

  private static String path(String task, String output, Reference reference) {
    String folder =
        switch (reference.artifact()) {
          case "table" -> "tables";
          case "figure" -> "figures";
          case "checkpoint" -> "checkpoints";
          case "dataset" -> "data";
          case "poison-plan" -> "poison-plans";
          case "result" -> "results";
          default -> reference.artifact();
        };
    return folder + "/" + task + "-" + output + ending(reference);
  }

  private static String ending(Reference reference) {
    return switch (reference.artifact()) {
      case "table", "result" -> ".json";
      case "figure" -> ".svg";
      case "metrics" -> ".jsonl";
      default -> ".safetensors";
    };
  }

  /** Every reason why something in it must be handled with care; empty if nothing must. */
  public List<String> taint() {
    return held.values().stream()
        .flatMap(each -> each.artifact().taint().stream())
        .distinct()
        .sorted()
        .toList();
  }

  /** The folder within the archive, and the archive's name where none is given. */
  public String name() {
    return run.study()
        + "-"
        + run.run().substring(0, Math.min(8, run.run().length()))
        + (taint().isEmpty() ? "" : "-backdoor");
  }

  /** How many stages of the run are in it. */
  public int stages() {
    return entries.size();
  }

  /**
   * Writes the archive as a whole or not at all; its size in bytes.
   *
   * @throws Failure if an artifact is lost or damaged, or the file cannot be written
   */
  public long write(Path target, Artifacts artifacts, Catalogue catalogue) {
    var archive = new ArchiveWriter();
    var tables = new ArrayList<Table>();
    held.forEach((digest, each) -> {
      Path file = artifacts.fetch(each.artifact());
      archive.add(each.path(), file, digest);
      if (each.artifact().artifact().equals(ArtifactType.TABLE.label())) {
        Table table = Json.read("table " + each.path(), bytes(file), Table.class);
        String stem = each.path().replaceFirst("\\.json$", "");
        archive.add(stem + ".md", MarkdownTable.render(table));
        archive.add(stem + ".csv", CsvTable.render(table));
        archive.add(stem + ".tex", LatexTable.render(table));
        tables.add(table);
      }
    });
    archive.add("run.json", Json.pretty(run));
    end.ifPresent(ended -> archive.add("end.json", Json.pretty(ended)));
    if (!notes.equals(RunNotes.Notes.NONE)) {
      archive.add("notes.json", Json.pretty(notes));
    }
    code.forEach((path, bytes) -> archive.add(path, new String(bytes, StandardCharsets.UTF_8)));
    archive.add("definition.json", Json.pretty(run.definition()));
    archive.add("study.json", Json.pretty(study()));
    for (RunJournal.StageEntry entry : entries) {
      archive.add("stages/" + entry.task() + ".json", Json.pretty(entry));
    }
    records.forEach((path, record) -> archive.add(path, Json.pretty(record)));
    archive.add("citations.bib", Bibliography.of(catalogue, run.definition(), records.values()));
    Manifest manifest = manifest();
    archive.add(Manifest.FILE, Json.pretty(manifest));
    archive.add("README.md", Readme.of(manifest, run, entries, tables));
    return archive.write(name(), target);
  }

  private Manifest manifest() {
    return new Manifest(
        Manifest.FORMAT,
        Manifest.VERSION,
        run.run(),
        run.study(),
        holds,
        taint(),
        List.copyOf(held.values()),
        List.copyOf(leftOut));
  }

  /** The run as a study: with the bundle imported, it can be run from the unpacked archive. */
  private ObjectNode study() {
    ObjectNode study = Json.object();
    study.put("study", run.study());
    study.put("about", "Run " + run.run() + " again");
    study.put("workflow", "definition.json");
    study.set("inputs", run.inputs());
    return study;
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
