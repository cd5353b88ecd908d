package dev.palimpsest.methods.attacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.methods.measures.AttackSuccessRate;
import dev.palimpsest.methods.measures.Outcome;
import dev.palimpsest.methods.measures.RobustAccuracy;
import dev.palimpsest.spec.Methods;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** All-to-one, all-to-all and clean labels; cover samples; what does not go together. */
class LabellingTest {
  private static final int[] ALL = IntStream.range(0, Samples.IMAGES).toArray();

  private static PoisonPlan.Aim aim(double rate, Labelling labelling, Timing timing) {
    return new PoisonPlan.Aim(rate, 2, labelling, timing, Samples.labels(), Samples.CLASSES);
  }

  private static <P extends Record> PoisonPlan plan(
      Attack<P> attack, P parameters, PoisonPlan.Aim aim) {
    return PoisonPlan.draw(
        attack, parameters, aim, Samples.CHANNELS, Samples.SIDE, Samples.SIDE, Randomness.of(1));
  }

  private static <P extends Record> PoisonPlan plan(Attack<P> attack, PoisonPlan.Aim aim) {
    return plan(attack, Samples.defaults(attack), aim);
  }

  @Test
  void withAllToAllEveryPoisonedSampleGetsTheNextClass() {
    for (Timing timing : Timing.values()) {
      PoisonPlan plan = plan(new BadNets(), aim(1, Labelling.ALL_TO_ALL, timing));
      assertThat(plan.targetMap()).containsExactly(1, 2, 3, 0);
      assertThat(plan.toTensors().text("label")).isEqualTo("dirty");
      try (Compute compute = Compute.open("cpu", 1);
          Images images = Samples.images(compute);
          Poison poison = Poison.of(plan, Methods.load(), compute, Precision.F32);
          Scope scope = Scope.open()) {
        Batch batch = images.batch(Precision.F32, ALL);
        RandomStream stream = Randomness.of(1).stream("poison");
        Batch poisoned =
            poison.afterAugmentation(poison.beforeAugmentation(batch, ALL), ALL, stream);
        assertThat(poisoned.labels().toLongArray())
            .isEqualTo(
                Arrays.stream(Samples.labels()).map(y -> (y + 1) % Samples.CLASSES).toArray());
      }
    }
  }

  @Test
  void successOfAllToAllCountsEveryClassAndTheNextOneAlone() {
    long[] labels = {0, 1, 2, 3};
    long[] map = plan(new BadNets(), aim(1, Labelling.ALL_TO_ALL, Timing.DYNAMIC)).targetMap();
    var outcome = Outcome.of(labels, new int[] {0, 1, 2, 3}, new int[] {1, 2, 2, 1}, map);
    assertThat(AttackSuccessRate.of(outcome)).hasValue(0.5);
    assertThat(AttackSuccessRate.counted(outcome)).isEqualTo(4);
    assertThat(RobustAccuracy.of(outcome)).hasValue(0.25);
  }

  @Test
  void withCleanLabelsAShareOfTheTargetClassIsPoisonedAndKeepsItsLabels() {
    PoisonPlan plan = plan(new Sig(), aim(0.6, Labelling.CLEAN, Timing.STATIC));
    assertThat(plan.chosen()).hasSize(3).isSorted().doesNotHaveDuplicates();
    assertThat(Arrays.stream(plan.chosen())).allMatch(place -> Samples.labels()[place] == 2);
    assertThat(plan.targetMap()).containsExactly(2, 2, 2, 2);
    assertThat(plan.toTensors().text("label")).isEqualTo("clean");
    try (Compute compute = Compute.open("cpu", 1);
        Images images = Samples.images(compute);
        Poison poison = Poison.of(plan, Methods.load(), compute, Precision.F32);
        Scope scope = Scope.open()) {
      Batch batch = images.batch(Precision.F32, ALL);
      Batch poisoned = poison.beforeAugmentation(batch, ALL);
      assertThat(poisoned.labels().toLongArray()).isEqualTo(Samples.labels());
      boolean[] flags = poisoned.poisoned().toBooleanArray();
      for (int i : ALL) {
        boolean chosen = Arrays.binarySearch(plan.chosen(), i) >= 0;
        assertThat(flags[i]).isEqualTo(chosen);
        float[] now = poisoned.images().get(i).toFloatArray();
        float[] before = batch.images().get(i).toFloatArray();
        assertThat(Arrays.equals(now, before)).isEqualTo(!chosen);
      }
    }
  }

