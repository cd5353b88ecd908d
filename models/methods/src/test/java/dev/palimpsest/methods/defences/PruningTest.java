package dev.palimpsest.methods.defences;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Adam;
import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Predictions;
import dev.palimpsest.engine.Progress;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.engine.Training;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which channels the pruning defences take out, and that these stay out. */
class PruningTest {
  private static final ChannelLipschitzPruning.Parameters FOUR =
      new ChannelLipschitzPruning.Parameters(4);

  private final Compute compute = Compute.open("cpu", 1);
  private final Images clean = Samples.images(compute);
  private final Net net = Samples.net(compute);

  @BeforeEach
  void vary() {
    // Scales and running statistics that differ between channels, as after a training.
    RandomStream draws = Randomness.of(9).stream("statistics");
    change(
        name -> name.contains("bn") && !name.endsWith("tracked"),
        value -> value + draws.uniform(0.1, 0.5));
  }

  @AfterEach
  void close() {
    net.close();
    clean.close();
    compute.close();
  }

  private void change(Predicate<String> which, UnaryOperator<Double> each) {
    var changed = new Tensors.Builder();
    net.state()
        .tensors()
        .forEach((name, tensor) -> {
          if (which.test(name)) {
            float[] values = tensor.floats();
            for (int i = 0; i < values.length; i++) {
              values[i] = (float) (double) each.apply((double) values[i]);
            }
            changed.put(name, Tensor.of(values, tensor.shape()));
          } else {
            changed.put(name, tensor);
          }
        });
    net.load(changed.build());
  }

  private Progress last(Stepwise work) {
    Progress progress = work.step();
    while (!work.finished()) {
      progress = work.step();
    }
    return progress;
  }

  @Test
  void theSpectralNormOfAFilterIsItsLargestSingularValue() {
    RandomStream draws = Randomness.of(2).stream("filters");
    double[] filters = new double[3 * 5 * 9];
    for (int i = 0; i < 2 * 45; i++) {
      filters[i] = draws.gaussian();
    }
    // The third filter is zero; of the second both ends of the spectrum are close together.
    for (int i = 45; i < 90; i++) {
      filters[i] = (i - 45) % 10 == 0 ? 2 : 0;
    }
    double[] norms = ChannelLipschitzPruning.spectralNorms(Tensor.of(filters, 3, 5, 3, 3));
    assertThat(norms[0]).isCloseTo(byPowerIteration(filters), within(1e-9));
    assertThat(norms[1]).isCloseTo(2, within(1e-9));
    assertThat(norms[2]).isZero();
  }

  /** The largest singular value of the first filter as a matrix [5,9]. */
  private static double byPowerIteration(double[] a) {
    double[] v = new double[9];
    Arrays.fill(v, 1);
    double norm = 0;
    for (int round = 0; round < 10_000; round++) {
      double[] u = new double[5];
      double[] next = new double[9];
      for (int i = 0; i < 45; i++) {
        u[i / 9] += a[i] * v[i % 9];
      }
      for (int i = 0; i < 45; i++) {
        next[i % 9] += a[i] * u[i / 9];
      }
      norm = Math.sqrt(Arrays.stream(next).map(x -> x * x).sum());
      for (int i = 0; i < 9; i++) {
        v[i] = next[i] / norm;
      }
    }
    return Math.sqrt(norm);
  }

  @Test
  void lipschitzPruningTakesOutTheOneChannelThatAmplifies() {
    var index = new int[1];
    change(name -> name.equals("layer2.0.bn1.weight"), value -> index[0]++ == 7 ? -40 : value);
    Tensors before = net.state();
    var clp = new ChannelLipschitzPruning();
    try (Stepwise work = clp.start(FOUR, Small.context(net, clean, 1))) {
      assertThat(last(work).metric("pruned")).isEqualTo(1);
    }
    before
        .tensors()
        .forEach((name, tensor) -> {
          if (name.equals("layer2.0.bn1.weight") || name.equals("layer2.0.bn1.bias")) {
            float[] now = net.state().get(name).floats();
            assertThat(now[7] == 0).as(name).isTrue();
            now[7] = tensor.floats()[7];
            assertThat(now).as(name).isEqualTo(tensor.floats());
          } else {
            assertThat(net.state().get(name).data()).as(name).isEqualTo(tensor.data());
          }
        });
  }

  @Test
  void lipschitzPruningCountsAChannelThatNeverVariesToo() {
    var index = new int[1];
    change(name -> name.equals("layer2.0.bn1.running_var"), value -> index[0]++ == 7 ? 0 : value);
    var clp = new ChannelLipschitzPruning();
    try (Stepwise work = clp.start(FOUR, Small.context(net, clean, 1))) {
      assertThat(last(work).metric("pruned")).isEqualTo(1);
    }
    assertThat(net.state().get("layer2.0.bn1.weight").floats()[7]).isZero();
  }

