package dev.palimpsest.methods.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.attacks.BadNets;
import dev.palimpsest.methods.attacks.Poison;
import dev.palimpsest.methods.attacks.PoisonPlan;
import dev.palimpsest.methods.attacks.Stamp;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The patch trigger on images of one and three channels. */
class BadNetsGoldenTest {
  private static final double TOLERANCE = 1e-9;
  private static final double TOLERANCE_F32 = 2e-7;
  private final JsonNode golden = Golden.read("triggers_patch_blend_sig");
  private final JsonNode inputs = golden.get("inputs");
  private final JsonNode expected = golden.get("expected");

  /** The vectors' patch in the lower right corner, as mask and pattern. */
  private Tensors trigger(int channels, int side) {
    int size = golden.get("parameters").get("badnet_size").intValue();
    double[] patch = Golden.doubles(inputs.get("badnet_trigger"));
    double[] mask = new double[channels * side * side];
    double[] pattern = new double[mask.length];
    for (int c = 0; c < channels; c++) {
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          int place = (c * side + side - size + i) * side + side - size + j;
          mask[place] = 1;
          pattern[place] = patch[(c * size + i) * size + j];
        }
      }
    }
    return new Tensors.Builder()
        .put("mask", Tensor.of(mask, channels, side, side))
        .put("pattern", Tensor.of(pattern, channels, side, side))
        .build();
  }

  /** Puts the trigger on and compares patch, rest and sum. */
  private void check(String images, String region, String sum, Precision precision) {
    double tolerance = precision == Precision.F64 ? TOLERANCE : TOLERANCE_F32;
    int channels = (int) Golden.shape(inputs.get(images))[1];
    int side = (int) Golden.shape(inputs.get(images))[2];
    int size = golden.get("parameters").get("badnet_size").intValue();
    try (Compute compute = Compute.open("cpu", 1);
        Scope scope = Scope.open();
        Stamp stamp = new BadNets().stamp(trigger(channels, side), compute, precision)) {
      NDArray x = compute.array(Golden.bytes(inputs.get(images)), precision).div(255);
      double[] before = doubles(x);
      NDArray stamped = stamp.apply(x);
      String patch = ":,:," + (side - size) + ":," + (side - size) + ":";
      Golden.assertClose(
          doubles(stamped.get(patch)), Golden.doubles(expected.get(region)), tolerance, region);
      double[] after = doubles(stamped);
      for (int i = 0; i < after.length; i++) {
        boolean inside = i / side % side >= side - size && i % side >= side - size;
        if (!inside) {
          assertThat(after[i]).isEqualTo(before[i]);
        }
      }
      double relative = precision == Precision.F64 ? 1e-8 : 1e-3;
      assertThat(Arrays.stream(after).sum())
          .isCloseTo(expected.get(sum).doubleValue(), within(relative));
      assertThat(doubles(x)).as("the images themselves").containsExactly(before);
    }
  }

  private static double[] doubles(NDArray array) {
    try (NDArray doubles = array.toType(Precision.F64.type(), true)) {
      return doubles.toDoubleArray();
    }
  }

  @Test
  void threeChannelsFollowTheReference() {
    check("images_u8", "badnet_patch_region", "badnet_sum", Precision.F64);
    check("images_u8", "badnet_patch_region", "badnet_sum", Precision.F32);
  }

  @Test
  void oneChannelFollowsTheSameRule() {
    check("grey_u8", "badnet_grey_patch_region", "badnet_grey_sum", Precision.F64);
    check("grey_u8", "badnet_grey_patch_region", "badnet_grey_sum", Precision.F32);
  }

  @Test
  void aDynamicPlanPoisonsTheSamplesWhoseDrawIsBelowTheRate() {
    JsonNode dynamic = inputs.get("dynamic");
    var tensors = new Tensors.Builder();
    trigger(3, 32).tensors().forEach((name, tensor) -> tensors.put("trigger." + name, tensor));
    long[] targetMap = new long[10];
    Arrays.fill(targetMap, golden.get("parameters").get("target_label").longValue());
    Tensors plan =
        tensors
            .put("target_map", Tensor.of(targetMap, 10))
            .text("attack", "badnets")
            .text("parameters", "{}")
            .text("timing", "dynamic")
            .text("rate", dynamic.get("rate").asText())
            .text("eligible", "2")
            .build();
    var draws = Arrays.stream(Golden.doubles(dynamic.get("draws"))).iterator();
    RandomStream stream = RandomStream.of(() -> (long) (draws.next() * 0x1.0p53) << 11);
    try (Compute compute = Compute.open("cpu", 1);
        Poison poison = Poison.of(PoisonPlan.of(plan), Methods.load(), compute, Precision.F64);
        Scope scope = Scope.open()) {
      NDArray x = compute.array(Golden.bytes(inputs.get("images_u8")), Precision.F64).div(255);
      NDArray labels = compute.array(Golden.longs(dynamic.get("labels")));
      Batch batch = new Batch(x, labels, compute.manager().create(new boolean[2]));
      Batch poisoned = poison.afterAugmentation(batch, new int[] {0, 1}, stream);
      assertThat(poisoned.labels().toLongArray())
          .containsExactly(Golden.longs(expected.get("dynamic_labels")));
      double[] flags = doubles(poisoned.poisoned().toType(Precision.F64.type(), false));
      assertThat(flags).containsExactly(Golden.doubles(expected.get("dynamic_is_poisoned")));
      double[] sums = {
        Arrays.stream(doubles(poisoned.images().get("0"))).sum(),
        Arrays.stream(doubles(poisoned.images().get("1"))).sum()
      };
      Golden.assertClose(sums, Golden.doubles(expected.get("dynamic_image_sums")), 1e-8, "sums");
    }
  }
}
