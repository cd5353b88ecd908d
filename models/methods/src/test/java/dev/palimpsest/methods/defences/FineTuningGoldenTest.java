package dev.palimpsest.methods.defences;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Initial;
import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Sam;
import dev.palimpsest.engine.Schedule;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.SurrogateGap;
import dev.palimpsest.methods.golden.Golden;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Fine-tuning and its variants on a linear layer, against the reference implementations. */
class FineTuningGoldenTest {
  private static final double TOLERANCE = 1e-11;
  private static final int T_MAX = 100;

  private final JsonNode golden = Golden.read("ft_variants");
  private final JsonNode inputs = golden.get("inputs");
  private final JsonNode expected = golden.get("expected");
  private final double lr = golden.get("parameters").get("lr").doubleValue();
  private final double momentum = golden.get("parameters").get("momentum").doubleValue();
  private final double decay = golden.get("parameters").get("weight_decay").doubleValue();
  private final Compute compute = Compute.open("cpu", 1);

  @AfterEach
  void close() {
    compute.close();
  }

  private Net layer(JsonNode weight, JsonNode bias) {
    Forward forward = (pass, x) -> Out.of(pass.linear("fc", x, 4), x);
    return Net.loaded(compute, Precision.F64, forward, state(weight, bias), 6);
  }

  private static Tensors state(JsonNode weight, JsonNode bias) {
    return new Tensors.Builder()
        .put("fc.weight", Golden.tensor(weight))
        .put("fc.bias", Golden.tensor(bias))
        .build();
  }

  private Lesson.Step step(JsonNode x, int index) {
    double[] labels = Golden.row(inputs.get("y"), index).doubles();
    long[] y = new long[labels.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = (long) labels[i];
    }
    var batch =
        new Batch(
            compute.array(Golden.row(x, index)),
            compute.array(y),
            compute.manager().create(new boolean[y.length]));
    return new Lesson.Step(
        batch, batch, images -> images, Mode.TRAIN, Randomness.of(0).stream("lesson"));
  }

  /** Steps as a training makes them, each checked against its record. */
  private void follow(
      Lesson lesson, Function<JsonNode, Optional<SurrogateGap>> sam, int period, String name) {
    assertThat(expected.get(name)).hasSize(3);
    try (Net net = layer(inputs.get("weight"), inputs.get("bias"));
        Sgd sgd = new Sgd(Sgd.Settings.of(lr, momentum, decay))) {
      int index = 0;
      for (JsonNode step : expected.get(name)) {
        try (Scope scope = Scope.open()) {
          Net.Loss loss = lesson.loss(step(inputs.get("x"), index));
          Net.Gradient gradient = net.gradient(Mode.TRAIN, loss);
          double first = step.has("loss") ? step.get("loss").doubleValue() : first(step);
          assertThat(gradient.value()).isCloseTo(first, within(TOLERANCE));
          Optional<SurrogateGap> sharpening = sam.apply(step);
          if (sharpening.isPresent()) {
            gradient = sharpening.get().sharpened(net, loss, gradient);
          }
          double rate = lesson.rate(Schedule.COSINE.rate(lr, index, period), index, index);
          if (step.has("lr")) {
            assertThat(rate).isCloseTo(step.get("lr").doubleValue(), within(TOLERANCE));
          }
          sgd.step(net.weights(), gradient.vector(), rate);
        }
        assertWeights(net, step.get("weight"), step.get("bias"), name + ", step " + index);
        index++;
      }
    }
  }

  private static double first(JsonNode step) {
    return step.get("loss_pass1").doubleValue();
  }

  private static void assertWeights(Net net, JsonNode weight, JsonNode bias, String where) {
    Tensors state = net.state();
    Golden.assertClose(
        state.get("fc.weight").doubles(), Golden.doubles(weight), TOLERANCE, where + ", weight");
    Golden.assertClose(
        state.get("fc.bias").doubles(), Golden.doubles(bias), TOLERANCE, where + ", bias");
  }

  private static SamFineTuning.Parameters benchmark(double smoothing) {
    return new SamFineTuning.Parameters(
        2,
        true,
        0,
        smoothing,
        0.01,
        0.9,
        5e-4,
        Schedule.COSINE,
        T_MAX,
        SamFineTuning.Unit.STEP,
        1,
        8);
  }

  @Test
  void fineTuningFollowsTheReference() {
    follow(Lesson.PLAIN, step -> Optional.empty(), T_MAX, "ft");
  }

  @Test
  void samFineTuningWithSmoothedLabelsAndARateByStepFollowsTheReference() {
    follow(
        new SamFineTuning.Smoothed(benchmark(0.1)),
        step -> Optional.of(new SurrogateGap(new Sam(step.get("rho").doubleValue(), true), 0)),
        T_MAX,
        "ft_sam");
  }

  @Test
  void theSurrogateGapsDecompositionFollowsTheReference() {
    follow(
        Lesson.PLAIN,
        step -> Optional.of(new SurrogateGap(new Sam(step.get("rho").doubleValue(), false), 0.3)),
        10,
        "gradient_decomposition");
  }

