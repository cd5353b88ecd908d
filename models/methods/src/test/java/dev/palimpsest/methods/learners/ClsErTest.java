package dev.palimpsest.methods.learners;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Poisoner;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Training;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.tensors.Tensor;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClsErTest {
  private final Compute compute = Compute.open("cpu", 1);

  @AfterEach
  void close() {
    compute.close();
  }

  @Test
  void aSampleIsHeldToTheAverageThatIsSurerOfItsLabel() {
    try (Scope scope = Scope.open()) {
      var stable = compute.array(Tensor.of(new float[] {3, 0, 0, 3}, 2, 2));
      var plastic = compute.array(Tensor.of(new float[] {2, 0, 0, 4}, 2, 2));
      float[] target =
          ClsEr.surer(stable, plastic, compute.array(new long[] {0, 1})).toFloatArray();
      assertThat(target).containsExactly(3, 0, 0, 4);
    }
  }

  @Test
  void theAveragesFollowTheWeightsEachInItsOwnWay() {
    // b = min(1 - 1/(s+1), alpha): 1/2 after the first step, 0.6 after the second
    var parameters = new ClsEr.Parameters(settings(), 0.1, 0, 0.9, 1, 0.6);
    try (Images images = Samples.images(compute);
        Net net = Samples.net(compute)) {
      float[] w0 = net.weights().toFloatArray();
      TaskLesson lesson =
          new ClsEr()
              .lesson(
                  parameters,
                  new TaskContext(
                      Task.only(Samples.CLASSES),
                      net,
                      Optional.empty(),
                      images,
                      Optional.empty(),
                      Memory.EMPTY,
                      Augmentation.NONE,
                      Randomness.of(1)));
      Recipe recipe = Recipe.of(2, Samples.IMAGES, Sgd.Settings.of(0.1, 0, 0));
      try (lesson;
          Training training =
              Training.of(net, images, recipe, Poisoner.NONE, lesson, Randomness.of(1))) {
        training.step();
        float[] w1 = net.weights().toFloatArray();
        training.step();
        float[] w2 = net.weights().toFloatArray();
        try (var plastic = net.parametersOf("plastic", lesson.memory().part("plastic"));
            var stable = net.parametersOf("stable", lesson.memory().part("stable"))) {
          assertThat(stable.toFloatArray()).isEqualTo(w0);
          float[] actual = plastic.toFloatArray();
          for (int i = 0; i < actual.length; i++) {
            double expected = 0.6 * (0.5 * w0[i] + 0.5 * w1[i]) + 0.4 * w2[i];
            if (i % 500 == 0) {
              assertThat((double) actual[i]).isCloseTo(expected, within(1e-6));
            }
          }
        }
      }
    }
  }

  private static BufferSettings settings() {
    return new BufferSettings(10, BufferSettings.Policy.RESERVOIR, 4);
  }
}
