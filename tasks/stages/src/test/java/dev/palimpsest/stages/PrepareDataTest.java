package dev.palimpsest.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tensors.Tensors;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PrepareDataTest {
  private static final PrepareData STAGE = new PrepareData();

  private static PrepareData.Parameters shares(double mixed, double clean, double finetune) {
    return new PrepareData.Parameters(mixed, clean, finetune, 0);
  }

  @Test
  void whatIsForeseenIsWhatIsMade() {
    Tensors train = SplitTasksTest.data(12, 8);
    PrepareData.Parameters shares = shares(0.5, 0.25, 0.1);
    Map<String, Facts> foreseen = STAGE.foresee(shares, Map.of("train", Facts.of(train)));
    MemoryContext context = new MemoryContext(1).with("train", train);
    STAGE.run(shares, context);
    for (String part : List.of("mixed", "clean", "finetune")) {
      assertThat(foreseen.get(part)).as(part).isEqualTo(Facts.of(context.written(part)));
    }
  }

  @Test
  void anEmptyPartIsRefusedBeforeARun() {
    Facts train = Facts.of(SplitTasksTest.data(12, 8));
    assertThatThrownBy(() -> STAGE.foresee(shares(0.5, 0.25, 0.0001), Map.of("train", train)))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("the finetune part is empty");
  }
}
