package dev.palimpsest.methods.measures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.methods.attacks.BadNets;
import dev.palimpsest.methods.attacks.Corner;
import dev.palimpsest.methods.attacks.Poison;
import dev.palimpsest.methods.attacks.PoisonPlan;
import dev.palimpsest.methods.attacks.Timing;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LossesTest {
  private static final int TARGET = 1;

  private final Compute compute = Compute.open("cpu", 1);
  private final Images images = Samples.images(compute);
  private final Net net = Samples.net(compute);

  @AfterEach
  void close() {
    compute.close();
  }

  private Poison poison() {
    return Poison.of(
        PoisonPlan.draw(
            new BadNets(),
            new BadNets.Parameters(3, Corner.UPPER_LEFT),
            new PoisonPlan.Aim(0.1, TARGET, Timing.DYNAMIC, 10, Samples.CLASSES),
            Samples.CHANNELS,
            Samples.SIDE,
            Samples.SIDE,
            Randomness.of(1)),
        Methods.load(),
        compute,
        Precision.F32);
  }

  @Test
  void theyAreTorchsCrossEntropyAndTheMeasuresOfTheOutcome() {
    try (Poison poison = poison();
        Scope scope = Scope.open()) {
      Losses losses = Losses.of(net, images, Optional.of(poison), () -> {});
      Outcome outcome = Outcome.of(net, images, Optional.of(poison), () -> {});
      assertThat(losses.accuracy()).isEqualTo(CleanAccuracy.of(outcome).orElseThrow());
      assertThat(losses.backdoor().orElseThrow().asr())
          .isEqualTo(AttackSuccessRate.of(outcome).orElseThrow());
      Batch all = batch(IntStream.range(0, images.size()).toArray());
      assertThat(losses.loss()).isCloseTo(torch(all.images(), all.labels()), within(1e-6));
      Batch others =
          batch(
              IntStream.range(0, images.size())
                  .filter(i -> Samples.labels()[i] != TARGET)
                  .toArray());
      assertThat(losses.backdoor().orElseThrow().loss())
          .isCloseTo(
              torch(poison.triggered(others.images()), others.labels().zerosLike().addi(TARGET)),
              within(1e-6));
      assertThat(losses.named().keySet())
          .containsExactly("asr", "backdoorLoss", "cleanAccuracy", "cleanLoss");
    }
  }

  private Batch batch(int... places) {
    return images.batch(Precision.F32, places);
  }

  private double torch(NDArray seen, NDArray labels) {
    return Ops.crossEntropy(net.forward(Mode.EVAL, seen).logits(), labels).getFloat();
  }

  @Test
  void aSurveyGoesOnWhereItWasInterrupted() {
    List<Double> radii = List.of(0.1, 3.0);
    Survey whole = survey(radii);
    while (!whole.finished()) {
      whole.step();
    }
    assertThat(whole.losses()).hasSize(5);
    assertThat(whole.losses().getLast().loss()).isNotEqualTo(whole.losses().getFirst().loss());
    net.load(Samples.net(compute).state());
    Survey first = survey(radii);
    first.step();
    first.step();
    Tensors saved = first.state();
    net.load(Samples.net(compute).state());
    Survey second = survey(radii);
    second.restore(saved);
    while (!second.finished()) {
      second.step();
    }
    assertThat(second.losses()).isEqualTo(whole.losses());
  }

  private Survey survey(List<Double> radii) {
    return Survey.of(
        Sharpness.displaced(net, radii, 2, Randomness.of(4)),
        () -> Losses.of(net, images, Optional.empty(), () -> {}));
  }

  @Test
  void displacementsHaveTheirRadiusAndShareTheirDirections() {
    float[] centre = net.weights().toFloatArray();
    try (Survey.Points points = Sharpness.displaced(net, List.of(0.5, 2.0), 2, Randomness.of(4))) {
      assertThat(points.size()).isEqualTo(5);
      points.visit(0);
      assertThat(net.weights().toFloatArray()).isEqualTo(centre);
      double[] near = away(points, 1, centre);
      double[] far = away(points, 3, centre);
      assertThat(length(near)).isCloseTo(0.5, within(1e-4));
      assertThat(length(far)).isCloseTo(2.0, within(1e-4));
      for (int i = 0; i < near.length; i += 1000) {
        assertThat(far[i]).isCloseTo(4 * near[i], within(1e-5));
      }
      assertThat(away(points, 2, centre)).isNotEqualTo(near);
    }
  }

  private double[] away(Survey.Points points, int point, float[] centre) {
    points.visit(point);
    float[] now = net.weights().toFloatArray();
    return IntStream.range(0, now.length).mapToDouble(i -> now[i] - centre[i]).toArray();
  }

  private static double length(double[] vector) {
    return Math.sqrt(Arrays.stream(vector).map(x -> x * x).sum());
  }

  @Test
  void reestimatedStatisticsAreThoseOfTheImages() {
    RunningStatistics.estimate(net, images, () -> {});
    float[] means = net.state().get("bn1.running_mean").floats();
    try (Scope scope = Scope.open()) {
      NDArray seen = batch(IntStream.range(0, images.size()).toArray()).images();
      float[] expected =
          net.pass(
              Mode.EVAL,
              pass ->
                  pass.convolution("conv1", seen, means.length, 3, 2, 1)
                      .mean(new int[] {3})
                      .mean(new int[] {2})
                      .mean(new int[] {0})
                      .toFloatArray());
      for (int i = 0; i < means.length; i++) {
        assertThat(means[i]).isCloseTo(expected[i], within(1e-6f));
      }
    }
  }
}
