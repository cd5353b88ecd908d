package dev.palimpsest.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.tasks.RunJournal.Curve.Point;
import dev.palimpsest.tasks.StageContext;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class CurveSoFarTest {
  private final CurveSoFar curve = new CurveSoFar();

  private void hear(int step, int steps, int epoch, double loss) {
    curve.hear(
        new StageContext.Progress(step, steps, "epoch " + epoch + "/20", Map.of("loss", loss)));
  }

  @Test
  void anEpochIsAPointOnceItHasEndedWithWhatWasToldLast() {
    hear(1, 6, 1, 5);
    hear(2, 6, 1, 4);
    assertThat(curve.points()).isEmpty();
    hear(3, 6, 2, 3);
    assertThat(curve.points()).containsExactly(new Point(1, Map.of("loss", 4.0)));
    hear(6, 6, 2, 2);
    hear(6, 6, 2, 2);
    assertThat(curve.points())
        .containsExactly(new Point(1, Map.of("loss", 4.0)), new Point(2, Map.of("loss", 2.0)));
  }

  @Test
  void stagesWithoutEpochsOrMetricsHaveNoPoints() {
    curve.hear(new StageContext.Progress(1, 1, "", Map.of("loss", 1.0)));
    curve.hear(new StageContext.Progress(1, 1, "epoch 1/1", Map.of()));
    assertThat(curve.points()).isEmpty();
  }

  @Test
  void whatAnAttemptBeforeTheCutToldStandsInFront() {
    hear(9, 20, 9, 0.9);
    hear(10, 20, 10, 0.8);
    curve.after(List.of(new Point(8, Map.of("loss", 1.0)), new Point(9, Map.of("loss", 7.0))));
    assertThat(curve.points())
        .containsExactly(new Point(8, Map.of("loss", 1.0)), new Point(9, Map.of("loss", 0.9)));
  }

  @Test
  void howeverManyEpochsThereAreItStaysSmallAndEven() {
    for (int epoch = 1; epoch <= 5000; epoch++) {
      hear(epoch, 5000, epoch, 1.0 / epoch);
      assertThat(curve.points().size()).isLessThanOrEqualTo(CurveSoFar.MOST_POINTS);
    }
    List<Integer> epochs = curve.points().stream().map(Point::epoch).toList();
    assertThat(epochs).hasSizeGreaterThan(CurveSoFar.MOST_POINTS / 2 - 1);
    for (int i = 1; i < epochs.size(); i++) {
      assertThat(epochs.get(i) - epochs.get(i - 1)).isEqualTo(epochs.getFirst());
    }
  }
}