  @Test
  void networksWithoutNormalisationAreRefused() {
    Forward plain =
        (pass, x) -> {
          NDArray features = Ops.meanOverSpace(pass.convolution("conv", x, 4, 3, 1, 1));
          return Out.of(pass.linear("linear", features, Samples.CLASSES), features);
        };
    try (Net other = Samples.net(compute, plain, Randomness.of(1))) {
      DefenceContext context = Small.context(other, clean, 1);
      var clp = new ChannelLipschitzPruning();
      assertThatThrownBy(() -> clp.start(Small.parameters(clp, 8), context).step())
          .isInstanceOf(Mistake.class)
          .hasMessageContaining("expected one whose channels can be compared");
      var anp = new AdversarialNeuronPruning();
      assertThatThrownBy(() -> anp.start(Small.parameters(anp, 8), context))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining("expected one whose neurons can be masked");
    }
  }

  @Test
  void finePruningTakesOutTheIdleChannelsAndKeepsThemOut() {
    var defence = new FinePruning();
    var parameters = Small.parameters(defence, 8, Map.of("tolerance", 1.0, "step", 0.25));
    int[] order = FinePruning.order(meanActivation());
    try (Stepwise work = defence.start(parameters, Small.context(net, clean, 1))) {
      Progress pruning = work.step();
      assertThat(pruning.endsEpoch()).isTrue();
      int out = (int) pruning.metric("pruned");
      assertThat(out).isPositive();
      last(work);
      float[] weight = net.state().get("linear.weight").floats();
      for (int place = 0; place < order.length; place++) {
        for (int row = 0; row < Samples.CLASSES; row++) {
          float value = weight[row * order.length + order[place]];
          assertThat(value == 0).as("channel %s of the order is out", place).isEqualTo(place < out);
        }
      }
    }
  }

  @Test
  void finePruningGoesAsFarAsTheToleranceAndNoFurther() {
    learn();
    double whole = accuracy();
    assertThat(whole).as("accuracy to lose").isGreaterThan(0.9);
    Tensors before = net.state();
    assertThat(pruned(0)).as("channels out where no accuracy may be lost").isZero();
    net.load(before);
    int out = pruned(0.5);
    assertThat(out).isBetween(1, 62);
    assertThat(accuracy()).isGreaterThan(0.5 * whole);
    int[] order = FinePruning.order(meanActivation());
    var next = new int[1];
    change(
        name -> name.equals("linear.weight"),
        value -> next[0]++ % order.length == order[out] ? 0 : value);
    assertThat(accuracy()).as("with one channel less").isLessThanOrEqualTo(0.5 * whole);
  }

  /** Takes channels out one by one; how many. */
  private int pruned(double tolerance) {
    var defence = new FinePruning();
    var parameters =
        new FinePruning.Parameters(
            tolerance, 0.01, Small.parameters(new FineTuning(), 8, Map.of()));
    try (Stepwise work = defence.start(parameters, Small.context(net, clean, 1))) {
      Progress pruning = work.step();
      assertThat(pruning.metric("accuracy")).isCloseTo(accuracy(), within(1e-9));
      return (int) pruning.metric("pruned");
    }
  }

  private void learn() {
    Recipe recipe = Recipe.of(30, 20, Adam.Settings.of(0.01));
    try (Training training = Training.of(net, clean, recipe, Randomness.of(1))) {
      last(training);
    }
  }

  private double accuracy() {
    int[] classes = Predictions.of(net, clean, 20).classes();
    long[] labels = clean.labels();
    return IntStream.range(0, 20).filter(i -> classes[i] == labels[i]).count() / 20.0;
  }

  private double[] meanActivation() {
    try (Scope scope = Scope.open()) {
      NDArray images = clean.batch(Precision.F32, IntStream.range(0, 20).toArray()).images();
      float[] means = net.forward(Mode.EVAL, images).embedding().mean(new int[] {0}).toFloatArray();
      return IntStream.range(0, means.length).mapToDouble(i -> means[i]).toArray();
    }
  }

  @Test
  void featureShiftTuningKeepsTheNormOfTheClassifierAndDrawsANewOne() {
    var defence = new FeatureShiftTuning();
    float[] before = net.state().get("linear.weight").floats();
    float[] bias = net.state().get("linear.bias").floats();
    try (Stepwise work =
        defence.start(Small.parameters(defence, 8), Small.context(net, clean, 1))) {
      assertThat(work.step().endsEpoch()).as("measured before it was tuned").isFalse();
      float[] drawn = net.state().get("linear.weight").floats();
      assertThat(drawn).isNotEqualTo(before);
      assertThat(net.state().get("linear.bias").floats()).isNotEqualTo(bias);
      double bound = 1 / Math.sqrt(drawn.length / (double) Samples.CLASSES);
      assertThat(IntStream.range(0, drawn.length).mapToDouble(k -> Math.abs(drawn[k])).max())
          .hasValueCloseTo(bound, within(0.1 * bound));
      last(work);
      assertThat(norm(net.state().get("linear.weight").floats()))
          .isCloseTo(norm(before), within(1e-5));
    }
  }