  @Test
  void theDivergenceFromSmoothedLabelsIsTheReferences() {
    Forward logits = (pass, x) -> Out.of(pass.parameter("logits", nothing(), 5, 4), x);
    var state =
        new Tensors.Builder().put("logits", Golden.tensor(inputs.get("smooth_logits"))).build();
    try (Net net = Net.loaded(compute, Precision.F64, logits, state, 1);
        Scope scope = Scope.open()) {
      NDArray labels = compute.array(Golden.longs(inputs.get("smooth_labels")));
      NDArray x = compute.array(Tensor.of(new double[] {0}, 1, 1));
      Golden.assertClose(
          SamFineTuning.divergences(net.forward(Mode.EVAL, x).logits(), labels, 0.1)
              .toDoubleArray(),
          Golden.doubles(expected.get("smooth_crossentropy")),
          TOLERANCE,
          "divergence");
      Net.Gradient gradient =
          net.gradient(
              Mode.EVAL,
              x,
              (out, weights) -> SamFineTuning.divergences(out.logits(), labels, 0.1).mean());
      Golden.assertClose(
          gradient.vector().toDoubleArray(),
          Golden.doubles(expected.get("smooth_crossentropy_mean_gradient")),
          TOLERANCE,
          "gradient");
    }
  }

  private static Initial nothing() {
    return Initial.constant(0);
  }

  @Test
  void featureShiftTuningFollowsTheReference() {
    JsonNode fst = inputs.get("fst");
    double alpha = golden.get("parameters").get("fst_alpha").doubleValue();
    try (Net net = layer(fst.get("original_weight"), inputs.get("bias"));
        FeatureShiftTuning.Shift shift =
            new FeatureShiftTuning.Shift(
                alpha,
                new DefenceContext(
                    net, "fc", Optional.empty(), Augmentation.NONE, Randomness.of(1)));
        Sgd sgd = new Sgd(Sgd.Settings.of(lr, momentum, 0))) {
      net.load(state(fst.get("initial_weight"), fst.get("initial_bias")));
      int index = 0;
      for (JsonNode step : expected.get("fst")) {
        try (Scope scope = Scope.open()) {
          Net.Gradient gradient =
              net.gradient(Mode.TRAIN, shift.loss(step(fst.get("features"), index)));
          assertThat(gradient.value()).isCloseTo(step.get("loss").doubleValue(), within(TOLERANCE));
          Tensors named = net.byParameter(gradient.vector());
          Golden.assertClose(
              named.get("fc.weight").doubles(),
              Golden.doubles(step.get("grad_weight")),
              TOLERANCE,
              "gradient by weight");
          sgd.step(net.weights(), gradient.vector(), lr);
          shift.moved();
        }
        assertWeights(
            net,
            step.get("weight_after_projection"),
            step.get("bias_after"),
            "fst, step " + index++);
      }
      assertThat(index).isEqualTo(3);
    }
  }

  @Test
  void theTrianglesOfSuperFineTuningAreTheReferencesOneStepEarlier() {
    JsonNode p = golden.get("parameters").get("super_ft");
    int epochs = p.get("epochs").intValue();
    int steps = p.get("iterations_per_epoch").intValue();
    var triangles =
        new SuperFineTuning.Parameters(
            p.get("lr_base").doubleValue(),
            p.get("lr_max1").doubleValue(),
            p.get("lr_max2").doubleValue(),
            p.get("phase1_epochs").intValue(),
            p.get("increasing_steps").intValue(),
            p.get("decreasing_steps").intValue(),
            0,
            0,
            epochs,
            8);
    double[] rates = new double[epochs * steps];
    for (int i = 0; i < rates.length; i++) {
      rates[i] = triangles.rate(i / steps, i);
    }
    Golden.assertClose(
        rates,
        Golden.doubles(expected.get("super_ft_rate_by_iteration")),
        TOLERANCE,
        "rate by iteration");
    double[] late = Golden.doubles(expected.get("super_ft_lr_used_at_step"));
    for (int i = 1; i < rates.length; i++) {
      assertThat(late[i]).isCloseTo(rates[i - 1], within(TOLERANCE));
    }
  }

  @Test
  void idleChannelsComeFirstAndAreMaskedAsInTheReference() {
    try (Scope scope = Scope.open()) {
      NDArray features = compute.array(Golden.tensor(inputs.get("penultimate_features")));
      double[] mean = features.mean(new int[] {0}).toDoubleArray();
      Golden.assertClose(
          mean, Golden.doubles(expected.get("fine_pruning_mean")), TOLERANCE, "mean");
      int[] order = FinePruning.order(mean);
      assertThat(order).containsExactly(Golden.ints(expected.get("fine_pruning_order")));
      NDArray weight = compute.array(Golden.tensor(inputs.get("linear_weight")));
      NDArray bias = compute.array(Golden.tensor(inputs.get("linear_bias")));
      NDArray mask = FinePruning.mask(weight, order, 5);
      assertThat(mask.sum().getDouble()).as("channels left").isEqualTo(35);
      Golden.assertClose(
          FinePruning.logits(features, weight, bias, mask).toDoubleArray(),
          Golden.doubles(expected.get("fine_pruning_logits_with_5_lowest_masked")),
          TOLERANCE,
          "logits without the 5 least active channels");
    }
  }

  @Test
  void channelsOfAFeatureMapAreOrderedByTheirMeanAsInSbl() {
    try (Scope scope = Scope.open()) {
      NDArray map = compute.array(Golden.tensor(inputs.get("pruning_activation")));
      double[] mean = Ops.meanOverSpace(map).mean(new int[] {0}).toDoubleArray();
      Golden.assertClose(mean, Golden.doubles(expected.get("pruning_sbl_mean")), TOLERANCE, "mean");
      assertThat(FinePruning.order(mean))
          .containsExactly(Golden.ints(expected.get("pruning_sbl_order")));
    }
  }
}
