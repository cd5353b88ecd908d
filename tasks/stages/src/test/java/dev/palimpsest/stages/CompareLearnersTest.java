package dev.palimpsest.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.methods.measures.AccuracyMatrix;
import dev.palimpsest.report.Table;
import dev.palimpsest.report.TextTable;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class CompareLearnersTest {
  /** Two tasks; class- and task-incremental matrices are the same. */
  private static StreamResult result(
      String label, long seed, double first, double left, double second, long bytes) {
    var matrix =
        new AccuracyMatrix(List.of(List.of(first), List.of(left, second)), Optional.empty());
    return new StreamResult(
        label,
        "er",
        seed,
        2,
        "fixed",
        StreamResult.Setting.of(matrix),
        StreamResult.Setting.of(matrix),
        StreamResult.Recall.of(matrix, Optional.empty()),
        List.of(
            List.of(),
            List.of(
                new AccuracyRow.Kept("network", 10, 40, Optional.empty()),
                new AccuracyRow.Kept("buffer", 0, bytes, Optional.of(200L)),
                new AccuracyRow.Kept("fisher", 10, 40, Optional.empty()))));
  }

  private static MemoryContext compared(StreamResult... results) {
    var context = new MemoryContext(0);
    for (int i = 0; i < results.length; i++) {
      context.with("results/cell_" + (i + 1), Json.tree(results[i]));
    }
    return run(context);
  }

  private static MemoryContext run(MemoryContext context) {
    new CompareLearners().run(new CompareLearners.Parameters("Split clothes"), context);
    return context;
  }

  private static MemoryContext two() {
    return compared(
        result("ER", 1, 1, 0.5, 0.75, 1460),
        result("ER", 2, 1, 0.75, 1, 1460),
        result("EWC", 1, 0.75, 0.25, 0.5, 0),
        result("EWC", 2, 0.75, 0.25, 1, 0));
  }

  private static Comparison comparison(MemoryContext context) {
    return Json.read("result", context.writtenDocument("result"), Comparison.class);
  }

  @Test
  void meansAndDeviationsOverSeedsAreThoseComputedByHand() {
    Comparison comparison = comparison(two());
    assertThat(comparison.tasks()).isEqualTo(2);
    assertThat(comparison.learners())
        .extracting(Comparison.Learned::label)
        .containsExactly("ER", "EWC");
    Comparison.Learned er = comparison.learners().getFirst();
    assertThat(er.seeds()).containsExactly(1L, 2L);
    assertThat(er.keptBytes()).isEqualTo(new Mean(1500, Optional.of(0.0)));
    Comparison.Setting task = er.taskIncremental();
    assertThat(task.matrix()).containsExactly(List.of(1.0), List.of(0.625, 0.875));
    // 0.625 and 0.875 lie 1/8 from their mean: the root of 2/64 / (2 - 1).
    assertMean(task.average(), 0.75, Math.sqrt(2) / 8);
    assertMean(task.averages().getFirst(), 1, 0);
    assertMean(task.forgetting().orElseThrow(), 0.375, Math.sqrt(2) / 8);
    assertMean(task.backwardTransfer().orElseThrow(), -0.375, Math.sqrt(2) / 8);
    assertThat(task.forwardTransfer()).isEmpty();
    assertThat(er.recall()).hasSize(2);
    assertMean(er.recall().get(0).accuracy(), (0.875 + 1) / 2, Math.sqrt(2) / 16);
    assertMean(er.recall().get(1).accuracy(), 0.625, Math.sqrt(2) / 8);
  }

  private static void assertMean(Mean mean, double expected, double deviation) {
    assertThat(mean.mean()).isCloseTo(expected, within(1e-15));
    assertThat(mean.deviation().orElseThrow()).isCloseTo(deviation, within(1e-15));
  }

  @Test
  void theTableHasALineForEachLearner() {
    Table table = Json.read("table", two().writtenDocument("table"), Table.class);
    assertThat(TextTable.render(table, 94))
        .isEqualTo(
            """
            Split clothes

            ─────────────────────────────────────────────────────────────────────────────────────────────
                         class-incremental                  task-incremental
                      ────────────────────────   ──────────────────────────────────────
            learner    accuracy %   forgetting    accuracy %   forgetting      backward   kept kB   seeds
            ─────────────────────────────────────────────────────────────────────────────────────────────
            ER        75.0 ± 17.7  37.5 ± 17.7   75.0 ± 17.7  37.5 ± 17.7  -37.5 ± 17.7       1.5       2
            EWC       50.0 ± 17.7  50.0  ± 0.0   50.0 ± 17.7  50.0  ± 0.0  -50.0  ± 0.0       0.0       2
            ─────────────────────────────────────────────────────────────────────────────────────────────
            Accuracy: mean over tasks 1 to 2 after the last of them; forgetting and backward transfer in
            percentage points; mean and standard deviation over seeds 1, 2.
            Kept: what a learner stores beside the network after the last task.
            """);
  }

  @Test
  void learnersStandInTheOrderOfTheNumbersOfTheirCells() {
    var context = new MemoryContext(0);
    for (int cell : List.of(1, 2, 10)) {
      context.with("results/cell_" + cell, Json.tree(result("L" + cell, 1, 1, 1, 1, 0)));
    }
    assertThat(comparison(run(context)).learners())
        .extracting(Comparison.Learned::label)
        .containsExactly("L1", "L2", "L10");
  }

  @Test
  void oneSeedHasNoDeviationAndIsWarnedOf() {
    MemoryContext context = compared(result("ER", 3, 1, 0.5, 0.75, 0));
    assertThat(comparison(context).learners().getFirst().taskIncremental().average())
        .isEqualTo(new Mean(0.625, Optional.empty()));
    assertThat(notes(context))
        .contains("seed 3.", "One seed misleads")
        .doesNotContain("deviation", "different seeds");
    assertThat(context.writtenFigure("curves")).contains("seed 3").doesNotContain("data-low");
  }

  @Test
  void differentSeedsOfLearnersAreToldOf() {
    MemoryContext context =
        compared(
            result("ER", 1, 1, 0.5, 0.75, 0),
            result("ER", 2, 1, 0.5, 0.75, 0),
            result("EWC", 3, 1, 0.5, 0.75, 0));
    assertThat(notes(context))
        .contains("different seeds: ER with 1, 2; EWC with 3.", "One seed misleads");
  }

  private static String notes(MemoryContext context) {
    return String.join(
        "\n", Json.read("table", context.writtenDocument("table"), Table.class).notes());
  }

  @Test
  void figuresShowEveryLearner() {
    MemoryContext context = two();
    assertThat(context.writtenFigure("matrix"))
        .contains("ER, class-incremental", "EWC, task-incremental", "mean over seeds 1, 2")
        .contains("task 1 after task 2: 62.50 %");
    assertThat(context.writtenFigure("curves"))
        .contains("data-series=\"ER\"", "data-series=\"EWC\"", "data-y=\"100 75\"")
        .contains("data-low=\"100 57.3", "data-high=\"100 92.6");
    assertThat(context.writtenFigure("recall")).contains("data-x=\"0 1\" data-y=\"93.75 62.5\"");
    // 93.75 and its deviation of 8.8 would pass 100 %.
    assertThat(context.writtenFigure("recall")).contains("data-high=\"100 ");
  }

  @Test
  void whereColoursComeAgainLinesAreBroken() {
    StreamResult[] six = new StreamResult[6];
    for (int i = 0; i < 6; i++) {
      six[i] = result("L" + i, 1, 1, 0.1 * i, 1, 0);
    }
    assertThat(compared(six).writtenFigure("recall").split("stroke-dasharray=\"5 3\"", -1))
        .hasSize(2);
  }

  @Test
  void whatCannotBeComparedIsRefused() {
    refused("there are no results to compare; expected one for each learner and seed.");
    refused(
        "'EWC' with seed 1 learned 3 tasks, 'ER' with seed 1 learned 2; expected"
            + " streams of one length.",
        result("ER", 1, 1, 1, 1, 0),
        Streams.result("EWC", 1, 3, 0.1));
    refused(
        "'ER' with seed 1 is there twice; expected each learner once with each seed, and learners"
            + " that differ under labels that differ.",
        result("ER", 1, 1, 1, 1, 0),
        result("ER", 2, 1, 1, 1, 0),
        result("ER", 1, 1, 1, 1, 0));
  }

  private static void refused(String sentence, StreamResult... results) {
    assertThatThrownBy(() -> compared(results)).isInstanceOf(Mistake.class).hasMessage(sentence);
  }
}