  private static double norm(float[] values) {
    return Math.sqrt(
        IntStream.range(0, values.length).mapToDouble(i -> values[i] * values[i]).sum());
  }

  @Test
  void adversarialPruningZeroesTheScalesWhoseMasksFellAndNothingElse() {
    var defence = new AdversarialNeuronPruning();
    var parameters =
        Small.parameters(defence, 8, Map.of("steps", 30.0, "threshold", 0.6, "lr", 1.0));
    Tensors before = net.state();
    double pruned;
    try (Stepwise work = defence.start(parameters, Small.context(net, clean, 1))) {
      pruned = last(work).metric("pruned");
    }
    int zeros = 0;
    for (Map.Entry<String, Tensor> entry : net.state().tensors().entrySet()) {
      String name = entry.getKey();
      Tensor was = before.get(name);
      boolean scale = before.tensors().containsKey(name.replace(".weight", ".running_var"));
      if (name.endsWith(".weight") && scale) {
        float[] now = entry.getValue().floats();
        for (int i = 0; i < now.length; i++) {
          assertThat(now[i]).isIn(0f, was.floats()[i]);
          zeros += now[i] == 0 ? 1 : 0;
        }
      } else {
        assertThat(entry.getValue().data()).as(name).isEqualTo(was.data());
      }
    }
    assertThat(pruned).isEqualTo(zeros).isBetween(1.0, 300.0);
  }

  /** Without disturbance and momentum a step moves a mask by lr times the gradient by it. */
  @Test
  void aMaskMovesAgainstTheGradientOfTheLoss() {
    var defence = new AdversarialNeuronPruning();
    var parameters =
        Small.parameters(
            defence,
            8,
            Map.of("steps", 1.0, "epsilon", 0.0, "lr", 1.0, "momentum", 0.0, "threshold", 0.0));
    try (Net exact =
            Net.loaded(
                compute,
                Precision.F64,
                Samples.resnet(),
                net.state(),
                Samples.CHANNELS,
                Samples.SIDE,
                Samples.SIDE);
        Net other = exact.twin();
        Stepwise work =
            defence.start(
                parameters,
                new DefenceContext(
                    exact, "linear", Optional.of(clean), Augmentation.NONE, Randomness.of(1)))) {
      work.step();
      double[] masks = work.state().get("mask").doubles();
      int moved = 0;
      for (int channel = 0; channel < 16; channel++) {
        double slope = (loss(other, channel, 1e-6) - loss(other, channel, -1e-6)) / 2e-6;
        assertThat(masks[channel]).isCloseTo(Math.clamp(1 - slope, 0, 1), within(1e-7));
        moved += masks[channel] < 1 ? 1 : 0;
      }
      assertThat(moved).as("masks that fell").isPositive();
    }
  }

  @Test
  void theDisturbanceOfNeuronsRaisesTheLossAndAlphaWeighsBoth() {
    double natural = firstLoss(1);
    double disturbed = firstLoss(0);
    assertThat(disturbed).isGreaterThan(natural);
    assertThat(firstLoss(0.25)).isCloseTo(0.25 * natural + 0.75 * disturbed, within(1e-6));
  }

  /** The loss of the masks' first step; the network is left as it was. */
  private double firstLoss(double alpha) {
    var defence = new AdversarialNeuronPruning();
    var parameters = Small.parameters(defence, 8, Map.of("epsilon", 0.05, "alpha", alpha));
    Tensors state = net.state();
    try (Stepwise work = defence.start(parameters, Small.context(net, clean, 1))) {
      double loss = work.step().metric("loss");
      state
          .tensors()
          .forEach((name, tensor) -> {
            if (!name.endsWith("tracked")) {
              assertThat(net.state().get(name).data()).as(name).isEqualTo(tensor.data());
            }
          });
      return loss;
    }
  }

  /** The loss of the first step's batch where one scale of the first normalisation is changed. */
  private double loss(Net exact, int channel, double change) {
    RandomStream draws = Randomness.of(1).stream("samples", 0);
    int[] indices = IntStream.generate(() -> draws.below(clean.size())).limit(8).toArray();
    try (Selection scales = Selection.of(exact, List.of("bn1.weight"));
        Scope scope = Scope.open()) {
      NDArray before = scales.of(exact.weights());
      double[] scaled = before.toDoubleArray();
      scaled[channel] *= 1 + change;
      scales.put(exact.weights(), compute.manager().create(scaled));
      Batch batch = clean.batch(Precision.F64, indices);
      double loss =
          exact
              .gradient(
                  Mode.TRAIN_FROZEN_STATS,
                  batch.images(),
                  (out, weights) -> Ops.crossEntropy(out.logits(), batch.labels()))
              .value();
      scales.put(exact.weights(), before);
      return loss;
    }
  }
}
