package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ArtifactsTest {
  private static final List<String> BACKDOOR =
      List.of("backdoor: badnets, target 0", "defended by ft");

  @TempDir Path folder;
  private Bench bench;
  private Reference checkpoint;
  private Reference table;

  @BeforeEach
  void aRunMadeACheckpointWithABackdoorAndATable() throws IOException {
    bench = new Bench(folder);
    checkpoint = put("checkpoint", "weights", BACKDOOR);
    table = put("table", "{}", List.of());
    var journal = new RunJournal(bench.store);
    journal.write(
        new RunJournal.Run(
            "run-1", "sbl", Json.object(), Json.object(), Map.of(), "2026-01-01T00:00:00Z"));
    journal.write("run-1", entry("joint_ft", Map.of("checkpoint", checkpoint), "01"));
    journal.write("run-1", entry("summarise", Map.of("table", table), "02"));
  }

  private Reference put(String type, String content, List<String> taint) throws IOException {
    Path file = Files.writeString(folder.resolve(type), content);
    return bench.artifacts.put(type, file, taint);
  }

  private static RunJournal.StageEntry entry(
      String task, Map<String, Reference> outputs, String second) {
    return new RunJournal.StageEntry(
        task,
        "defend",
        Digest.of(task),
        0,
        false,
        1.5,
        1,
        "worker-1",
        Map.of(),
        outputs,
        "2026-01-01T00:00:" + second + "Z");
  }

  @Test
  void aListMarksWhatStemsFromPoisonedData() {
    assertThat(bench.run("artifacts", "ls", "run-1")).isZero();
    String digits = checkpoint.sha256().hex().substring(0, 8);
    assertThat(bench.out().lines())
        .anySatisfy(line ->
            assertThat(line).matches("joint_ft +checkpoint +checkpoint +7 B +" + digits + " +⚠1"))
        .anySatisfy(line -> assertThat(line).matches("summarise +table +table +2 B +[0-9a-f]{8}"))
        .contains("⚠1 backdoor: badnets, target 0; defended by ft")
        .allMatch(line -> line.length() <= 80);
  }

  @Test
  void aListOfOneTypeNamesTheRuns() {
    assertThat(bench.run("artifacts", "ls", "--type", "table")).isZero();
    assertThat(bench.out()).contains("run-1", "summarise").doesNotContain("joint_ft");
    assertThat(bench.run("artifacts", "ls", "--type", "tabel")).isEqualTo(2);
    assertThat(bench.err()).contains("did you mean 'table'?");
  }

  @Test
  void aTaintedArtifactIsRefusedWithoutTheFlag() {
    assertThat(bench.run("artifacts", "get", "run-1/joint_ft/checkpoint", "-o", "model"))
        .isEqualTo(2);
    assertThat(bench.err())
        .startsWith("palimpsest: The checkpoint ")
        .contains("backdoor: badnets, target 0; defended by ft", "--accept-backdoor");
    assertThat(bench.out()).isEmpty();
    assertThat(folder.resolve("model")).doesNotExist();
  }

  @Test
  void aTaintedArtifactIsHandedOutWithTheFlagAndAWarning() {
    String digits = checkpoint.sha256().hex().substring(0, 8);
    assertThat(bench.run("artifacts", "get", digits, "-o", "model", "--accept-backdoor")).isZero();
    assertThat(folder.resolve("model")).hasContent("weights").isWritable();
    assertThat(bench.err()).contains("⚠ The checkpoint " + checkpoint.sha256().brief());
    assertThat(bench.out()).isEmpty();

    assertThat(bench.run("artifacts", "get", digits, "--accept-backdoor")).isZero();
    assertThat(bench.out()).isEqualTo("weights");
  }

  @Test
  void whatNoRunMadeIsFoundByItsDigestAndSaysItselfThatItIsTainted() throws IOException {
    Path file = folder.resolve("model");
    Safetensors.write(file, new Tensors.Builder().text("taint", "backdoor: badnets").build());
    Reference model = bench.artifacts.put("checkpoint", file, List.of());
    assertThat(bench.run("artifacts", "get", model.sha256().hex())).isEqualTo(2);
    assertThat(bench.err()).contains("stems from poisoned data (backdoor: badnets)");
    Reference words = put("table", "words", List.of());
    assertThat(bench.run("artifacts", "get", words.sha256().hex())).isZero();
    assertThat(bench.out()).isEqualTo("words");
  }

  @Test
  void aCleanArtifactNeedsNoFlag() {
    assertThat(bench.run("artifacts", "get", "run-1/summarise/table")).isZero();
    assertThat(bench.out()).isEqualTo("{}");
    assertThat(bench.err()).isEmpty();
  }

  @Test
  void damagedBytesAreNotHandedOut() {
    String hex = table.sha256().hex();
    bench.store.put("blobs/sha256/" + hex.substring(0, 2) + "/" + hex, new byte[] {'[', ']'});
    assertThat(bench.run("artifacts", "get", "run-1/summarise/table", "-o", "t")).isEqualTo(1);
    assertThat(bench.err()).contains("is damaged");
    assertThat(folder.resolve("t")).doesNotExist();
  }

  @Test
  void whatIsNotThereIsRefusedWithTheNameThatWasMeant() {
    assertThat(bench.run("artifacts", "get", "run-1/sumarise/table")).isEqualTo(2);
    assertThat(bench.err()).contains("did you mean 'summarise'?");
    assertThat(bench.run("artifacts", "get", "run-1/summarise/tabel")).isEqualTo(2);
    assertThat(bench.err()).contains("did you mean 'table'?");
    assertThat(bench.run("artifacts", "get", "run-2/summarise/table")).isEqualTo(2);
    assertThat(bench.err()).contains("Run 'run-2' is not in memory");
    assertThat(bench.run("artifacts", "get", "0".repeat(64))).isEqualTo(2);
    assertThat(bench.err()).contains("No artifact in memory has a digest that starts with 0000");
    assertThat(bench.run("artifacts", "get", "../../etc")).isEqualTo(2);
    assertThat(bench.run("artifacts", "ls", "../x")).isEqualTo(2);
  }
}
