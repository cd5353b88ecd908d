package dev.palimpsest.methods.measures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Initial;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.junit.jupiter.api.Test;

class HessianEigenvalueTest {
  /** Softmax regression on the means of the channels: three features, four classes. */
  private static final Forward REGRESSION =
      (pass, images) -> {
        NDArray features = Ops.scaled(Ops.meanOverSpace(images), 4);
        return Out.of(pass.linear("linear", features, Samples.CLASSES), features);
      };

  private static Net net(Compute compute) {
    return Net.drawn(
        compute,
        Precision.F64,
        REGRESSION,
        Randomness.of(3),
        Samples.CHANNELS,
        Samples.SIDE,
        Samples.SIDE);
  }

  private static HessianEigenvalue start(Net net, Images images, double tolerance) {
    return HessianEigenvalue.of(
        MeanLoss.of(net, images, () -> {}), 500, tolerance, Randomness.of(1));
  }

  /**
   * The mean of (diag(p) - p p') x (z z'), with z the features and a 1, in the order of weights and
   * then biases.
   */
  private static double largest(Net net, Images images) {
    int classes = Samples.CLASSES;
    int inputs = Samples.CHANNELS;
    int size = classes * (inputs + 1);
    DMatrixRMaj hessian = new DMatrixRMaj(size, size);
    try (Scope scope = Scope.open()) {
      int[] all = IntStream.range(0, images.size()).toArray();
      Out out = net.forward(Mode.EVAL, images.batch(Precision.F64, all).images());
      double[] features = out.embedding().toDoubleArray();
      double[] p = out.logits().softmax(1).toDoubleArray();
      for (int n = 0; n < all.length; n++) {
        for (int a = 0; a < size; a++) {
          for (int b = 0; b < size; b++) {
            int c = a < classes * inputs ? a / inputs : a - classes * inputs;
            int d = b < classes * inputs ? b / inputs : b - classes * inputs;
            double za = a < classes * inputs ? features[n * inputs + a % inputs] : 1;
            double zb = b < classes * inputs ? features[n * inputs + b % inputs] : 1;
            double pc = p[n * classes + c];
            double curved = (c == d ? pc : 0) - pc * p[n * classes + d];
            hessian.add(a, b, curved * za * zb / all.length);
          }
        }
      }
    }
    var eigen = DecompositionFactory_DDRM.eig(size, false, true);
    assertThat(eigen.decompose(hessian)).isTrue();
    double largest = 0;
    for (int i = 0; i < size; i++) {
      largest = Math.max(largest, eigen.getEigenvalue(i).getReal());
    }
    return largest;
  }

  @Test
  void theEigenvalueOfASoftmaxRegressionIsThatOfItsKnownHessian() {
    try (Compute compute = Compute.open("cpu", 1);
        Images images = Samples.images(compute);
        Net net = net(compute);
        HessianEigenvalue work = start(net, images, 1e-12)) {
      int before = compute.liveArrays();
      double[] weights = net.weights().toDoubleArray();
      while (!work.finished()) {
        work.step();
      }
      assertThat(work.converged()).isTrue();
      assertThat(work.value()).isCloseTo(largest(net, images), within(1e-7));
      assertThat(work.residual()).isLessThan(1e-4);
      assertThat(net.weights().toDoubleArray()).as("the network").isEqualTo(weights);
      assertThat(compute.liveArrays()).isEqualTo(before);
      assertThat(work.gradientEvaluations()).isEqualTo(2 * work.done() * images.size());
    }
  }

  /**
   * Logits (3 x^2 + 2 y, 0) at x = y = 0: for label 0 the Hessian is diag(-3, 1), because the
   * loss's derivative by the first logit is -1/2 and its second derivative 1/4.
   */
  private static final Forward SADDLE =
      (pass, images) -> {
        NDArray x = pass.parameter("x", Initial.uniform(1), 1);
        NDArray y = pass.parameter("y", Initial.uniform(1), 1);
        NDArray zeros = Ops.scaled(Ops.meanOverSpace(images).get(":, 0:1"), 0);
        NDArray logit = zeros.add(Ops.scaled(x.square(), 3).add(Ops.scaled(y, 2)));
        return Out.of(logit.concat(zeros, 1), zeros);
      };

  @Test
  void aNegativeEigenvalueOfLargerMagnitudeIsNotTheLargest() {
    try (Compute compute = Compute.open("cpu", 1);
        Images images =
            Images.of(
                compute, Samples.bytes(), Tensor.of(new long[Samples.IMAGES], Samples.IMAGES), 2);
        Net net =
            Net.loaded(
                compute,
                Precision.F64,
                SADDLE,
                new Tensors.Builder()
                    .put("x", Tensor.of(new double[] {0}, 1))
                    .put("y", Tensor.of(new double[] {0}, 1))
                    .build(),
                Samples.CHANNELS,
                Samples.SIDE,
                Samples.SIDE);
        HessianEigenvalue work = start(net, images, 1e-9)) {
      while (!work.finished()) {
        work.step();
      }
      assertThat(work.converged()).isTrue();
      assertThat(work.value()).isCloseTo(1, within(1e-6));
    }
  }

  @Test
  void anInterruptedIterationGoesOnToTheSameBits() {
    try (Compute compute = Compute.open("cpu", 1);
        Images images = Samples.images(compute);
        Net net = net(compute);
        HessianEigenvalue whole = start(net, images, 0);
        HessianEigenvalue first = start(net, images, 0);
        HessianEigenvalue second = start(net, images, 0)) {
      for (int i = 0; i < 6; i++) {
        whole.step();
      }
      for (int i = 0; i < 3; i++) {
        first.step();
      }
      Tensors saved = first.state();
      second.restore(saved);
      for (int i = 0; i < 3; i++) {
        second.step();
      }
      assertThat(second.value()).isEqualTo(whole.value());
      assertThat(second.done()).isEqualTo(6);
      assertThat(
              Arrays.equals(
                  second.state().get("vector").doubles(), whole.state().get("vector").doubles()))
          .isTrue();
    }
  }
}
