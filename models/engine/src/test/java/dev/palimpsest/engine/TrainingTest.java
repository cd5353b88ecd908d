package dev.palimpsest.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingTest {
  private static final Recipe PLAIN =
      Recipe.of(4, 5, new Sgd.Settings(0.1, 0.9, 0, 5e-4, false))
          .with(Schedule.COSINE, 4)
          .with(new Augmentation(1, true));
  private static final Recipe WITH_SAM = PLAIN.with(new Sam(0.05, false));
  private static final Randomness RANDOMNESS = Randomness.of(11);

  private final Compute compute = Compute.open("cpu", 1);
  private final Images images = Tiny.images(compute);

  @AfterEach
  void close() {
    images.close();
    compute.close();
  }

  private Training training(Net net, Recipe recipe) {
    return Training.of(net, images, recipe, RANDOMNESS);
  }

  private static Progress run(Training training, long until) {
    Progress last = training.step();
    while (training.done() < until) {
      last = training.step();
    }
    return last;
  }

  private static void assertSame(Tensors actual, Tensors expected) {
    assertThat(actual.tensors().keySet()).isEqualTo(expected.tensors().keySet());
    expected
        .tensors()
        .forEach((name, tensor) ->
            assertThat(actual.get(name).data()).as(name).isEqualTo(tensor.data()));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 10, 13, 19})
  void aTrainingCarriedOnElsewhereEndsWithTheBitsOfAnUndisturbedOne(int interrupted) {
    Tensors undisturbed;
    Progress end;
    try (Net net = Tiny.net(compute, Precision.F32);
        Training training = training(net, WITH_SAM)) {
      end = run(training, training.total());
      undisturbed = training.state();
    }
    Tensors saved;
    try (Net net = Tiny.net(compute, Precision.F32);
        Training training = training(net, WITH_SAM)) {
      for (int i = 0; i < interrupted; i++) {
        training.step();
      }
      saved = training.state();
    }
    try (Net other =
            Net.drawn(
                compute, Precision.F32, Tiny.FORWARD, Randomness.of(0), 2, Tiny.SIDE, Tiny.SIDE);
        Training training = training(other, WITH_SAM)) {
      training.restore(saved);
      assertThat(training.done()).isEqualTo(interrupted);
      Progress last = run(training, training.total());
      assertSame(training.state(), undisturbed);
      assertThat(last).isEqualTo(end);
    }
  }

  @Test
  void theLossFallsAndTheClassesAreLearned() {
    Recipe recipe = Recipe.of(60, 5, Sgd.Settings.of(0.1, 0.9, 0));
    try (Net net = Tiny.net(compute, Precision.F32);
        Training training = training(net, recipe)) {
      double first = run(training, 5).metric("loss");
      Progress last = run(training, training.total());
      assertThat(last.metric("loss")).isLessThan(first / 2);
      assertThat(last.metric("accuracy")).isGreaterThan(0.7);
    }
  }

  @Test
  void everySampleIsSeenOnceAnEpochInAnOrderOfItsOwn() {
    List<List<Integer>> epochs = new ArrayList<>();
    var current = new ArrayList<Integer>();
    Poisoner watcher =
        new Poisoner() {
          @Override
          public Batch beforeAugmentation(Batch batch, int[] indices) {
            for (int index : indices) {
              current.add(index);
            }
            return batch;
          }
        };
    try (Net net = Tiny.net(compute, Precision.F32);
        Training training = Training.of(net, images, PLAIN, watcher, Lesson.PLAIN, RANDOMNESS)) {
      assertThat(training.total()).isEqualTo(4 * 5);
      while (!training.finished()) {
        if (training.step().endsEpoch()) {
          epochs.add(List.copyOf(current));
          current.clear();
        }
      }
    }
    assertThat(epochs).hasSize(4).doesNotHaveDuplicates();
    for (List<Integer> epoch : epochs) {
      assertThat(epoch).hasSize(Tiny.IMAGES).doesNotHaveDuplicates();
    }
  }

  @Test
  void samTakesTwoGradientsASampleAndReachesOtherWeights() {
    try (Net plain = Tiny.net(compute, Precision.F32);
        Net sharp = Tiny.net(compute, Precision.F32);
        Training one = training(plain, PLAIN);
        Training two = training(sharp, WITH_SAM)) {
      run(one, one.total());
      run(two, two.total());
      assertThat(one.gradientEvaluations()).isEqualTo(4 * Tiny.IMAGES);
      assertThat(two.gradientEvaluations()).isEqualTo(2 * 4 * Tiny.IMAGES);
      assertThat(plain.weights().toFloatArray()).isNotEqualTo(sharp.weights().toFloatArray());
    }
  }

  @Test
  void aPenaltyPullsInBothPassesOfSam() {
    Penalty still = (loss, batch, out, weights) -> loss.mul(0).add(weights.sub(1).square().sum());
    Recipe recipe =
        Recipe.of(1, Tiny.IMAGES, Sgd.Settings.of(0.25, 0, 0)).with(new Sam(0.5, false));
    try (Net net = Tiny.net(compute, Precision.F64);
        Scope scope = Scope.open();
        Training training =
            Training.of(net, images, recipe, Poisoner.NONE, Lesson.of(still), RANDOMNESS)) {
      NDArray w = net.weights().duplicate();
      NDArray g = w.sub(1).mul(2);
      NDArray displaced = w.add(g.mul(0.5 / Ops.norm(g)));
      double[] expected = w.sub(displaced.sub(1).mul(2).mul(0.25)).toDoubleArray();
      training.step();
      double[] actual = net.weights().toDoubleArray();
      for (int i = 0; i < actual.length; i++) {
        assertThat(actual[i]).isCloseTo(expected[i], org.assertj.core.data.Offset.offset(1e-12));
      }
    }
  }

  @Test
  void frozenStatisticsStayThroughTraining() {
    try (Net net = Tiny.net(compute, Precision.F32);
        Training training = training(net, WITH_SAM.withFrozenStatistics(true))) {
      float[] before = net.buffers().toFloatArray();
      run(training, training.total());
      assertThat(net.buffers().toFloatArray()).isEqualTo(before);
    }
  }

  @Test
  void aLossThatIsNotFiniteStopsTrainingNamingEpochAndStep() {
    Recipe recipe = Recipe.of(50, 5, Sgd.Settings.of(1e30, 0.9, 0));
    try (Net net = Tiny.net(compute, Precision.F32);
        Training training = training(net, recipe)) {
      assertThatThrownBy(() -> run(training, training.total()))
          .isInstanceOf(Failure.class)
          .hasMessageMatching("the loss is (NaN|-?Infinity) in epoch 1, step [2-4]: .*");
    }
  }

  @Test
  void weightsThatAreNotFiniteAtAnEpochsEndStopTraining() {
    try (Net net = Tiny.net(compute, Precision.F32);
        Training training =
            Training.of(
                net,
                images,
                Recipe.of(1, Tiny.IMAGES, Sgd.Settings.of(0.1, 0, 0)),
                Poisoner.NONE,
                Lesson.of(
                    (loss, batch, out, weights) -> loss.add(weights.sub(weights).sqrt().sum())),
                RANDOMNESS)) {
      assertThatThrownBy(training::step)
          .isInstanceOf(Failure.class)
          .hasMessageContaining("weights are no longer finite after epoch 1, step 1");
    }
  }

  @Test
  void aStateOfAnotherTrainingIsRefused() {
    try (Net net = Tiny.net(compute, Precision.F32);
        Training training = training(net, PLAIN);
        Training longer = training(net, Recipe.of(9, 5, Sgd.Settings.of(0.1, 0.9, 0)))) {
      assertThatThrownBy(() -> longer.restore(training.state()))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining("a training of 20 steps; this one has 45");
      assertThatThrownBy(() ->
              training.restore(new Tensors.Builder().put("x", Tensor.of(new long[1], 1)).build()))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining("training.counts");
    }
  }

  @Test
  void stepsLeaveNoArraysBehind() {
    int before = compute.liveArrays();
    try (Net net = Tiny.net(compute, Precision.F32);
        Training training = training(net, WITH_SAM)) {
      training.step();
      int first = compute.liveArrays();
      run(training, training.total());
      training.restore(training.state());
      Predictions.of(net, images, 8).classes();
      assertThat(compute.liveArrays()).isEqualTo(first);
    }
    assertThat(compute.liveArrays()).isEqualTo(before);
  }
}
