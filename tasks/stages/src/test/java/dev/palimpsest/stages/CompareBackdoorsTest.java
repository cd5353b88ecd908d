package dev.palimpsest.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.report.Table;
import dev.palimpsest.report.TextTable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class CompareBackdoorsTest {
  /** Evaluated, defended for two epochs by one defence, and summarised. */
  private static JsonNode result(String label, long seed, double asr, double left) {
    var context = new MemoryContext(seed);
    context.with(
        "before",
        Json.parse(
            "before",
            """
            {"measures": {"cleanAccuracy": 0.75, "asr": %s, "robustAccuracy": 0.1}, "images": 1000}
            """
                .formatted(asr)
                .getBytes(StandardCharsets.UTF_8)));
    List<JsonNode> course = List.of(epoch(0, asr), epoch(1, 0.5), epoch(2, left));
    context.with("defended/defence_10", Json.tree(new Defend.Result("late", "ft", course)));
    context.with("defended/defence_2", Json.tree(new Defend.Result("ft", "ft", course)));
    context.with("trainings/task1", List.of(Json.object().put("gradientEvaluations", 6000)));
    context.with("trainings/task2", List.of(Json.object().put("gradientEvaluations", 500)));
    new SummariseBackdoor().run(new SummariseBackdoor.Parameters("Durability", label), context);
    return context.writtenDocument("result");
  }

  private static JsonNode epoch(int epoch, double asr) {
    return Json.object().put("epoch", epoch).put("cleanAccuracy", 0.5).put("asr", asr);
  }

  private static MemoryContext compared(JsonNode... results) {
    var context = new MemoryContext(0);
    for (int i = 0; i < results.length; i++) {
      context.with("results/cell_" + (i + 1), results[i]);
    }
    new CompareBackdoors().run(new CompareBackdoors.Parameters("Durability"), context);
    return context;
  }

  @Test
  void meansAndDeviationsOverSeedsAreThoseComputedByHand() {
    MemoryContext context =
        compared(
            result("joint", 1, 1, 0.25), result("joint", 2, 0.5, 0.75), result("SBL", 1, 1, 1));
    BackdoorComparison comparison =
        Json.read("result", context.writtenDocument("result"), BackdoorComparison.class);
    assertThat(comparison.labels()).containsExactly("joint", "SBL");
    assertThat(comparison.defences()).containsExactly("ft", "late");
    BackdoorComparison.Arm joint = comparison.arms().getFirst();
    assertThat(joint.seeds()).containsExactly(1L, 2L);
    assertThat(joint.gradientEvaluations()).isEqualTo(6500);
    assertThat(joint.asr().mean()).isEqualTo(0.75);
    BackdoorComparison.Defended ft = joint.defences().getFirst();
    assertThat(ft.asrs()).containsExactly(0.25, 0.75);
    assertThat(ft.asr().mean()).isEqualTo(0.5);
    // 0.25 and 0.75 lie 1/4 from their mean: the root of 2/16 / (2 - 1).
    assertThat(ft.asr().deviation().orElseThrow()).isCloseTo(Math.sqrt(2) / 4, within(1e-15));
    assertThat(ft.course()).extracting(BackdoorComparison.Epoch::epoch).containsExactly(0, 1, 2);
    assertThat(comparison.arms().get(1).asr().deviation()).isEmpty();
  }

  @Test
  void theTablesHaveALineForEachWayAndForEachSeed() {
    MemoryContext context = compared(result("joint", 1, 1, 0.25), result("SBL", 1, 1, 1));
    Table table = Json.read("table", context.writtenDocument("table"), Table.class);
    assertThat(TextTable.render(table, 100))
        .isEqualTo(
            """
            Durability

            ─────────────────────────────────────────────────────
                          before           ft            late
                       ────────────   ────────────   ────────────
            backdoor   acc %  ASR %   acc %  ASR %   acc %  ASR %
            ─────────────────────────────────────────────────────
            joint       75.0  100.0    50.0   25.0    50.0   25.0
            SBL         75.0  100.0    50.0  100.0    50.0  100.0
            ─────────────────────────────────────────────────────
            acc: clean accuracy on 1,000 test images; ASR: share of triggered images of other classes taken for
            the target.
            Numbers: seed 1; the defence's last epoch, not its best.
            Gradient evaluations (samples times backward passes) in training before any defence: joint 6,500;
            SBL 6,500.
            One seed misleads: repeat with others before you believe a difference.
            """);
    Table bySeed = Json.read("table", context.writtenDocument("tableBySeed"), Table.class);
    assertThat(bySeed.rows()).hasSize(2);
  }

  @Test
  void theSpreadOfManyWaysIsLeftOutOfTheFigure() {
    String few =
        compared(result("joint", 1, 1, 0.25), result("joint", 2, 1, 0.5)).writtenFigure("courses");
    assertThat(few).contains("data-low", "mean and standard deviation over seeds 1, 2");
    JsonNode[] many =
        IntStream.range(0, 14)
            .mapToObj(i -> result("way " + i / 2, 1 + i % 2, 1, 0.25 + i % 2 * 0.25))
            .toArray(JsonNode[]::new);
    assertThat(compared(many).writtenFigure("courses"))
        .contains("mean over seeds 1, 2", "way 6")
        .doesNotContain("data-low");
  }

  @Test
  void oneWayTwiceWithOneSeedIsRefused() {
    JsonNode joint = result("joint", 1, 1, 0.25);
    assertThatThrownBy(() -> compared(joint, joint))
        .isInstanceOf(Mistake.class)
        .hasMessageStartingWith("'joint' with seed 1 is there twice; expected");
  }

  @Test
  void othersDefencesAreRefused() {
    JsonNode joint = result("joint", 1, 1, 0.25);
    JsonNode other = joint.deepCopy();
    ((ObjectNode) other).put("seed", 2);
    ((ArrayNode) other.get("defences")).remove(1);
    assertThatThrownBy(() -> compared(joint, other))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining(
            "'joint' with seed 2 was defended by ft (2 epochs), 'joint' with seed 1 by ft (2"
                + " epochs), late (2 epochs)");
  }

  @Test
  void aDefenceThatWasMeasuredWithoutAPlanIsRefused() {
    JsonNode line = Json.object().put("epoch", 0).put("cleanAccuracy", 0.5);
    assertThatThrownBy(
            () -> BackdoorResult.Defended.of(new Defend.Result("ft", "ft", List.of(line))))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("without a poison plan");
  }
}
