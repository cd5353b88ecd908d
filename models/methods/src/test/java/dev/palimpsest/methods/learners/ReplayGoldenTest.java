package dev.palimpsest.methods.learners;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Initial;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.golden.Golden;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Learners that replay samples, against the numbers of mammoth and of SBL's code, in float64. */
class ReplayGoldenTest {
  private static final double TOLERANCE = 1e-11;

  private final JsonNode golden = Golden.read("cl_baselines");
  private final JsonNode inputs = golden.get("inputs");
  private final JsonNode expected = golden.get("expected");
  private final Compute compute = Compute.open("cpu", 1);
  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
    compute.close();
  }

  private NDArray array(JsonNode array) {
    return compute.array(Golden.tensor(array));
  }

  private NDArray labels(JsonNode labels) {
    return compute.array(Golden.longs(labels));
  }

  /** The value and the gradient of a loss of logits, which are the only weights of a network. */
  private Net.Gradient gradient(JsonNode logits, UnaryOperator<NDArray> loss) {
    long[] shape = Golden.shape(logits);
    Forward forward =
        (pass, images) -> {
          NDArray weights = pass.parameter("logits", Initial.constant(0), shape);
          return Out.of(weights, weights);
        };
    try (Net net = Net.drawn(compute, Precision.F64, forward, Randomness.of(1), 1, 1, 1)) {
      net.weights().addi(array(logits).reshape(net.size()));
      NDArray none = compute.manager().zeros(new Shape(1, 1, 1, 1));
      return net.gradient(Mode.TRAIN, none, (out, weights) -> loss.apply(out.logits()));
    }
  }

  private static void assertGradient(Net.Gradient actual, JsonNode expected, String what) {
    Golden.assertClose(actual.vector().toDoubleArray(), Golden.doubles(expected), TOLERANCE, what);
  }

  @Test
  void darkReplayKeepsTheDistanceToTheLogitsOfThen() {
    JsonNode in = inputs.get("der");
    JsonNode out = expected.get("der");
    double alpha = golden.get("parameters").get("alpha").doubleValue();
    double beta = golden.get("parameters").get("beta").doubleValue();
    NDArray former = array(in.get("buffer_logits"));
    Net.Gradient own =
        gradient(in.get("outputs"), logits -> Ops.crossEntropy(logits, labels(in.get("labels"))));
    Net.Gradient distance =
        gradient(
            in.get("buffer_outputs"),
            logits -> LogitReplay.distance(logits, former, former.onesLike()).mul(alpha));
    Net.Gradient second =
        gradient(
            in.get("buffer_outputs_2"),
            logits -> Ops.crossEntropy(logits, labels(in.get("buffer_labels_2"))).mul(beta));
    assertThat(distance.value() / alpha).isCloseTo(out.get("mse").doubleValue(), within(TOLERANCE));
    assertThat(own.value() + distance.value())
        .isCloseTo(out.get("der_loss").doubleValue(), within(TOLERANCE));
    assertThat(own.value() + distance.value() + second.value())
        .isCloseTo(out.get("derpp_loss").doubleValue(), within(TOLERANCE));
    assertGradient(own, out.get("gradient_outputs"), "by the logits at hand");
    assertGradient(distance, out.get("gradient_buffer_outputs"), "by the replayed logits");
    assertGradient(second, out.get("gradient_buffer_outputs_2"), "by those of the second batch");
  }

  @Test
  void asymmetricCrossEntropyMasksFormerClasses() {
    for (JsonNode each : expected.get("er_ace")) {
      long[] present = Golden.longs(each.get("labels"));
      long last = Golden.longs(each.get("seen_after"))[each.get("seen_after").size() - 1];
      Net.Gradient own =
          gradient(
              each.get("logits"),
              logits ->
                  Ops.crossEntropy(
                      ErAce.masked(logits, last, present), labels(each.get("labels"))));
      assertThat(own.value()).isCloseTo(each.get("loss_current").doubleValue(), within(TOLERANCE));
      assertGradient(own, each.get("gradient_logits"), "by the logits at hand");
    }
  }

  @Test
  void averagedGradientEpisodicMemoryProjectsAwayWhatWouldDoHarm() {
    for (JsonNode each : Golden.read("agem").get("expected")) {
      NDArray projected =
          AGem.projected(array(each.get("gradient")), array(each.get("reference_gradient")));
      Golden.assertClose(
          projected.toDoubleArray(),
          Golden.doubles(each.get("result")),
          1e-12,
          each.get("case").textValue());
    }
  }

  @Test
  void icarlHoldsWhatTheFormerNetworkSaidOfEarlierClasses() {
    JsonNode in = inputs.get("lwf");
    int past = in.get("n_past_classes").intValue();
    int seen = in.get("n_seen_classes").intValue();
    NDArray ones = labels(in.get("labels")).oneHot(seen).toType(Precision.F64.type(), false);
    NDArray targets = ICarl.targets(array(in.get("old_logits")), ones, past);
    JsonNode out = expected.get("icarl_loss");
    Golden.assertClose(
        targets.toDoubleArray(), Golden.doubles(out.get("targets")), TOLERANCE, "targets");
    Net.Gradient gradient =
        gradient(in.get("outputs"), logits -> ICarl.binaryCrossEntropy(logits, targets));
    assertThat(gradient.value()).isCloseTo(out.get("loss").doubleValue(), within(TOLERANCE));
    assertGradient(gradient, out.get("gradient_outputs"), "by the logits");
  }

  @Test
  void exemplarsAreHerdedAndTheNearestMeanAnswers() {
    JsonNode in = inputs.get("icarl");
    JsonNode out = expected.get("icarl");
    int[] order = Golden.ints(out.get("herding_order"));
    assertThat(Herding.order(rows(in.get("herding_features")), order.length))
        .containsExactly(order);
    var means = new TreeMap<Long, double[]>();
    for (int c = 0; c < 3; c++) {
      double[] mean =
          NearestMean.mean(
              lengthOne(rows(in.get("exemplar_features").get(c))),
              lengthOne(rows(in.get("exemplar_features_flipped").get(c))));
      means.put((long) c, mean);
      Golden.assertClose(
          mean, Golden.row(out.get("class_means"), c).doubles(), TOLERANCE, "mean of class " + c);
    }
    Forward none =
        (pass, images) -> {
          NDArray weights = pass.parameter("w", Initial.constant(0), 1);
          return Out.of(weights, weights);
        };
    try (Net net = Net.drawn(compute, Precision.F64, none, Randomness.of(1), 1, 1, 1)) {
      double[] scores =
          new NearestMean(net, means)
              .scores(array(in.get("query_features")), 4)
              .get(":, 0:3")
              .toDoubleArray();
      Golden.assertClose(scores, Golden.doubles(out.get("scores")), TOLERANCE, "scores");
    }
  }

  private static double[][] rows(JsonNode array) {
    return IntStream.range(0, (int) Golden.shape(array)[0])
        .mapToObj(row -> Golden.row(array, row).doubles())
        .toArray(double[][]::new);
  }

  private static double[][] lengthOne(double[][] rows) {
    return Arrays.stream(rows).map(Features::normalised).toArray(double[][]::new);
  }
}
