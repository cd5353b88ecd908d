package dev.palimpsest.methods.networks;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Initial;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.SampleGradients;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Gradients of single samples from one pass, against a pass for each sample. */
class SampleGradientsTest {
  private static final SampleGradients.Objective LIKELIHOOD =
      (out, batch) -> Ops.logLikelihood(out.logits(), batch.labels());

  @TestFactory
  Stream<DynamicTest> everyNetworksSumsAreThoseOfItsSamples() {
    return Methods.load().all(Kind.NETWORK).stream()
        .flatMap(network ->
            Stream.of(Precision.values())
                .map(precision ->
                    DynamicTest.dynamicTest(
                        network.name() + " " + precision,
                        () -> check(forward((Network<?>) network), precision))));
  }

  private static <P extends Record> Forward forward(Network<P> network) {
    return network.forward(Samples.defaults(network), Samples.CLASSES);
  }

  /** Squares in single precision, absolute values in double. */
  private static void check(Forward forward, Precision precision) {
    try (Compute compute = Compute.open("cpu", 1);
        Images images = Samples.images(compute)) {
      int before = compute.liveArrays();
      try (Net net =
              Net.drawn(
                  compute,
                  precision,
                  forward,
                  Randomness.of(3),
                  Samples.CHANNELS,
                  Samples.SIDE,
                  Samples.SIDE);
          Scope scope = Scope.open()) {
        moveStatistics(net);
        Batch batch = images.batch(precision, 3, 1, 6);
        int order = precision == Precision.F32 ? 2 : 1;
        double tolerance = precision == Precision.F32 ? 1e-5 : 1e-12;
        var together = SampleGradients.of(net, batch, order, LIKELIHOOD);
        var single = SampleGradients.oneByOne(net, batch, order, LIKELIHOOD);
        assertClose(together.values(), single.values(), tolerance);
        assertClose(doubles(together.vector()), doubles(single.vector()), tolerance);
      }
      assertThat(compute.liveArrays()).as("arrays, all that were made closed").isEqualTo(before);
    }
  }

  /** Means and variances other than those that a network is drawn with. */
  private static void moveStatistics(Net net) {
    double[] values = new double[(int) net.buffers().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.3 + 0.2 * i / values.length;
    }
    NDArray moved = net.compute().manager().create(values).toType(net.precision().type(), false);
    net.buffers().addi(moved);
  }

  private static double[] doubles(NDArray array) {
    return array.toType(Precision.F64.type(), false).toDoubleArray();
  }

  /** Differences are in proportion to the largest number. */
  private static void assertClose(double[] actual, double[] expected, double tolerance) {
    double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    assertThat(largest).isPositive();
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(Math.abs(actual[i] - expected[i])).isLessThanOrEqualTo(tolerance * largest);
    }
  }

  @Test
  void aConvolutionWithBiasAndStrideOnImagesThatAreNotSquare() {
    Forward forward =
        (pass, images) -> {
          NDArray x = pass.convolutionWithBias("a", images.get(":, :, :, 1:"), 3, 5, 3, 2);
          x = pass.convolution("b", Ops.relu(x), 4, 1, 2, 0);
          NDArray embedding = Ops.meanOverSpace(x);
          return Out.of(pass.linear("c", embedding, Samples.CLASSES), embedding);
        };
    check(forward, Precision.F64);
  }

  @Test
  void aParameterOutsideTheKnownLayersCountsToo() {
    Forward forward =
        (pass, images) -> {
          NDArray embedding = Ops.meanOverSpace(images);
          NDArray scale = pass.parameter("scale", Initial.uniform(3), 3);
          return Out.of(pass.linear("linear", embedding.mul(scale), Samples.CLASSES), embedding);
        };
    check(forward, Precision.F64);
  }
}
