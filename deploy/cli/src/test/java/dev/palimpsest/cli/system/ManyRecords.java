package dev.palimpsest.cli.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.SideBySide;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.storage.StoredArtifacts;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.RunJournal.StageEntry;
import dev.palimpsest.tasks.RunNotes;
import dev.palimpsest.tasks.RunNotes.Notes;
import dev.palimpsest.tasks.TensorSummary;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * Fills a store with runs like one that ran: the same records, written the same way, with documents
 * and small checkpoints of their own. Data sets are shared, as they are between real runs.
 */
final class ManyRecords {
  private final StoredArtifacts artifacts;
  private final StoredLedger ledger;
  private final RunJournal journal;
  private final RunNotes notes;
  private final RunJournal.Run like;
  private final List<StageEntry> stages;
  private final Map<String, JsonNode> identities = new HashMap<>();
  private final Map<Digest, Map<String, String>> metadata = new ConcurrentHashMap<>();
  private final Map<Digest, String> documents = new ConcurrentHashMap<>();

  /**
   * @param run one that has ended
   */
  ManyRecords(LocalSystem system, String run) {
    this.artifacts = system.artifacts();
    this.ledger = system.ledger();
    this.journal = system.journal();
    this.notes = new RunNotes(system.store());
    this.like = journal.run(run).orElseThrow();
    this.stages = journal.stages(run);
    stages.forEach(
        stage -> identities.put(stage.task(), ledger.newest(stage.key()).orElseThrow().identity()));
  }

  /**
   * Writes so many runs, the newest a minute ago; every tenth is tagged, every hundredth pinned.
   *
   * @return their ids, the newest first
   */
  List<String> write(int runs) {
    Instant now = Instant.now();
    return SideBySide.map(
        IntStream.range(0, runs).boxed().toList(),
        number -> write(number, now.minus(Duration.ofMinutes(number + 1L))));
  }

  private String write(int number, Instant submitted) {
    String run =
        UUID.nameUUIDFromBytes(("run" + number).getBytes(StandardCharsets.UTF_8)).toString();
    ObjectNode inputs = like.inputs().deepCopy();
    for (StageEntry stage : stages) {
      Digest key = Digest.of(run + stage.task());
      SortedMap<String, Reference> outputs = new TreeMap<>();
      stage.outputs().forEach((name, output) -> outputs.put(name, own(output, number)));
      ledger.publish(
          new StageRecord(
              key,
              0,
              stage.stage(),
              identities.getOrDefault(stage.task(), Json.object()),
              outputs));
      journal.write(
          run,
          new StageEntry(
              stage.task(),
              stage.stage(),
              key,
              0,
              number % 3 == 0,
              stage.seconds(),
              1,
              stage.worker(),
              stage.environment(),
              outputs,
              submitted.plusSeconds(20).toString()));
    }
    journal.write(
        new RunJournal.Run(
            run,
            like.study(),
            like.title(),
            like.definition(),
            inputs.put("seed", number),
            like.code(),
            submitted.toString(),
            like.verifies()));
    journal.write(
        run,
        new RunJournal.End(
            number % 20 == 19 ? RunJournal.Outcome.FAILED : RunJournal.Outcome.COMPLETED,
            submitted.plusSeconds(40).toString(),
            stages.size(),
            0));
    if (number % 10 == 0) {
      notes.write(run, new Notes("number " + number, List.of("tenth"), number % 100 == 0));
    }
    return run;
  }

  /** Like the artifact, with bytes of its own; data sets and memories are the same for all. */
  private Reference own(Reference output, int number) {
    ArtifactType type = ArtifactType.of(output.artifact());
    if (type == ArtifactType.DATASET || type == ArtifactType.MEMORY) {
      return output;
    }
    try {
      Path file = Files.createTempFile("palimpsest-many", "");
      try {
        if (type.tensors()) {
          Safetensors.write(file, small(output, number));
        } else {
          Files.writeString(file, document(type, output, number));
        }
        Reference own = artifacts.put(output.artifact(), file, output.taint());
        if (type.tensors()) {
          Tensors made = small(output, number);
          artifacts.summarise(own, Json.canonical(TensorSummary.of(made)));
        }
        return own;
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A few weights, with what the file tells of itself. */
  private Tensors small(Reference output, int number) {
    Map<String, String> told =
        metadata.computeIfAbsent(
            output.sha256(),
            digest -> Safetensors.header(artifacts.fetch(output), "an artifact").metadata());
    var builder = new Tensors.Builder();
    told.forEach(builder::text);
    return builder.put("head.weight", Tensor.of(new float[] {number, 1, 2, 3}, 2, 2)).build();
  }

  private String document(ArtifactType type, Reference output, int number) {
    String text =
        documents.computeIfAbsent(
            output.sha256(),
            digest -> {
              try {
                return Files.readString(artifacts.fetch(output));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    return type == ArtifactType.FIGURE
        ? text.replaceFirst("</svg>\\s*$", "<!-- " + number + " --></svg>\n")
        : text + " ".repeat(number) + "\n";
  }
}
