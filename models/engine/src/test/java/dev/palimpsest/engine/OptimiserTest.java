package dev.palimpsest.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tensors.Tensors;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OptimiserTest {
  private final Compute compute = Compute.open("cpu", 1);

  @AfterEach
  void close() {
    compute.close();
  }

  static Stream<Optimiser.Settings> rules() {
    return Stream.of(
        Sgd.Settings.of(0.1, 0.9, 0.01), Sgd.Settings.of(0.1, 0, 0), Adam.Settings.of(0.1));
  }

  private static void descend(Optimiser optimiser, NDArray weights, int steps) {
    for (int i = 0; i < steps; i++) {
      try (Scope scope = Scope.open()) {
        optimiser.step(weights, weights.mul(2), 0.1);
      }
    }
  }

  private NDArray start() {
    return compute.manager().create(new float[] {1, -2, 3});
  }

  @ParameterizedTest
  @MethodSource("rules")
  void aRestoredOptimiserGoesOnAsTheFormerOneAndLeavesNoArray(Optimiser.Settings settings) {
    int before = compute.liveArrays();
    try (NDArray straight = start();
        NDArray broken = start();
        Optimiser one = settings.start();
        Optimiser two = settings.start();
        Optimiser three = settings.start()) {
      assertThat(two.state().tensors()).isEmpty();
      descend(one, straight, 7);
      descend(two, broken, 4);
      three.restore(compute, two.state());
      descend(three, broken, 3);
      assertThat(broken.toFloatArray()).isEqualTo(straight.toFloatArray());
    }
    assertThat(compute.liveArrays()).isEqualTo(before);
  }

  @Test
  void adamsFirstStepIsTheRateInTheDirectionOfEachSign() {
    try (NDArray weights = start();
        Adam adam = new Adam(Adam.Settings.of(0.1))) {
      descend(adam, weights, 1);
      float[] moved = weights.toFloatArray();
      assertThat(moved[0]).isCloseTo(0.9f, within(1e-6f));
      assertThat(moved[1]).isCloseTo(-1.9f, within(1e-6f));
      assertThat(moved[2]).isCloseTo(2.9f, within(1e-6f));
    }
  }

  @Test
  void adamsWeightDecayIsPartOfTheGradient() {
    Adam.Settings plain = Adam.Settings.of(0.1);
    try (NDArray decayed = start();
        NDArray added = start();
        Adam one = new Adam(new Adam.Settings(0.1, plain.beta1(), plain.beta2(), 1e-8, 0.5));
        Adam two = new Adam(plain)) {
      for (int i = 0; i < 5; i++) {
        try (Scope scope = Scope.open()) {
          one.step(decayed, decayed.zerosLike().addi(1), 0.1);
          two.step(added, added.mul(0.5).addi(1), 0.1);
        }
      }
      assertThat(decayed.toFloatArray()).isEqualTo(added.toFloatArray());
    }
  }

  @Test
  void aStateOfAnotherRuleOrOfOtherSpansIsRefused() {
    try (NDArray weights = start();
        Adam adam = new Adam(Adam.Settings.of(0.1));
        Sgd sgd = new Sgd(Sgd.Settings.of(0.1, 0.9, 0));
        Adam cut =
            new Adam(
                Adam.Settings.of(0.1),
                List.of(new Adam.Span("a", 0, 1), new Adam.Span("b", 1, 3)))) {
      descend(adam, weights, 1);
      Tensors state = adam.state();
      assertThatThrownBy(() -> sgd.restore(compute, state))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining("velocity");
      assertThatThrownBy(() -> cut.restore(compute, state))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining("the steps of 1 spans of weights; this optimiser has 2");
      assertThatThrownBy(() -> cut.step(weights, weights, 0.1, Set.of("c")))
          .hasMessageContaining("[c]");
    }
  }
}
