package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Json;
import dev.palimpsest.tasks.RunJournal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunsCommandTest {
  private static final String DONE = "0f1c5a2e-8f0b-4d0e-9a5f-3f6a9a1c7b11";
  private static final String FAILED = "0f1c77aa-0000-4d0e-9a5f-3f6a9a1c7b11";
  private static final String OPEN = "a0b1c2d3-8f0b-4d0e-9a5f-3f6a9a1c7b11";

  @TempDir Path folder;
  private Bench bench;

  @BeforeEach
  void threeRuns() {
    bench = new Bench(folder);
    submit(DONE, "durability-of-sequential-backdoors", "2020-01-01T00:00:00Z");
    submit(FAILED, "sbl-quickstart", "2020-01-02T00:00:00Z");
    submit(OPEN, "sbl-quickstart", "2020-01-03T00:00:00Z");
    end(DONE, RunJournal.Outcome.COMPLETED, "2020-01-01T01:02:03Z");
    end(FAILED, RunJournal.Outcome.FAILED, "2020-01-02T00:00:42Z");
  }

  private void submit(String run, String title, String time) {
    new RunJournal(bench.store)
        .write(
            new RunJournal.Run(
                run,
                "sbl",
                Optional.of(title),
                Json.object(),
                Json.object().put("seed", 7),
                Map.of(),
                time,
                Optional.empty()));
  }

  private void end(String run, RunJournal.Outcome outcome, String time) {
    new RunJournal(bench.store).write(run, new RunJournal.End(outcome, time, 17, 12));
  }

  @Test
  void runsAreListedNewestFirstWithinEightyColumns() {
    assertThat(bench.run("runs")).isZero();
    assertThat(bench.out().lines()).allMatch(line -> line.length() <= 80);
    assertThat(bench.out().lines().filter(line -> line.contains(" sbl ")))
        .satisfiesExactly(
            open -> assertThat(open).matches("a0b1c2d3 +sbl-quickstart +sbl +7 +unknown .*0/0"),
            failed ->
                assertThat(failed)
                    .matches("0f1c77aa +sbl-quickstart +sbl +7 +failed +2020-01-02 +0:42 +12/17"),
            done ->
                assertThat(done)
                    .matches(
                        "0f1c5a2e +durability-o.* sbl +7 +completed +2020-01-01 +1h02 +12/17"));
    assertThat(bench.err()).contains("no Conductor server can be asked");
  }

  @Test
  void runsAreFilteredAndCounted() {
    assertThat(bench.run("runs", "--failed")).isZero();
    assertThat(bench.out()).contains("failed").doesNotContain("completed", "unknown");
    assertThat(bench.run("runs", "--study", "sbl-quickstart", "-n", "1")).isZero();
    assertThat(bench.out()).contains("a0b1").doesNotContain("0f1c");
    assertThat(bench.run("runs", "--state", "completed,unknown")).isZero();
    assertThat(bench.out()).contains("completed", "unknown").doesNotContain("failed");
    assertThat(bench.run("runs", "--study", "none")).isZero();
    assertThat(bench.out()).isEqualTo("No such runs.\n");
    assertThat(bench.run("runs", "-n", "0")).isEqualTo(2);
  }

  @Test
  void jsonHasWholeIdsAndAllFields() {
    assertThat(bench.run("runs", "--json", "--failed")).isZero();
    var listed = Json.parse("runs", bench.out().getBytes(StandardCharsets.UTF_8));
    assertThat(listed).hasSize(1);
    assertThat(listed.get(0))
        .isEqualTo(
            Json.parse(
                "expected",
                """
                {"run": "%s", "study": "sbl-quickstart", "workflow": "sbl", "seed": "7",
                 "state": "failed", "submitted": "2020-01-02T00:00:00Z",
                 "ended": "2020-01-02T00:00:42Z", "seconds": 42.0, "stages": 17, "cached": 12}
                """
                    .formatted(FAILED)
                    .getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void commandsTakeTheBeginningOfAnId() {
    for (String[] command :
        new String[][] {
          {"status", "0f1c"},
          {"logs", "0f1c"},
          {"cancel", "0f1c"},
          {"artifacts", "ls", "0f1c"},
          {"artifacts", "get", "0f1c/a/b"}
        }) {
      assertThat(bench.run(command)).isEqualTo(2);
      assertThat(bench.err()).contains("'0f1c' may mean 2 runs");
    }
    assertThat(bench.run("artifacts", "ls", "latest")).isZero();
    assertThat(bench.out()).isEqualTo("No artifacts yet.\n");
  }
}
