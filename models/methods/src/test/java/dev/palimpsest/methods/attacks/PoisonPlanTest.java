package dev.palimpsest.methods.attacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PoisonPlanTest {
  private static final int[] ALL = IntStream.range(0, Samples.IMAGES).toArray();

  private static PoisonPlan plan(double rate, Timing timing, int eligible, long seed) {
    return PoisonPlan.draw(
        new BadNets(),
        new BadNets.Parameters(3, Corner.LOWER_RIGHT),
        new PoisonPlan.Aim(rate, 2, timing, eligible, Samples.CLASSES),
        Samples.CHANNELS,
        Samples.SIDE,
        Samples.SIDE,
        Randomness.of(seed));
  }

  private static boolean[] flags(Batch batch) {
    return batch.poisoned().toBooleanArray();
  }

  private static Poison poison(PoisonPlan plan, Compute compute) {
    return Poison.of(plan, Methods.load(), compute, Precision.F32);
  }

  @Test
  void aStaticPlanPoisonsItsChosenSamplesAndNoOthers() {
    PoisonPlan plan = plan(0.25, Timing.STATIC, 12, 1);
    assertThat(plan.chosen()).hasSize(3).isSorted().doesNotHaveDuplicates();
    assertThat(Arrays.stream(plan.chosen())).allMatch(place -> place >= 0 && place < 12);
    try (Compute compute = Compute.open("cpu", 1);
        Images images = Samples.images(compute);
        Poison poison = poison(plan, compute);
        Scope scope = Scope.open()) {
      Batch clean = images.batch(Precision.F32, ALL);
      Batch poisoned = poison.beforeAugmentation(clean, ALL);
      NDArray triggered = poison.triggered(clean.images());
      boolean[] flags = flags(poisoned);
      long[] labels = poisoned.labels().toLongArray();
      for (int i : ALL) {
        boolean chosen = Arrays.stream(plan.chosen()).anyMatch(place -> place == i);
        assertThat(flags[i]).isEqualTo(chosen);
        assertThat(labels[i]).isEqualTo(chosen ? 2 : Samples.labels()[i]);
        assertThat(poisoned.images().get(i).toFloatArray())
            .isEqualTo((chosen ? triggered : clean.images()).get(i).toFloatArray());
      }
      var stream = Randomness.of(1).stream("poison");
      assertThat(poison.afterAugmentation(poisoned, ALL, stream)).isSameAs(poisoned);
    }
  }

  @Test
  void aDynamicPlanPoisonsAboutItsRateOfTheEligibleSamplesAfterAugmentationOnly() {
    PoisonPlan plan = plan(0.3, Timing.DYNAMIC, 15, 1);
    assertThat(plan.chosen()).isEmpty();
    try (Compute compute = Compute.open("cpu", 1);
        Images images = Samples.images(compute);
        Poison poison = poison(plan, compute)) {
      int poisoned = 0;
      for (int step = 0; step < 200; step++) {
        try (Scope scope = Scope.open()) {
          Batch clean = images.batch(Precision.F32, ALL);
          assertThat(poison.beforeAugmentation(clean, ALL)).isSameAs(clean);
          var stream = Randomness.of(1).stream("poison", 0, step);
          boolean[] flags = flags(poison.afterAugmentation(clean, ALL, stream));
          for (int i : ALL) {
            poisoned += flags[i] ? 1 : 0;
            assertThat(flags[i] && i >= 15).as("sample " + i + " is not eligible").isFalse();
          }
        }
      }
      assertThat(poisoned / (200.0 * 15)).isBetween(0.27, 0.33);
    }
  }

  @Test
  void aPlanComesBackFromItsTensors() {
    for (Timing timing : Timing.values()) {
      Tensors written = plan(0.25, timing, 12, 1).toTensors();
      Tensors again = PoisonPlan.of(written).toTensors();
      assertThat(again.metadata()).isEqualTo(written.metadata());
      assertThat(again.tensors().keySet()).isEqualTo(written.tensors().keySet());
      written
          .tensors()
          .forEach((name, tensor) -> assertThat(again.get(name).data()).isEqualTo(tensor.data()));
      assertThat(written.metadata())
          .containsEntry("attack", "badnets")
          .containsEntry("timing", timing.label())
          .containsEntry("label", "dirty");
    }
  }

  @Test
  void theTriggerDependsOnTheSeed() {
    Tensor one = plan(0.1, Timing.DYNAMIC, 12, 1).trigger().get("pattern");
    assertThat(plan(0.1, Timing.DYNAMIC, 12, 1).trigger().get("pattern").data())
        .isEqualTo(one.data());
    assertThat(plan(0.1, Timing.DYNAMIC, 12, 2).trigger().get("pattern").data())
        .isNotEqualTo(one.data());
  }

  @Test
  void thePatchLiesInItsCornerAndHasOneMaskForAllChannels() {
    for (Corner corner : Corner.values()) {
      Tensors trigger =
          new BadNets()
              .draw(new BadNets.Parameters(2, corner), 3, 5, 6, Randomness.of(1).stream("trigger"));
      float[] mask = trigger.get("mask").floats();
      float[] pattern = trigger.get("pattern").floats();
      int top = corner.isLower() ? 3 : 0;
      int left = corner.isRight() ? 4 : 0;
      for (int k = 0; k < mask.length; k++) {
        int i = k / 6 % 5;
        int j = k % 6;
        boolean inside = i >= top && i < top + 2 && j >= left && j < left + 2;
        assertThat(mask[k]).isEqualTo(inside ? 1 : 0);
        assertThat(pattern[k] > 0).isEqualTo(inside);
      }
    }
  }

  @Test
  void aPatchHasTheColoursThatAreGiven() {
    assertThat(patch(BadNets.Colours.WHITE)).containsOnly(1f);
    assertThat(patch(BadNets.Colours.BLACK)).containsOnly(0f);
    assertThat(patch(BadNets.Colours.CHECKERBOARD))
        .containsExactly(1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1);
    assertThat(patch(BadNets.Colours.DRAWN)).doesNotHaveDuplicates();
  }

  /** The colours in the upper left corner of 4x5 pixels, two channels of 3x3. */
  private static float[] patch(BadNets.Colours colours) {
    Tensors trigger =
        new BadNets()
            .draw(
                new BadNets.Parameters(3, Corner.UPPER_LEFT, colours),
                2,
                4,
                5,
                Randomness.of(1).stream("trigger"));
    return inCorner(trigger, 3);
  }

  private static float[] inCorner(Tensors trigger, int size) {
    float[] mask = trigger.get("mask").floats();
    float[] pattern = trigger.get("pattern").floats();
    float[] patch = new float[2 * size * size];
    int found = 0;
    for (int i = 0; i < mask.length; i++) {
      assertThat(mask[i]).isEqualTo(i % 5 < size && i / 5 % 4 < size ? 1 : 0);
      if (mask[i] == 1) {
        patch[found++] = pattern[i];
      }
    }
    return patch;
  }

  @Test
  void aGivenPictureIsResizedToThePatchOrTheImage() {
    byte[] bytes = {0, 51, 102, (byte) 153, (byte) 255, (byte) 255, (byte) 255, (byte) 255};
    Tensor picture = Tensor.of(bytes, 2, 2, 2);
    var corner = new BadNets.Parameters(2, Corner.UPPER_LEFT);
    Tensors same = new BadNets().of(corner, picture, 4, 5);
    assertThat(inCorner(same, 2)).containsExactly(0, 0.2f, 0.4f, 0.6f, 1, 1, 1, 1);
    var one = new BadNets.Parameters(1, Corner.UPPER_LEFT);
    assertThat(inCorner(new BadNets().of(one, picture, 4, 5), 1)).containsExactly(0.3f, 1);
    var half = new Blended.Parameters(0.5, Blended.Picture.NOISE);
    Tensors blended = new Blended().of(half, picture, 2, 2);
    assertThat(blended.get("mask").floats()).containsOnly(0.5f);
    assertThat(blended.get("pattern").floats())
        .containsExactly(0, 0.1f, 0.2f, 0.3f, 0.5f, 0.5f, 0.5f, 0.5f);
    assertThatThrownBy(() -> new Sig().of(new Sig.Parameters(20, 6), picture, 4, 5))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("the trigger of attack 'sig' is no picture");
  }

  @Test
  void aSmoothPictureIsFourByFourColoursResized() {
    var smooth = new Blended.Parameters(1, Blended.Picture.SMOOTH);
    float[] drawn = smooth(smooth, 4, 4);
    double[] grid = IntStream.range(0, 16).mapToDouble(i -> drawn[i]).toArray();
    double[] expected = Resize.bilinear(grid, 1, 4, 4, 9, 11);
    float[] large = smooth(smooth, 9, 11);
    for (int i = 0; i < large.length; i++) {
      assertThat((double) large[i]).isCloseTo(expected[i], within(1e-6));
    }
  }

  private static float[] smooth(Blended.Parameters parameters, int height, int width) {
    var stream = Randomness.of(1).stream("trigger");
    return new Blended().draw(parameters, 1, height, width, stream).get("pattern").floats();
  }

  @Test
  void aPreviewIsTheTriggeredImageInBytes() {
    PoisonPlan plan = plan(0.1, Timing.DYNAMIC, 12, 1);
    try (Compute compute = Compute.open("cpu", 1);
        Poison poison = poison(plan, compute)) {
      byte[] before = Samples.bytes().bytes();
      byte[] after = poison.triggered(Samples.bytes()).bytes();
      float[] mask = plan.trigger().get("mask").floats();
      float[] pattern = plan.trigger().get("pattern").floats();
      for (int i = 0; i < before.length; i++) {
        int pixel = i % mask.length;
        byte expected = mask[pixel] == 1 ? (byte) Math.round(pattern[pixel] * 255) : before[i];
        assertThat(after[i]).isEqualTo(expected);
      }
      assertThat(compute.liveArrays()).as("the poison's own").isEqualTo(3);
    }
  }

  @Test
  void whatCannotBeIsRefusedNamingIt() {
    assertThatThrownBy(() -> plan(1.1, Timing.DYNAMIC, 12, 1))
        .isInstanceOf(Mistake.class)
        .hasMessage("the poisoning rate is 1.1; expected 0 to 1.");
    assertThatThrownBy(() -> new PoisonPlan.Aim(0.1, 4, Timing.STATIC, 1, 4))
        .isInstanceOf(Mistake.class)
        .hasMessage("the target class is 4; expected 0 to 3.");
    assertThatThrownBy(() ->
            new BadNets()
                .draw(
                    new BadNets.Parameters(9, Corner.UPPER_LEFT),
                    1,
                    8,
                    8,
                    Randomness.of(1).stream("trigger")))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("a patch of 9 pixels does not fit on an image of 8x8");
    assertThatThrownBy(() -> PoisonPlan.of(new Tensors.Builder().build()))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("timing");
  }
}
