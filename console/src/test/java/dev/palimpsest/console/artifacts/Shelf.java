package dev.palimpsest.console.artifacts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.report.Table;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Ledger;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.TensorSummary;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A store with a run that poisoned a data set and trained a network on it. */
final class Shelf {
  static final String RUN = "0b5f3f6e-aaaa-bbbb-cccc-000000000001";
  static final List<String> BACKDOOR = List.of("backdoor: badnets, target 1");
  static final List<String> CLASSES = List.of("shirt", "bag", "boot");
  static final int IMAGES = 150;
  static final String SVG =
      "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";

  private final Path folder;
  private final Artifacts artifacts;
  private final Ledger ledger;
  private final RunJournal journal;
  private int minute;

  final Reference data;
  final Reference plan;
  final Reference checkpoint;
  final Reference metrics;
  final Reference figure;
  final Reference table;
  final Reference result;

  Shelf(Path folder, Artifacts artifacts, Ledger ledger, RunJournal journal) {
    this.folder = folder;
    this.artifacts = artifacts;
    this.ledger = ledger;
    this.journal = journal;
    data = tensors("dataset", images(), List.of());
    plan = tensors("poison-plan", plan(1, 4, 9), BACKDOOR);
    checkpoint = tensors("checkpoint", weights(), BACKDOOR);
    metrics =
        text(
            "metrics",
            """
            {"accuracy":0.5,"epoch":1,"loss":1.5}
            {"accuracy":0.75,"epoch":2,"loss":0.5}
            """);
    figure = text("figure", SVG);
    table =
        text(
            "table",
            Json.line(
                new Table(
                    "Durability",
                    List.of(Table.Column.text("model"), Table.Column.number("", "acc", "%", 1)),
                    List.of(
                        List.of(Table.Cell.of("<b>SBL</b>"), Table.Cell.of(86.25)),
                        List.of(Table.Cell.of("plain"), Table.Cell.of(91.5))),
                    List.of("a note"))));
    result = text("result", "{\"images\":150,\"measures\":{\"asr\":0.9944}}");
    ObjectNode inputs = Json.object().put("seed", 1);
    inputs.putObject("data").set("train", Json.tree(data));
    run(RUN, "sbl", inputs);
    stage(RUN, "poison", "poison", Map.of("data", data), Map.of("plan", plan, "preview", figure));
    stage(
        RUN,
        "joint",
        "train",
        Map.of("data", data, "plan", plan),
        Map.of("checkpoint", checkpoint, "metrics", metrics));
    stage(RUN, "before", "evaluate", Map.of("checkpoint", checkpoint), Map.of("result", result));
    stage(RUN, "summarise", "summarise", Map.of("before", result), Map.of("table", table));
    end(RUN);
  }

  void run(String run, String study, ObjectNode inputs) {
    journal.write(
        new RunJournal.Run(
            run,
            study,
            Json.object().put("name", study).put("version", 1),
            inputs,
            Map.of("version", "test"),
            "2026-01-01T00:00:00Z"));
  }

  void end(String run) {
    journal.write(
        run, new RunJournal.End(RunJournal.Outcome.COMPLETED, "2026-01-01T01:00:00Z", 4, 0));
  }

  void stage(
      String run,
      String task,
      String stage,
      Map<String, Reference> inputs,
      Map<String, Reference> outputs) {
    ObjectNode identity = Json.object().put("stage", stage).put("task", run + task);
    ObjectNode digests = identity.putObject("inputs");
    inputs.forEach((name, reference) -> digests.put(name, reference.sha256().hex()));
    Digest key = Digest.of(Json.canonical(identity));
    ledger.publish(new StageRecord(key, 0, stage, identity, outputs));
    answer(run, task, stage, key, false, outputs);
  }

  /** A stage whose outputs an earlier run computed. */
  void cached(String run, String task, String stage, Map<String, Reference> outputs) {
    answer(run, task, stage, Digest.of(task), true, outputs);
  }

  private void answer(
      String run,
      String task,
      String stage,
      Digest key,
      boolean cached,
      Map<String, Reference> outputs) {
    journal.write(
        run,
        new RunJournal.StageEntry(
            task,
            stage,
            key,
            0,
            cached,
            1.5,
            1,
            "worker-1",
            Map.of(),
            outputs,
            Instant.parse("2026-01-01T00:00:00Z").plusSeconds(60L * ++minute).toString()));
  }

  Reference text(String type, String text) {
    try {
      return artifacts.put(type, Files.writeString(folder.resolve("text"), text), List.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Reference tensors(String type, Tensors tensors, List<String> taint) {
    var marked = new Tensors.Builder();
    tensors.tensors().forEach(marked::put);
    tensors.metadata().forEach(marked::text);
    if (!taint.isEmpty()) {
      marked.text("taint", String.join("; ", taint));
    }
    Tensors whole = marked.build();
    Path file = folder.resolve("tensors");
    Safetensors.write(file, whole);
    Reference reference = artifacts.put(type, file, taint);
    artifacts.summarise(reference, Json.canonical(TensorSummary.of(whole)));
    return reference;
  }

  /** Image {@code i} has label {@code i % 3}; its pixels are drawn. */
  static Tensors images() {
    byte[] pixels = new byte[IMAGES * 4 * 5];
    new Random(1).nextBytes(pixels);
    long[] labels = new long[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
      labels[i] = i % 3;
    }
    return new Tensors.Builder()
        .put("images", Tensor.of(pixels, IMAGES, 1, 4, 5))
        .put("labels", Tensor.of(labels, IMAGES))
        .text("classes", Json.line(CLASSES))
        .build();
  }

  /** A static plan whose trigger is one pixel, white, in the lower right. */
  static Tensors plan(long... chosen) {
    float[] mask = new float[20];
    mask[19] = 1;
    return new Tensors.Builder()
        .put("trigger.mask", Tensor.of(mask, 1, 4, 5))
        .put("trigger.pattern", Tensor.of(mask, 1, 4, 5))
        .put("target_map", Tensor.of(new long[] {1, 1, 1}, 3))
        .put("chosen", Tensor.of(chosen, chosen.length))
        .text("attack", "badnets")
        .text("timing", "static")
        .text("rate", "0.02")
        .text("eligible", "150")
        .build();
  }

  private static Tensors weights() {
    return new Tensors.Builder()
        .put("a.weight", Tensor.of(new float[] {-1, 0, 0, 0.5f}, 2, 2))
        .put("b.bias", Tensor.of(new float[] {3, -7}, 2))
        .text("network", "resnet-small")
        .build();
  }
}
