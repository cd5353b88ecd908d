package dev.palimpsest.methods.learners;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Penalty;
import dev.palimpsest.engine.Poisoner;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Sam;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Training;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EwcTest {
  private final Compute compute = Compute.open("cpu", 1);
  private final Images images = Samples.images(compute);
  private final Net net = Samples.net(compute);

  @AfterEach
  void close() {
    net.close();
    images.close();
    compute.close();
  }

  @Test
  void aPullThatWouldDivergeIsWarnedOf() {
    var ewc = new Ewc();
    Sgd.Settings sgd = Sgd.Settings.of(0.01, 0.9, 0);
    // lr 2 lambda max F = 0.01 * 2 * 100 * max F, to be compared with 2 (1 + 0.9) = 3.8
    assertThat(ewc.warning(new Ewc.Parameters(100, 600), memory(1.89), sgd)).isEmpty();
    assertThat(ewc.warning(new Ewc.Parameters(100, 600), memory(1.91), sgd))
        .hasValueSatisfying(sentence ->
            assertThat(sentence).contains("lambda 100.0 may diverge").contains("at most 99.5"));
  }

  private static Memory memory(double largest) {
    Tensor fisher = Tensor.of(new double[] {largest / 2, largest}, 2);
    return Memory.EMPTY.with("fisher.1", new Tensors.Builder().put("w", fisher).build());
  }

  private Memory memory(Tensors fisher) {
    return Memory.EMPTY.with("fisher.1", fisher).with("anchor.1", net.byParameter(net.weights()));
  }

  @Test
  void aStrongPenaltyHoldsTheWeightsThatMattered() {
    Tensors fisher;
    try (Importance information = FisherInformation.of(net, images, Samples.IMAGES)) {
      while (!information.finished()) {
        information.step();
      }
      fisher = information.mean();
    }
    double free = moved(0, fisher);
    double held = moved(100, fisher);
    assertThat(held).isLessThan(free / 2);
  }

  /** How far training moves the weights in the metric of the Fisher information. */
  private double moved(double lambda, Tensors fisher) {
    Recipe recipe = Recipe.of(10, 10, Sgd.Settings.of(0.01, 0.5, 0));
    try (Net trained = Samples.net(compute);
        Penalty penalty = QuadraticPenalty.of(lambda, "fisher", trained, memory(fisher));
        Penalty metric = QuadraticPenalty.of(1, "fisher", trained, memory(fisher));
        Training training =
            Training.of(
                trained, images, recipe, Poisoner.NONE, Lesson.of(penalty), Randomness.of(1))) {
      while (!training.finished()) {
        training.step();
      }
      try (var scope = Scope.open()) {
        var zero = compute.manager().zeros(new Shape(1)).sum();
        var x = images.batch(trained.precision(), 0);
        var out = trained.forward(Mode.EVAL, x.images());
        return metric
            .added(zero, x, out, trained.weights())
            .toType(Precision.F64.type(), false)
            .getDouble();
      }
    }
  }

  @Test
  void theFisherInformationCarriesOnFromItsState() {
    int samples = 3 * Samples.IMAGES;
    Tensors whole;
    Tensors saved;
    try (Images three = threeTimes();
        Importance one = FisherInformation.of(net, three, samples)) {
      one.step();
      saved = one.state();
      while (!one.finished()) {
        one.step();
      }
      whole = one.mean();
    }
    try (Images three = threeTimes();
        Importance other = FisherInformation.of(net, three, samples)) {
      other.restore(saved);
      assertThat(other.done()).isEqualTo(1);
      while (!other.finished()) {
        other.step();
      }
      other
          .mean()
          .tensors()
          .forEach((name, tensor) ->
              assertThat(tensor.data()).as(name).isEqualTo(whole.get(name).data()));
      assertThat(other.gradientEvaluations()).isEqualTo(samples);
    }
  }

  private Images threeTimes() {
    byte[] once = Samples.bytes().bytes();
    byte[] bytes = new byte[3 * once.length];
    long[] labels = new long[3 * Samples.IMAGES];
    for (int i = 0; i < 3; i++) {
      System.arraycopy(once, 0, bytes, i * once.length, once.length);
      System.arraycopy(Samples.labels(), 0, labels, i * Samples.IMAGES, Samples.IMAGES);
    }
    return Images.of(
        compute,
        Tensor.of(bytes, labels.length, Samples.CHANNELS, Samples.SIDE, Samples.SIDE),
        Tensor.of(labels, labels.length),
        Samples.CLASSES);
  }

  @Test
  void moreSamplesThanThereAreAreRefused() {
    assertThatThrownBy(() -> FisherInformation.of(net, images, 21))
        .isInstanceOf(Mistake.class)
        .hasMessage("the Fisher information is asked of 21 samples; expected 1 to 20.");
  }

  @Test
  void samGoesThroughThePenaltyToo() {
    Recipe recipe =
        Recipe.of(1, Samples.IMAGES, Sgd.Settings.of(0.001, 0, 0)).with(new Sam(0.05, false));
    try (Net weak = Samples.net(compute);
        Net strong = Samples.net(compute);
        Lesson none = Lesson.of(QuadraticPenalty.of(0, "fisher", weak, memory(ones())));
        Lesson pull = Lesson.of(QuadraticPenalty.of(10, "fisher", strong, memory(ones())));
        Training one = Training.of(weak, images, recipe, Poisoner.NONE, none, Randomness.of(1));
        Training two = Training.of(strong, images, recipe, Poisoner.NONE, pull, Randomness.of(1))) {
      one.step();
      two.step();
      // At the anchor the penalty has no slope; only SAM's second pass, beside it, feels it.
      assertThat(strong.weights().toFloatArray()).isNotEqualTo(weak.weights().toFloatArray());
    }
  }

  private Tensors ones() {
    try (var ones = net.weights().onesLike()) {
      return net.byParameter(ones);
    }
  }
}
