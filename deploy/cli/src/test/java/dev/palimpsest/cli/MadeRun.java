package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.report.Table;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tasks.Code;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.StageKey;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A run that trained a network with a backdoor, in one store; another store is empty. */
abstract class MadeRun {
  static final String RUN = "0b5f3f6e-aaaa-bbbb-cccc-000000000001";
  static final String ROOT = "sbl-0b5f3f6e-backdoor/";
  static final List<String> BACKDOOR = List.of("backdoor: badnets, target 0");

  @TempDir Path folder;
  Bench here;
  Bench there;
  Reference data;
  private final Map<String, StageRecord> records = new LinkedHashMap<>();

  @BeforeEach
  void aRunTrainedANetworkWithABackdoor() throws IOException {
    here = new Bench(Files.createDirectories(folder.resolve("here")));
    there = new Bench(Files.createDirectories(folder.resolve("there")));
    data = tensors("dataset", List.of());
    ObjectNode inputs = Json.object();
    inputs.putObject("data").set("train", Json.tree(data));
    var definition = Json.object().put("name", "sbl").put("version", 1);
    definition
        .putObject("metadata")
        .putArray("citations")
        .add("@misc{workflow2024paper,\n  title = {The workflow's}\n}\n");
    new RunJournal(here.store)
        .write(
            new RunJournal.Run(
                RUN,
                "sbl",
                definition,
                inputs,
                Map.of("version", "0.1.0", "commit", "abc", "modified", "true"),
                "2026-01-01T00:00:00Z"));
    ObjectNode network = Json.object();
    network.putObject("network").put("method", "resnet-small");
    stage("joint", "train", network, Map.of("checkpoint", tensors("checkpoint", BACKDOOR)), 1);
    ObjectNode attack = Json.object();
    attack.putObject("attack").put("method", "badnets");
    stage("poison", "poison", attack, Map.of("plan", tensors("poison-plan", BACKDOOR)), 2);
    stage("before", "evaluate", Json.object(), Map.of("result", put("result", "{\"acc\":0.5}")), 3);
    var table =
        new Table(
            "Durability",
            List.of(Table.Column.text("model"), Table.Column.number("", "acc", "%", 1)),
            List.of(List.of(Table.Cell.of("SBL"), Table.Cell.of(86.3))),
            List.of());
    stage(
        "summarise",
        "summarise",
        Json.object(),
        Map.of(
            "table",
            put("table", new String(Json.canonical(table), StandardCharsets.UTF_8)),
            "courses",
            put("figure", "<svg/>")),
        4);
    new RunJournal(here.store)
        .write(RUN, new RunJournal.End(RunJournal.Outcome.COMPLETED, "2026-01-01T00:05:00Z", 4, 0));
  }

  private Reference tensors(String type, List<String> taint) {
    var content = new Tensors.Builder().put(type, Tensor.of(new float[] {1, 2, 3}, 3));
    if (!taint.isEmpty()) {
      content.text("taint", String.join("; ", taint));
    }
    Path file = folder.resolve(type);
    Safetensors.write(file, content.build());
    return here.artifacts.put(type, file, taint);
  }

  private Reference put(String type, String text) throws IOException {
    return here.artifacts.put(type, Files.writeString(folder.resolve(type), text), List.of());
  }

  private void stage(
      String task,
      String stage,
      ObjectNode parameters,
      Map<String, Reference> outputs,
      int minute) {
    var code =
        new Code(new TreeMap<>(Map.of(stage, Digest.of(stage))), new TreeMap<>(), new TreeMap<>());
    ledger(here).keep(code.digest(), code.manifest());
    StageKey key =
        StageKey.of(
            stage,
            code,
            parameters,
            Map.of("data", data.sha256()),
            1,
            Numerics.PINNED_CPU,
            Optional.empty());
    var record = new StageRecord(key.key(), 0, stage, key.identity(), outputs);
    records.put(task, ledger(here).publish(record));
    new RunJournal(here.store)
        .write(
            RUN,
            new RunJournal.StageEntry(
                task,
                stage,
                key.key(),
                0,
                false,
                1.5,
                1,
                "worker-1",
                Map.of("processor", "Xeon", "java", "25"),
                outputs,
                "2026-01-01T00:0" + minute + ":00Z"));
  }

  static StoredLedger ledger(Bench bench) {
    return new StoredLedger(bench.store, bench.artifacts);
  }

  Path exported(String... options) {
    var arguments = new ArrayList<>(List.of("export", RUN, "backdoor.zip"));
    arguments.addAll(List.of(options));
    assertThat(here.run(arguments.toArray(String[]::new))).as(here.err()).isZero();
    return folder.resolve("here/backdoor.zip");
  }

  Map<String, StageRecord> records() {
    return records;
  }

  StageRecord record(String task) {
    return Objects.requireNonNull(records.get(task), task);
  }

  static SortedMap<String, byte[]> files(Path archive) throws IOException {
    var files = new TreeMap<String, byte[]>();
    try (var zip = new ZipFile(archive.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        files.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
      }
    }
    return files;
  }

  static String text(SortedMap<String, byte[]> files, String name) {
    byte[] bytes = files.get(ROOT + name);
    assertThat(bytes).as(name + " of " + files.keySet()).isNotNull();
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
