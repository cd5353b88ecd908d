package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tasks.RunJournal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Removing runs, and what nothing refers to. */
final class HousekeepingTest {
  private static final String DONE = "0f1c5a2e-8f0b-4d0e-9a5f-3f6a9a1c7b11";
  private static final String FAILED = "b1c77aa0-8f0b-4d0e-9a5f-3f6a9a1c7b11";
  private static final String OPEN = "a0b1c2d3-8f0b-4d0e-9a5f-3f6a9a1c7b11";

  @TempDir Path folder;
  private Instant now = Instant.now().minus(Duration.ofDays(40));
  private Bench bench;
  private RunJournal journal;
  private Reference shared;
  private Reference own;

  @BeforeEach
  void threeRunsOfFortyDaysAgo() throws IOException {
    bench = new Bench(folder, () -> now);
    journal = new RunJournal(bench.store);
    shared = put("dataset", "images");
    own = put("checkpoint", "weights");
    run(DONE, Optional.of(RunJournal.Outcome.COMPLETED), Map.of("a", shared));
    run(FAILED, Optional.of(RunJournal.Outcome.FAILED), Map.of("a", shared, "b", own));
    run(OPEN, Optional.empty(), Map.of());
    now = Instant.now();
  }

  private Reference put(String type, String content) throws IOException {
    return bench.artifacts.put(type, Files.writeString(folder.resolve(type), content), List.of());
  }

  private void run(
      String run, Optional<RunJournal.Outcome> outcome, Map<String, Reference> outputs) {
    journal.write(
        new RunJournal.Run(
            run,
            "sbl",
            Optional.of("study"),
            Json.object(),
            Json.object(),
            Map.of(),
            now.toString(),
            Optional.empty()));
    outputs.forEach((task, reference) -> {
      Digest key = Digest.of(task);
      var record = new StageRecord(key, 0, "train", Json.object(), Map.of("out", reference));
      new StoredLedger(bench.store, bench.artifacts).publish(record);
      journal.write(
          run,
          new RunJournal.StageEntry(
              task, "train", key, 0, false, 1, 1, "w", Map.of(), record.outputs(), now.toString()));
    });
    outcome.ifPresent(each -> journal.write(run, new RunJournal.End(each, now.toString(), 2, 0)));
  }

  @Test
  void aRunIsRemovedAndWhatItMadeStaysUntilItIsCollected() {
    assertThat(bench.run("rm", "b1c7")).isZero();
    assertThat(bench.out()).contains("b1c77aa0", "Removed 1 run;");
    assertThat(journal.runs()).doesNotContain(FAILED).hasSize(2);
    assertThat(bench.artifacts.present(own)).isTrue();

    assertThat(bench.run("gc", "--dry-run")).isZero();
    assertThat(bench.out().lines())
        .anyMatch(line -> line.matches("checkpoint +1 +7 B"))
        .anyMatch(line -> line.matches("stage record +1 .*"))
        .anyMatch(line -> line.matches("together +2 .*"))
        .allMatch(line -> line.length() <= 80);
    assertThat(bench.artifacts.present(own)).isTrue();

    assertThat(bench.run("gc", "--grace", "50d")).isZero();
    assertThat(bench.out()).startsWith("Nothing to remove");
    assertThat(bench.run("gc")).isZero();
    assertThat(bench.out()).contains("removed");
    assertThat(bench.artifacts.present(own)).isFalse();
    assertThat(bench.artifacts.present(shared)).isTrue();
  }

  @Test
  void roomIsToldByRunByTypeAndForWhatNothingRefersTo() throws IOException {
    now = now.minus(Duration.ofMinutes(1));
    put("figure", "of nobody");
    now = Instant.now();
    assertThat(bench.run("du", "--home", Files.createDirectories(folder.resolve("h")).toString()))
        .isZero();
    assertThat(bench.out().lines())
        .anyMatch(line -> line.matches("b1c77aa0 +study +7 B +6 B"))
        .anyMatch(line -> line.matches("0f1c5a2e +study +0 B +6 B"))
        .anyMatch(line -> line.matches("checkpoint +1 +7 B"))
        .anyMatch(line -> line.matches("dataset +1 +6 B"))
        .anyMatch(line -> line.matches("unreferenced +1 +9 B"))
        .allMatch(line -> line.length() <= 80);
    Path home = folder.resolve("h");
    Files.write(Files.createDirectories(home.resolve("conductor")).resolve("db"), new byte[1500]);
    assertThat(bench.run("du", "--json", "-n", "1", "--home", home.toString())).isZero();
    var told = Json.parse("du", bench.out().getBytes(StandardCharsets.UTF_8));
    assertThat(told.at("/runs/0/run").asText()).isEqualTo(FAILED);
    assertThat(told.at("/runs")).hasSize(1);
    assertThat(told.at("/types/dataset/bytes").asLong()).isEqualTo(6);
    assertThat(told.at("/disk/conductor").asLong()).isEqualTo(1500);
  }

