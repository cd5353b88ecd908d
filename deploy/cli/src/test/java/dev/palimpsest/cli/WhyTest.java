package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tasks.Code;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.RunJournal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WhyTest {
  private static final String FIRST = "0f1c5a2e-0001";
  private static final String SECOND = "7b2d9e41-0002";
  private static final String DEFINITION =
      """
      {"name": "small", "version": 1, "tasks": [
        {"name": "prepare-data", "taskReferenceName": "prepare", "type": "SIMPLE"},
        {"name": "train", "taskReferenceName": "task1", "type": "SIMPLE"},
        {"name": "evaluate", "taskReferenceName": "after", "type": "SIMPLE"},
        {"name": "summarise", "taskReferenceName": "table", "type": "SIMPLE"}]}
      """;

  @TempDir Path folder;
  private Bench bench;
  private RunJournal journal;
  private int second;

  @BeforeEach
  void twoRunsOfWhichTheSecondTrainedAtAnotherRateWithAnEditedSam() {
    bench = new Bench(folder);
    journal = new RunJournal(bench.store);
    run(FIRST);
    answered(FIRST, "prepare", "prepare-data", identity(1, 0.85, "imported"), "parts", false);
    answered(FIRST, "task1", "train", identity(1, 0.05, "parts"), "weights", false);
    answered(FIRST, "after", "evaluate", identity(0, 1, "weights"), "result", false);
    run(SECOND);
    answered(SECOND, "prepare", "prepare-data", identity(1, 0.85, "imported"), "parts", true);
    answered(SECOND, "task1", "train", identity(2, 0.1, "parts"), "weights 2", false);
    answered(SECOND, "after", "evaluate", identity(0, 1, "weights 2"), "result 2", false);
  }

  @Test
  void aStageIsToldWithEachPartOfItsKeyThatDiffers() {
    assertThat(bench.run("why", "7b2d", "task1")).isZero();
    assertThat(bench.out())
        .isEqualTo(
            """
            Task 'task1' of run 7b2d9e41 was computed: its key differs from the nearest
              earlier one, of run 0f1c5a2e.
              class dev.palimpsest.engine.Sam was edited
              parameter 'lr' was 0.05, is 0.1
            """);
  }

  @Test
  void anInputIsFollowedToTheTaskThatMadeIt() {
    assertThat(bench.run("why", "latest", "after")).isZero();
    assertThat(bench.out())
        .isEqualTo(
            """
            Task 'after' of run 7b2d9e41 was computed: its key differs from the nearest
              earlier one, of run 0f1c5a2e.
              input 'data' was %s, is %s, made by task 'task1':
                  class dev.palimpsest.engine.Sam was edited
                  parameter 'lr' was 0.05, is 0.1
            """
                .formatted(Digest.of("weights").brief(), Digest.of("weights 2").brief()));
  }

  @Test
  void aHitAndAStageWithoutAnAnswerAreToldSo() {
    assertThat(bench.run("why", SECOND, "prepare")).isZero();
    assertThat(bench.out())
        .isEqualTo(
            """
            Task 'prepare' of run 7b2d9e41 was not computed: its key is that of run
              0f1c5a2e.
            """);
    assertThat(bench.run("why", SECOND, "table")).isZero();
    assertThat(bench.out()).isEqualTo("Task 'table' of run 7b2d9e41 has no answer yet.\n");
  }

  @Test
  void withoutAStageEachHasALine() {
    assertThat(bench.run("why", "latest")).isZero();
    assertThat(bench.out().lines())
        .anySatisfy(
            line -> assertThat(line).matches("prepare +prepare-data +cached +from run 0f1c5a2e"))
        .anySatisfy(
            line -> assertThat(line).matches("task1 +train +computed +class Sam; parameter lr"))
        .anySatisfy(line -> assertThat(line).matches("after +evaluate +computed +follows task1"))
        .anySatisfy(line -> assertThat(line).matches("table +summarise +none yet *"))
        .contains("'palimpsest why 7b2d9e41 task1' tells all about one.")
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
  }

  @Test
  void machinesGetWholeIdsAndDigests() {
    assertThat(bench.run("why", "latest", "after", "--json")).isZero();
    var told = Json.parse("the answer", bench.out().getBytes(StandardCharsets.UTF_8));
    assertThat(told.at("/cause").asText()).isEqualTo("changed");
    assertThat(told.at("/earlier/run").asText()).isEqualTo(FIRST);
    assertThat(told.at("/differences/0/part").asText()).isEqualTo("input");
    assertThat(told.at("/differences/0/because/differences/1/name").asText()).isEqualTo("lr");
    assertThat(bench.run("why", "latest", "--json")).isZero();
    assertThat(Json.parse("answers", bench.out().getBytes(StandardCharsets.UTF_8))).hasSize(4);
  }

  @Test
  void aMisspeltTaskIsRefusedWithTheOneThatWasMeant() {
    assertThat(bench.run("why", "latest", "tsak1")).isEqualTo(2);
    assertThat(bench.err()).contains("unknown task 'tsak1'; did you mean 'task1'?");
    assertThat(bench.run("why", "ffff")).isEqualTo(2);
    assertThat(bench.err()).contains("Run 'ffff' is not in memory");
  }

  private void run(String id) {
    journal.write(
        new RunJournal.Run(
            id,
            "small",
            Json.parse("definition", DEFINITION.getBytes(StandardCharsets.UTF_8)),
            Json.object(),
            Map.of(),
            tick()));
  }

  private ObjectNode identity(int sam, double rate, String data) {
    var classes = new TreeMap<String, Digest>();
    classes.put("dev.palimpsest.engine.Sam", Digest.of("version " + sam));
    var code = new Code(classes, new TreeMap<>(), new TreeMap<>());
    new StoredLedger(bench.store, bench.artifacts).keep(code.digest(), code.manifest());
    ObjectNode identity = Json.object();
    identity.put("code", code.digest().hex());
    identity.set("parameters", Json.object().put("lr", rate));
    identity.set("inputs", Json.object().put("data", Digest.of(data).hex()));
    identity.put("seed", "1");
    identity.set("numerics", Json.tree(Numerics.PINNED_CPU));
    return identity;
  }

  private void answered(
      String run, String task, String stage, ObjectNode identity, String output, boolean cached) {
    identity.put("stage", stage);
    Digest key = Digest.of(Json.canonical(identity));
    var outputs = Map.of("made", new Reference("result", Digest.of(output), 1, List.of()));
    bench.store.put(
        "stages/" + key.hex() + "/0",
        Json.canonical(new StageRecord(key, 0, stage, identity, outputs)));
    journal.write(
        run,
        new RunJournal.StageEntry(
            task, stage, key, 0, cached, 1, 1, "worker", Map.of(), outputs, tick()));
  }

  private String tick() {
    return "2026-01-01T00:00:%02dZ".formatted(second++);
  }
}
