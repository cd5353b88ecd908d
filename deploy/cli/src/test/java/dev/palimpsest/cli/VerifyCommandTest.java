package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.report.TextTable;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tensors.SafetensorsHeader;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.TensorDifference;
import dev.palimpsest.workflows.OutputDifference;
import dev.palimpsest.workflows.OutputDifference.Place;
import dev.palimpsest.workflows.Verification;
import dev.palimpsest.workflows.Verification.Compared;
import dev.palimpsest.workflows.Verification.State;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a verification refuses, and how it tells what it found. */
final class VerifyCommandTest {
  @TempDir Path folder;

  @Test
  void whatCannotBeVerifiedIsRefusedBeforeAnythingStarts() {
    var bench = new Bench(folder);
    var journal = new RunJournal(bench.store);
    journal.write(run("empty-run", Optional.empty()));
    journal.write(run("again", Optional.of("first")));
    assertThat(bench.run("verify", "none")).isEqualTo(2);
    assertThat(bench.err()).contains("Run 'none' is not in memory");
    assertThat(bench.run("verify", "empty-run")).isEqualTo(2);
    assertThat(bench.err())
        .contains(
            "Run 'empty-run' has finished no stage; expected a run with something to compare.");
    assertThat(bench.run("verify", "again")).isEqualTo(2);
    assertThat(bench.err())
        .contains(
            "Run 'again' is itself a verification; expected the run that it verifies: first.");
  }

  @Test
  void aTaskThatTheRunDoesNotHaveIsRefusedWithTheOneThatWasMeant() {
    var bench = new Bench(folder);
    var journal = new RunJournal(bench.store);
    journal.write(run("first", Optional.empty()));
    journal.write(
        "first",
        new RunJournal.StageEntry(
            "task1",
            "train",
            Digest.of("key"),
            0,
            false,
            1,
            1,
            "worker",
            Map.of(),
            Map.of(),
            "2026-01-01T00:00:00Z"));
    assertThat(bench.run("verify", "first", "--stage", "task2")).isEqualTo(2);
    assertThat(bench.err()).contains("Run 'first': unknown task 'task2'; did you mean 'task1'?");
  }

  @Test
  void aRunThatCameOutTheSameIsToldInASentence() {
    Compared same = compared("net", State.SAME, List.of(), List.of());
    assertThat(VerificationTables.conclusion(new Verification("a", "b", List.of(same, same))))
        .containsExactly("Run a came out the same: the outputs of 2 stages have equal digests.");
  }

  @Test
  void differencesAreToldByStageTensorAndField() {
    var form =
        new TensorDifference.Form(
            "shape",
            new SafetensorsHeader.Entry(Tensor.Type.F32, List.of(2L), 0, 8),
            new SafetensorsHeader.Entry(Tensor.Type.F32, List.of(1L, 2L), 0, 8));
    List<TensorDifference> tensors =
        List.of(
            new TensorDifference.Elements("w", 1000, 3, OptionalDouble.of(1.25e-7), 1),
            form,
            new TensorDifference.Missing("gone", true));
    var net =
        compared(
            "net",
            State.NOT_DETERMINISTIC,
            List.of(),
            List.of(new OutputDifference.OfTensors("checkpoint", tensors)));
    var test =
        compared(
            "test",
            State.FOLLOWS,
            List.of("input 'checkpoint'"),
            List.of(
                new OutputDifference.OfDocument(
                    "result",
                    IntStream.range(0, 20)
                        .mapToObj(i -> new Place("classes[" + i + "]", "1", "2"))
                        .toList())));
    var verification = new Verification("a", "b", List.of(net, test));

    assertThat(VerificationTables.conclusion(verification))
        .containsExactly(
            "Run a did not come out the same: 2 of 2 stages differ.",
            "Not deterministic: task 'net' is the first that gave other outputs from equal"
                + " inputs.");
    assertThat(TextTable.render(VerificationTables.stages(verification)).lines())
        .anySatisfy(line -> assertThat(line).matches("net +train +differs: not deterministic"))
        .anySatisfy(
            line -> assertThat(line).matches("test +train +differs with input 'checkpoint'"));
    List<String> tables =
        VerificationTables.differences(verification).stream().map(TextTable::render).toList();
    assertThat(tables.getFirst().lines())
        .contains("net, output 'checkpoint'")
        .anySatisfy(
            line -> assertThat(line).matches("w +3 of 1000 elements, 1 not finite +1\\.25e-07"))
        .anySatisfy(line -> assertThat(line).matches("shape +F32 \\[2] first, F32 \\[1, 2] again"))
        .anySatisfy(line -> assertThat(line).matches("gone +missing again"));
    assertThat(tables.getLast())
        .contains("classes[11]", "And 8 more.")
        .doesNotContain("classes[12]");
  }

  private static Compared compared(
      String task, State state, List<String> causes, List<OutputDifference> outputs) {
    return new Compared(task, "train", state, causes, List.of(), outputs, List.of());
  }

  private static RunJournal.Run run(String id, Optional<String> verifies) {
    return new RunJournal.Run(
        id,
        "sbl",
        Optional.empty(),
        Json.object(),
        Json.object(),
        Map.of(),
        "2026-01-01T00:00:00Z",
        verifies);
  }
}
