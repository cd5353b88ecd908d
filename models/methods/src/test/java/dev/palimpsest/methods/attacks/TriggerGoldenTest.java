package dev.palimpsest.methods.attacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.golden.Golden;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.Iterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blended, SIG, WaNet and the resizing of pictures, against the reference implementation. */
class TriggerGoldenTest {
  private static final double FAINT = 1e-9;
  private static final double FAINT_F32 = 2e-7;
  private static final double WARP_F32 = 5e-6;

  private final JsonNode still = Golden.read("triggers_patch_blend_sig");

  /** A trigger on images of bytes. */
  private static double[] stamped(
      Attack<?> attack, Tensors trigger, JsonNode images, Precision precision) {
    try (Compute compute = Compute.open("cpu", 1);
        Scope scope = Scope.open();
        Stamp stamp = attack.stamp(trigger, compute, precision)) {
      return doubles(stamp.apply(images(images, compute, precision)));
    }
  }

  private static NDArray images(JsonNode images, Compute compute, Precision precision) {
    return compute.array(Golden.bytes(images), precision).div(255);
  }

  private static double[] doubles(NDArray array) {
    return array.toType(Precision.F64.type(), true).toDoubleArray();
  }

  private static void assertImage(
      double[] actual, int image, JsonNode expected, double tolerance, String what) {
    double[] wanted = Golden.doubles(expected);
    int from = image * wanted.length;
    Golden.assertClose(
        Arrays.copyOfRange(actual, from, from + wanted.length), wanted, tolerance, what);
  }

  @Test
  void blendedFollowsTheReference() {
    blended("images_u8", "blend_trigger_u8", "blended");
    blended("grey_u8", "blend_trigger_grey_u8", "blended_grey");
  }

  private void blended(String images, String picture, String expected) {
    JsonNode inputs = still.get("inputs");
    double alpha = still.get("parameters").get("blend_ratio").doubleValue();
    double[] bytes = Golden.doubles(inputs.get(picture));
    double[] values = Arrays.stream(bytes).map(value -> value / 255).toArray();
    long[] shape = Golden.shape(inputs.get(picture));
    Tensors exact =
        new Tensors.Builder()
            .put("mask", Tensor.of(filled(alpha, values.length), shape))
            .put(
                "pattern",
                Tensor.of(Arrays.stream(values).map(value -> alpha * value).toArray(), shape))
            .build();
    double[] wanted = Golden.doubles(still.get("expected").get(expected));
    Golden.assertClose(
        stamped(new Blended(), exact, inputs.get(images), Precision.F64), wanted, FAINT, expected);
    Tensors planned =
        Blended.trigger(alpha, values, (int) shape[0], (int) shape[1], (int) shape[2]);
    Golden.assertClose(
        stamped(new Blended(), planned, inputs.get(images), Precision.F32),
        wanted,
        FAINT_F32,
        expected + " in float32");
  }

  private static double[] filled(double value, int length) {
    double[] values = new double[length];
    Arrays.fill(values, value);
    return values;
  }

  @Test
  void sigFollowsTheReference() {
    JsonNode parameters = still.get("parameters");
    var sinusoid =
        new Sig.Parameters(
            parameters.get("sig_delta").doubleValue(), parameters.get("sig_f").doubleValue());
    RandomStream unused = Randomness.of(1).stream("trigger");
    Tensors colour = new Sig().draw(sinusoid, 3, 32, 32, unused);
    Tensors grey = new Sig().draw(sinusoid, 1, 28, 28, unused);
    JsonNode expected = still.get("expected");
    assertImage(colour.get("pattern").doubles(), 0, expected.get("sig_row_32"), FAINT, "row");
    assertImage(grey.get("pattern").doubles(), 27, expected.get("sig_row_28"), FAINT, "row");
    for (Precision precision : Precision.values()) {
      double tolerance = precision == Precision.F64 ? FAINT : FAINT_F32;
      double[] on = stamped(new Sig(), colour, still.get("inputs").get("images_u8"), precision);
      assertImage(on, 0, expected.get("sig_image0"), tolerance, "image 0");
      assertThat(Arrays.stream(on, on.length / 2, on.length).sum())
          .isCloseTo(
              expected.get("sig_image1_sum").doubleValue(),
              within(precision == Precision.F64 ? 1e-8 : 1e-3));
      assertImage(
          stamped(new Sig(), grey, still.get("inputs").get("grey_u8"), precision),
          0,
          expected.get("sig_grey"),
          tolerance,
          "grey");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"triggers_wanet", "triggers_wanet_28"})
  void waNetFollowsTheReference(String file) {
    JsonNode golden = Golden.read(file);
    JsonNode expected = golden.get("expected");
    JsonNode parameters = golden.get("parameters");
    int k = parameters.get("k").intValue();
    int side = parameters.get("height").intValue();
    double[] control =
        WarpField.normalised(Golden.doubles(golden.get("inputs").get("control_uniform")));
    assertImage(control, 0, expected.get("control_normalised"), FAINT, "control points");
    assertImage(
        WarpField.upsampled(control, k, side, side),
        0,
        expected.get("noise_grid"),
        FAINT,
        "upsampled");
    double[] field = WarpField.of(control, k, parameters.get("s").doubleValue(), side, side);
    assertImage(field, 0, expected.get("grid_first_rows"), FAINT, "field");
    assertThat(Arrays.stream(field).sum())
        .isCloseTo(expected.get("grid_sum").doubleValue(), within(1e-8));

    Tensors trigger =
        WaNet.trigger(field, parameters.get("noise_rescale").doubleValue(), side, side);
    JsonNode images = golden.get("inputs").get("images_u8");
    double[] draws = Golden.doubles(golden.get("inputs").get("noise_mode_uniform"));
    for (Precision precision : Precision.values()) {
      double tolerance = precision == Precision.F64 ? FAINT : WARP_F32;
      double[] warped = stamped(new WaNet(), trigger, images, precision);
      Golden.assertClose(warped, Golden.doubles(expected.get("warped")), tolerance, "warped");
      try (Compute compute = Compute.open("cpu", 1);
          Scope scope = Scope.open();
          Stamp stamp = new WaNet().stamp(trigger, compute, precision)) {
        NDArray noisy = stamp.cover(images(images, compute, precision), new int[] {0}, of(draws));
        Golden.assertClose(
            doubles(noisy),
            Golden.doubles(expected.get("warped_noise_mode_image0")),
            tolerance,
            "noise mode");
      }
    }
  }

  /** A stream whose uniform numbers are given, to 53 bits. */
  private static RandomStream of(double... draws) {
    Iterator<Double> next = Arrays.stream(draws).iterator();
    return RandomStream.of(() -> (long) (next.next() * 0x1.0p53) << 11);
  }

  @Test
  void aPictureIsResizedAsInTheReference() {
    JsonNode golden = Golden.read("trigger_resize");
    JsonNode picture = golden.get("inputs").get("image_u8");
    long[] shape = Golden.shape(picture);
    double[] values = Arrays.stream(Golden.doubles(picture)).map(value -> value / 255).toArray();
    double[] resized =
        Resize.bilinear(values, (int) shape[0], (int) shape[1], (int) shape[2], 32, 32);
    Golden.assertClose(
        resized, Golden.doubles(golden.get("expected").get("resized")), 1e-11, "resized");
  }
}
