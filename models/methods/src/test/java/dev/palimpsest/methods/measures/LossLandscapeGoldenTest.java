package dev.palimpsest.methods.measures;

import static dev.palimpsest.methods.golden.Golden.assertClose;
import static dev.palimpsest.methods.golden.Golden.doubles;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.methods.golden.Golden;
import dev.palimpsest.methods.measures.LossLandscape.Normalisation;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Directions, moves, norms, lines and distances as the reference implementation of SBL has them.
 */
class LossLandscapeGoldenTest {
  private static final double TOLERANCE = 1e-12;

  /** The network whose state dicts the vectors are. */
  private static final Forward NETWORK =
      (pass, images) -> {
        NDArray x = pass.batchNorm("bn1", pass.convolution("conv1", images, 4, 3, 1, 1));
        NDArray features =
            Ops.meanOverSpace(pass.convolutionWithBias("conv2", Ops.relu(x), 5, 3, 1, 1));
        return Out.of(pass.linear("linear", features, 4), features);
      };

  private final JsonNode golden = Golden.read("loss_landscape");
  private final JsonNode inputs = golden.get("inputs");
  private final JsonNode expected = golden.get("expected");
  private final Compute compute = Compute.open("cpu", 1);
  private final Net net = net("A");

  @AfterEach
  void close() {
    compute.close();
  }

  private Net net(String name) {
    return Net.loaded(compute, Precision.F64, NETWORK, state(name), 3, 8, 8);
  }

  private Tensors state(String name) {
    var state = new Tensors.Builder();
    inputs
        .get(name)
        .properties()
        .forEach(entry ->
            state.put(
                entry.getKey(),
                entry.getKey().endsWith("num_batches_tracked")
                    ? Tensor.of(new long[] {(long) doubles(entry.getValue())[0]})
                    : Golden.tensor(entry.getValue())));
    return state.build();
  }

  private Tensors direction(String name) {
    return LossLandscape.normalised(net, Normalisation.INPUT, state(name));
  }

  @Test
  void everyEntryIsNormalisedOverItsOutputs() {
    for (Map.Entry<String, JsonNode> entry :
        expected.get("normalised_before_ignore").properties()) {
      JsonNode weight = inputs.get("A").get(entry.getKey());
      assertClose(
          Normalisation.INPUT.scaled(
              (int) Golden.shape(weight)[0],
              doubles(weight),
              doubles(inputs.get("direction").get(entry.getKey()))),
          doubles(entry.getValue()),
          TOLERANCE,
          entry.getKey());
    }
  }

  @Test
  void parametersOfOneDimensionStay() {
    Tensors direction = direction("direction");
    for (Map.Entry<String, JsonNode> entry : expected.get("direction_normalised").properties()) {
      assertClose(
          direction.get(entry.getKey()).doubles(),
          doubles(entry.getValue()),
          TOLERANCE,
          entry.getKey());
    }
    for (JsonNode name : expected.get("zeroed_keys")) {
      Tensor zeroed = direction.tensors().get(name.asText());
      assertThat(zeroed == null || allZero(zeroed)).as(name.asText()).isTrue();
    }
  }

  private static boolean allZero(Tensor tensor) {
    for (double value : tensor.doubles()) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }

  @Test
  void aPointOfThePlaneIsTheNetworkMovedAlongBothDirections() {
    double[] point = doubles(golden.get("parameters").get("grid_point"));
    // x is the second of five places, y the first.
    try (Survey.Points plane =
        LossLandscape.plane(
            net, direction("direction"), direction("direction2"), -1, -0.5, 0, 0.5, 1)) {
      assertThat(point).containsExactly(0.5, -1.0);
      plane.visit(3);
      Tensors moved = net.state();
      assertClose(
          moved.get("linear.weight").doubles(),
          doubles(expected.get("moved_linear_weight")),
          TOLERANCE,
          "linear.weight");
      double sum = 0;
      for (double value : moved.get("conv1.weight").doubles()) {
        sum += value;
      }
      assertThat(sum).isCloseTo(expected.get("moved_conv1_sum").doubleValue(), within(TOLERANCE));
      assertClose(
          moved.get("bn1.running_mean").doubles(),
          doubles(expected.get("moved_bn_running_mean")),
          TOLERANCE,
          "bn1.running_mean");
      plane.visit(12);
      assertThat(net.state().get("conv1.weight").doubles())
          .as("the middle of the plane")
          .isEqualTo(state("A").get("conv1.weight").doubles());
    }
  }