  @Test
  void runsAreRemovedByAgeAndByFailureButNotWhileTheyMayGoOn() {
    assertThat(bench.run("rm", "--failed", "--older-than", "41d")).isZero();
    assertThat(bench.out()).isEqualTo("No such runs.\n");
    assertThat(bench.run("rm", "--failed")).isZero();
    assertThat(journal.runs()).containsExactlyInAnyOrder(DONE, OPEN);
    assertThat(bench.run("rm", "--older-than", "30d")).isZero();
    assertThat(journal.runs()).containsExactly(OPEN);
    assertThat(bench.run("rm", "a0b1")).isEqualTo(2);
    assertThat(bench.err()).contains("Run " + OPEN + " may go on once Conductor runs");
    assertThat(journal.runs()).containsExactly(OPEN);
  }

  @Test
  void aPinnedRunStaysUntilItIsUnpinned() {
    assertThat(bench.run("note", "b1c7", "--pin", "--tag", "Paper", "--text", "of\nfigure 3"))
        .isZero();
    assertThat(bench.out())
        .isEqualTo("Run    " + FAILED + ", pinned\nTags   paper\nNotes  of\n       figure 3\n");
    assertThat(bench.run("rm", FAILED)).isEqualTo(2);
    assertThat(bench.err())
        .contains(
            "Run " + FAILED + " is pinned; unpin it first: 'palimpsest note b1c77aa0 --unpin'");
    assertThat(bench.run("rm", "--failed")).isZero();
    assertThat(bench.out()).isEqualTo("No such runs.\n");
    assertThat(bench.run("gc", "--grace", "1d")).isZero();
    assertThat(bench.artifacts.present(own)).isTrue();

    assertThat(bench.run("note", "b1c7", "--unpin", "--untag", "paper", "--text", "")).isZero();
    assertThat(bench.out()).isEqualTo("Run    " + FAILED + "\nTags   -\nNotes  -\n");
    assertThat(bench.run("rm", "--failed")).isZero();
    assertThat(journal.runs()).doesNotContain(FAILED);
    assertThat(bench.run("note", "0f1c", "--pin", "--unpin")).isEqualTo(2);
    assertThat(bench.run("note", "0f1c", "--tag", "a b")).isEqualTo(2);
    assertThat(bench.err()).contains("The tag 'a b' is none; expected");
  }

  @Test
  void removingIsAskedForAtATerminal() {
    bench.terminal = new Terminal(true, false, 80, 24);
    bench.answer = "n";
    assertThat(bench.run("rm", DONE, "b1c7")).isZero();
    assertThat(bench.out()).contains("Remove 2 runs? [y/N] ", "Nothing is removed.");
    assertThat(journal.runs()).hasSize(3);
    bench.answer = "y";
    assertThat(bench.run("rm", DONE)).isZero();
    bench.answer = "";
    assertThat(bench.run("rm", "--yes", FAILED)).isZero();
    assertThat(journal.runs()).containsExactly(OPEN);
  }

  @Test
  void whatIsAmbiguousOrNoTimeIsRefused() {
    assertThat(bench.run("rm")).isEqualTo(2);
    assertThat(bench.err()).contains("No run is given");
    assertThat(bench.run("rm", DONE, "--failed")).isEqualTo(2);
    assertThat(bench.err()).contains("expected one or the other");
    assertThat(bench.run("rm", "--older-than", "soon")).isEqualTo(2);
    assertThat(bench.err()).contains("--older-than is 'soon'; expected a time such as 30d");
    assertThat(bench.run("gc", "--grace", "1")).isEqualTo(2);
    assertThat(bench.err()).contains("--grace is '1'");
  }
}
