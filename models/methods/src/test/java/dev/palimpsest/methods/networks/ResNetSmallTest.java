package dev.palimpsest.methods.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.Samples;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResNetSmallTest {
  private static Net net(Compute compute, ResNetSmall.Parameters parameters, int channels) {
    return Net.drawn(
        compute,
        Precision.F32,
        new ResNetSmall().forward(parameters, 10),
        Randomness.of(1),
        channels,
        28,
        28);
  }

  @Test
  void itReturnsEmbeddingAndTheMapsOfItsStages() {
    try (Compute compute = Compute.open("cpu", 1);
        Net net = net(compute, ResNetSmall.Parameters.plain(), 3);
        Images images = Samples.images(compute);
        Scope scope = Scope.open()) {
      Out out = net.forward(Mode.EVAL, images.batch(Precision.F32, 0, 1).images());
      assertThat(out.embedding().getShape().getShape()).containsExactly(2, 64);
      assertThat(out.maps().keySet()).containsExactly("layer1", "layer2", "layer3");
      assertThat(out.maps().lastEntry().getValue().getShape().getShape())
          .containsExactly(2, 64, 1, 1);
    }
  }

  @Test
  void normalisationIsPartOfTheNetwork() {
    var parameters = new ResNetSmall.Parameters(List.of(0.5, 0.4, 0.3), List.of(0.2, 0.25, 0.5));
    try (Compute compute = Compute.open("cpu", 1);
        Net plain = net(compute, ResNetSmall.Parameters.plain(), 3);
        Net normalised = net(compute, parameters, 3);
        Images images = Samples.images(compute);
        Scope scope = Scope.open()) {
      NDArray x = images.batch(Precision.F32, 0, 1).images();
      NDArray mean = compute.manager().create(new float[] {0.5f, 0.4f, 0.3f}).reshape(1, 3, 1, 1);
      NDArray std = compute.manager().create(new float[] {0.2f, 0.25f, 0.5f}).reshape(1, 3, 1, 1);
      assertThat(normalised.forward(Mode.EVAL, x).logits().toFloatArray())
          .isEqualTo(plain.forward(Mode.EVAL, x.sub(mean).div(std)).logits().toFloatArray());
    }
  }

  @Test
  void normalisationThatDoesNotFitIsRefused() {
    var network = new ResNetSmall();
    assertThatThrownBy(
            () -> network.forward(new ResNetSmall.Parameters(List.of(0.5), List.of()), 10))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("1 means and 0 standard deviations");
    assertThatThrownBy(
            () -> network.forward(new ResNetSmall.Parameters(List.of(0.5), List.of(0.0)), 10))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("a standard deviation is 0.0");
    try (Compute compute = Compute.open("cpu", 1)) {
      assertThatThrownBy(
              () -> net(compute, new ResNetSmall.Parameters(List.of(0.5), List.of(0.2)), 3))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining("as many as the images have channels, 3");
      assertThat(compute.liveArrays()).isZero();
    }
  }
}