  @Test
  void publishedLabelsAreThoseOfTheAttack() {
    assertThat(Labelling.AS_PUBLISHED.of(new Sig())).isEqualTo(Labelling.CLEAN);
    assertThat(Labelling.AS_PUBLISHED.of(new WaNet())).isEqualTo(Labelling.ALL_TO_ONE);
    assertThat(Labelling.ALL_TO_ONE.of(new Sig())).isEqualTo(Labelling.ALL_TO_ONE);
  }

  @Test
  void coverSamplesAreWarpedOtherwiseAndKeepTheirLabels() {
    PoisonPlan plan = plan(new WaNet(), aim(0.1, Labelling.ALL_TO_ONE, Timing.DYNAMIC));
    assertThat(plan.covers()).isEqualTo(2);
    int covered = 0;
    int marked = 0;
    try (Compute compute = Compute.open("cpu", 1);
        Images images = Samples.images(compute);
        Poison poison = Poison.of(plan, Methods.load(), compute, Precision.F32)) {
      for (int step = 0; step < 100; step++) {
        try (Scope scope = Scope.open()) {
          Batch batch = images.batch(Precision.F32, ALL);
          Batch poisoned =
              poison.afterAugmentation(batch, ALL, Randomness.of(1).stream("poison", step));
          float[][] clean = rows(batch.images().toFloatArray());
          float[][] warped = rows(poison.triggered(batch.images()).toFloatArray());
          float[][] now = rows(poisoned.images().toFloatArray());
          boolean[] flags = poisoned.poisoned().toBooleanArray();
          long[] labels = poisoned.labels().toLongArray();
          for (int i : ALL) {
            assertThat(labels[i]).isEqualTo(flags[i] ? 2 : Samples.labels()[i]);
            assertThat(Arrays.equals(now[i], warped[i])).isEqualTo(flags[i]);
            marked += flags[i] ? 1 : 0;
            covered += !flags[i] && !Arrays.equals(now[i], clean[i]) ? 1 : 0;
          }
        }
      }
    }
    assertThat(marked / (100.0 * ALL.length)).isBetween(0.08, 0.12);
    assertThat(covered / (100.0 * ALL.length)).isBetween(0.17, 0.23);
  }

  private static float[][] rows(float[] images) {
    int length = images.length / Samples.IMAGES;
    return IntStream.range(0, Samples.IMAGES)
        .mapToObj(i -> Arrays.copyOfRange(images, i * length, (i + 1) * length))
        .toArray(float[][]::new);
  }

  @Test
  void whatDoesNotGoTogetherIsRefused() {
    assertRefused(
        () -> aim(0.5, Labelling.CLEAN, Timing.DYNAMIC),
        "labels are clean and timing is dynamic; expected timing static");
    assertRefused(
        () -> plan(new WaNet(), aim(0.2, Labelling.ALL_TO_ONE, Timing.STATIC)),
        "timing is static; expected timing dynamic, or crossRatio 0.");
    assertRefused(
        () -> plan(new WaNet(), aim(0.4, Labelling.ALL_TO_ONE, Timing.DYNAMIC)),
        "alters 2.0 further samples for each poisoned one, more than there are");
    assertRefused(
        () -> plan(new BadNets(), aim(0.01, Labelling.ALL_TO_ONE, Timing.STATIC)),
        "the poisoning rate is 0.01, which is less than one of 20 samples; raise it.");
    assertRefused(
        () -> plan(new Sig(), aim(0.1, Labelling.CLEAN, Timing.STATIC)),
        "less than one of 5 samples of the target class");
    assertRefused(
        () -> plan(new LowFrequency(), aim(0.1, Labelling.ALL_TO_ONE, Timing.DYNAMIC)),
        "is not drawn; expected stage 'craft-trigger'.");
    assertRefused(
        () -> plan(new InputAware(), aim(0.1, Labelling.ALL_TO_ONE, Timing.DYNAMIC)),
        "is not drawn; expected stage 'train-trigger'.");
    var consistent = new LabelConsistent();
    assertRefused(
        () -> consistent.check(Samples.defaults(consistent), Labelling.ALL_TO_ONE, Timing.STATIC),
        "labels are all-to-one; expected clean.");
    var inputAware = new InputAware();
    assertRefused(
        () -> inputAware.check(Samples.defaults(inputAware), Labelling.ALL_TO_ONE, Timing.STATIC),
        "timing is static; expected dynamic.");
  }

  private static void assertRefused(Runnable use, String sentence) {
    assertThatThrownBy(use::run).isInstanceOf(Mistake.class).hasMessageContaining(sentence);
  }
}