  @Test
  void everyFilterOfLiEtAlIsAsLongAsTheNetworks() {
    Tensors direction = LossLandscape.normalised(net, Normalisation.FILTER, state("direction"));
    for (String name : new String[] {"conv1.weight", "conv2.weight", "linear.weight"}) {
      double[] weight = state("A").get(name).doubles();
      double[] scaled = direction.get(name).doubles();
      int rows = (int) direction.get(name).shape()[0];
      for (int row = 0; row < rows; row++) {
        assertThat(length(scaled, row, rows))
            .as(name + " " + row)
            .isCloseTo(length(weight, row, rows), within(1e-9));
      }
    }
  }

  private static double length(double[] values, int row, int rows) {
    double sum = 0;
    int columns = values.length / rows;
    for (int j = 0; j < columns; j++) {
      sum += values[row * columns + j] * values[row * columns + j];
    }
    return Math.sqrt(sum);
  }

  @Test
  void norms() {
    WeightNorms norms = WeightNorms.of(net);
    assertThat(norms.l1()).isCloseTo(expected.get("l1_of_A").doubleValue(), within(1e-10));
    assertThat(norms.l2Sum()).isCloseTo(expected.get("l2_sum_of_A").doubleValue(), within(1e-11));
  }

  @Test
  void distances() {
    JsonNode distance = expected.get("lp_distance");
    Distance between = Distance.between(net, net("B"));
    assertThat(between.l0()).isEqualTo(distance.get("L0").longValue());
    assertThat(between.l1()).isCloseTo(distance.get("L1").doubleValue(), within(1e-10));
    assertThat(between.l2()).isCloseTo(distance.get("L2").doubleValue(), within(1e-11));
    assertThat(between.linf()).isCloseTo(distance.get("Linf").doubleValue(), within(TOLERANCE));
    assertThat(Distance.between(net, net).l0()).isZero();
  }

  @Test
  void everyEntryIsInterpolated() {
    for (Map.Entry<String, JsonNode> alpha : expected.get("interpolated").properties()) {
      Tensors between =
          LinearInterpolation.between(state("A"), state("B"), Double.parseDouble(alpha.getKey()));
      assertThat(between.tensors().keySet()).isEqualTo(state("A").tensors().keySet());
      for (Map.Entry<String, JsonNode> entry : alpha.getValue().properties()) {
        Tensor tensor = between.get(entry.getKey());
        double[] wanted = doubles(entry.getValue());
        if (tensor.type() == Tensor.Type.I64) {
          assertThat(tensor.longs()[0]).as(entry.getKey()).isEqualTo((long) wanted[0]);
        } else {
          assertClose(tensor.doubles(), wanted, TOLERANCE, alpha.getKey() + " " + entry.getKey());
        }
      }
    }
  }

  @Test
  void theEndsOfALineAreTheNetworksThemselves() {
    var parameters =
        new LinearInterpolation.Parameters(7, 0, 1, LinearInterpolation.Statistics.INTERPOLATED, 0);
    double[] alphas = parameters.alphas();
    assertThat(alphas).hasSize(7).startsWith(0).endsWith(1).contains(0.5);
    try (Survey.Points line =
        LinearInterpolation.points(
            net, state("A"), state("B"), alphas, Optional.empty(), () -> {})) {
      line.visit(6);
      assertThat(net.state().get("conv1.weight").doubles())
          .isEqualTo(state("B").get("conv1.weight").doubles());
      line.visit(0);
      assertThat(net.state().get("bn1.running_var").doubles())
          .isEqualTo(state("A").get("bn1.running_var").doubles());
    }
  }

  @Test
  void aVarianceBelowZeroIsRefused() {
    assertThatThrownBy(() -> LinearInterpolation.between(state("A"), state("B"), 3))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("at alpha 3.0 the interpolated 'bn1.running_var' is below 0");
  }
}
