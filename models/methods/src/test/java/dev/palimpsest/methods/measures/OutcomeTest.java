package dev.palimpsest.methods.measures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.methods.attacks.BadNets;
import dev.palimpsest.methods.attacks.Corner;
import dev.palimpsest.methods.attacks.Poison;
import dev.palimpsest.methods.attacks.PoisonPlan;
import dev.palimpsest.methods.attacks.Timing;
import dev.palimpsest.spec.Methods;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OutcomeTest {
  private static final long[] LABELS = {0, 1, 2, 1};

  @Test
  void imagesOfTheTargetClassDoNotCountInMeasuresOfTheAttack() {
    var outcome = Outcome.of(LABELS, new int[] {0, 1, 2, 2}, new int[] {0, 0, 2, 0}, new long[3]);
    assertThat(CleanAccuracy.of(outcome)).hasValue(0.75);
    assertThat(AttackSuccessRate.of(outcome)).hasValue(2.0 / 3);
    assertThat(RobustAccuracy.of(outcome)).hasValue(1.0 / 3);
    assertThat(AttackSuccessRate.counted(outcome)).isEqualTo(3);
  }

  @Test
  void theTargetMayDependOnTheClass() {
    var outcome =
        Outcome.of(LABELS, new int[] {0, 1, 2, 2}, new int[] {1, 2, 0, 1}, new long[] {1, 2, 0});
    assertThat(AttackSuccessRate.of(outcome)).hasValue(0.75);
    assertThat(AttackSuccessRate.counted(outcome)).isEqualTo(4);
  }

  @Test
  void withoutATriggerThereIsOnlyCleanAccuracy() {
    var outcome = Outcome.of(LABELS, new int[] {0, 1, 2, 2});
    assertThat(CleanAccuracy.of(outcome)).hasValue(0.75);
    assertThat(AttackSuccessRate.of(outcome)).isEmpty();
    assertThat(RobustAccuracy.of(outcome)).isEmpty();
    assertThat(AttackSuccessRate.counted(outcome)).isZero();
    assertThat(DefenceEffect.Measured.of(outcome)).isEmpty();
  }

  @Test
  void aTestSetOfTheTargetClassOnlyHasNoSuccessRate() {
    var outcome = Outcome.of(new long[2], new int[2], new int[2], new long[1]);
    assertThat(AttackSuccessRate.of(outcome)).isEmpty();
  }

  @Test
  void predictionsThatAreNotAsManyAsLabelsAreRefused() {
    assertThatThrownBy(() -> Outcome.of(LABELS, new int[3]))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("3 predictions for 4 labels");
  }

  @Test
  void confusionCountsEveryImageOnce() {
    var outcome = Outcome.of(LABELS, new int[] {0, 1, 2, 2}, new int[] {0, 0, 2, 0}, new long[3]);
    assertThat(Confusion.clean(outcome, 3).longs()).containsExactly(1, 0, 0, 0, 1, 1, 0, 0, 1);
    assertThat(Confusion.triggered(outcome, 3).longs()).containsExactly(1, 0, 0, 2, 0, 0, 0, 0, 1);
    assertThat(Confusion.clean(outcome, 3).shape()).containsExactly(3, 3);
  }

  @Test
  void aNetworkIsAskedWithoutAndWithTheTrigger() {
    var plan =
        PoisonPlan.draw(
            new BadNets(),
            new BadNets.Parameters(8, Corner.UPPER_LEFT),
            new PoisonPlan.Aim(0.1, 1, Timing.DYNAMIC, 10, Samples.CLASSES),
            Samples.CHANNELS,
            Samples.SIDE,
            Samples.SIDE,
            Randomness.of(1));
    try (Compute compute = Compute.open("cpu", 1);
        Images images = Samples.images(compute);
        Net net = Samples.net(compute);
        Poison poison = Poison.of(plan, Methods.load(), compute, Precision.F32)) {
      int before = compute.liveArrays();
      var steps = new AtomicInteger();
      var outcome = Outcome.of(net, images, Optional.of(poison), steps::incrementAndGet);
      assertThat(steps).as("a batch without and one with the trigger").hasValue(2);
      assertThat(compute.liveArrays()).isEqualTo(before);
      // A patch as large as the image makes all images one.
      for (int i = 1; i < outcome.size(); i++) {
        assertThat(outcome.triggered(i)).isEqualTo(outcome.triggered(0));
      }
      assertThat(outcome.wanted(0)).isEqualTo(1);
    }
  }
}
