package dev.palimpsest.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tensors.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PredictionsTest {
  private final Compute compute = Compute.open("cpu", 1);
  private final Images images = Tiny.images(compute);

  @AfterEach
  void close() {
    images.close();
    compute.close();
  }

  @Test
  void theBatchSizeDoesNotChangeWhatIsPredicted() {
    try (Net net = Tiny.net(compute, Precision.F64)) {
      assertThat(Predictions.of(net, images, 4).classes())
          .hasSize(Tiny.IMAGES)
          .isEqualTo(Predictions.of(net, images, 100).classes());
    }
  }

  @Test
  void theFirstOfEqualLogitsIsPredicted() {
    try (Net net = Tiny.net(compute, Precision.F32)) {
      net.weights().subi(net.weights().duplicate());
      assertThat(Predictions.of(net, images, 8).classes()).containsOnly(0);
    }
  }

  @Test
  void aChangeIsAppliedToTheImagesFirst() {
    try (Net net = Tiny.net(compute, Precision.F64)) {
      double[][] plain = Predictions.of(net, images, 8).logits();
      double[][] dark = Predictions.of(net, images, 8, x -> x.mul(0)).logits();
      assertThat(dark[0]).isEqualTo(dark[1]);
      assertThat(plain[0]).isNotEqualTo(dark[0]);
    }
  }

  @Test
  void aNetworkOfNansIsAFailureAndNotAPrediction() {
    try (Net net = Tiny.net(compute, Precision.F32)) {
      net.weights().addi(Float.NaN);
      assertThatThrownBy(() -> Predictions.of(net, images, 8))
          .isInstanceOf(Failure.class)
          .hasMessageContaining("output for image 0 is not finite");
    }
  }

  @Test
  void imagesThatDoNotFitAreRefusedNamingTheOffender() {
    Tensor four = Tensor.of(new byte[4 * 3], 4, 1, 1, 3);
    assertThatThrownBy(() -> Images.of(compute, four, Tensor.of(new long[] {0, 1, 9, 0}, 4), 3))
        .isInstanceOf(Mistake.class)
        .hasMessage("label 2 is 9; expected 0 to 2.");
    assertThatThrownBy(() -> Images.of(compute, four, Tensor.of(new long[3], 3), 3))
        .isInstanceOf(Mistake.class)
        .hasMessage("the labels are I64[3]; expected I64 [4].");
    assertThatThrownBy(
            () -> Images.of(compute, Tensor.of(new float[4], 4), Tensor.of(new long[4], 4), 3))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("the images are F32[4]");
  }

  @Test
  void aByteStandsForItsShareOf255() {
    try (Images one =
            Images.of(
                compute,
                Tensor.of(new byte[] {0, 51, (byte) 255}, 1, 1, 1, 3),
                Tensor.of(new long[1], 1),
                1);
        Scope scope = Scope.open()) {
      assertThat(one.batch(Precision.F64, 0).images().toDoubleArray()).containsExactly(0, 0.2, 1);
    }
  }
}
