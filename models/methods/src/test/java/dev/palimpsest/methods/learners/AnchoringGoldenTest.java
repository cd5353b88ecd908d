package dev.palimpsest.methods.learners;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Initial;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.golden.Golden;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On a network without layers whose weights are the table of logits that the vectors speak of. */
class AnchoringGoldenTest {
  private static final double TOLERANCE = 1e-13;
  private final JsonNode golden = Golden.read("anchoring");
  private final JsonNode inputs = golden.get("inputs");
  private final Compute compute = Compute.open("cpu", 1);

  @AfterEach
  void close() {
    compute.close();
  }

  @Test
  void penaltyLossAndTheirGradientsAreTheReferences() {
    Tensor student = Golden.tensor(inputs.get("student_logits"));
    Forward table =
        (pass, images) -> {
          NDArray logits = pass.parameter("w", Initial.constant(0), student.shape());
          return Out.of(logits, logits);
        };
    Tensors weights = new Tensors.Builder().put("w", student).build();
    long[] labels = Golden.longs(inputs.get("labels"));
    double lambda = golden.get("parameters").get("lambda").doubleValue();
    try (Net net = Net.loaded(compute, Precision.F64, table, weights, 1, 1, 1)) {
      for (JsonNode expected : golden.get("expected")) {
        try (Scope scope = Scope.open()) {
          NDArray anchor = compute.array(Golden.tensor(inputs.get("anchor_logits")), Precision.F64);
          NDArray truth = compute.array(Tensor.of(labels, labels.length));
          NDArray poisoned = compute.manager().create(flags(expected.get("is_poisoned")));
          NDArray none = compute.manager().zeros(new ai.djl.ndarray.types.Shape(1, 1, 1, 1));
          Net.Gradient penalty =
              net.gradient(
                  Mode.EVAL, none, (out, w) -> Anchoring.distance(anchor, out.logits(), poisoned));
          assertGradient(penalty, expected, "penalty", "penalty_gradient");
          Net.Gradient total =
              net.gradient(
                  Mode.EVAL,
                  none,
                  (out, w) ->
                      Ops.crossEntropy(out.logits(), truth)
                          .add(
                              Ops.scaled(
                                  Anchoring.distance(anchor, out.logits(), poisoned), lambda)));
          assertGradient(total, expected, "total_loss", "total_gradient");
        }
      }
    }
  }

  private static void assertGradient(
      Net.Gradient actual, JsonNode expected, String value, String gradient) {
    assertThat(actual.value()).isCloseTo(expected.get(value).doubleValue(), within(TOLERANCE));
    Golden.assertClose(
        actual.vector().toDoubleArray(),
        Golden.doubles(expected.get(gradient)),
        TOLERANCE,
        gradient);
  }

  private static boolean[] flags(JsonNode given) {
    boolean[] flags = new boolean[given.size()];
    for (int i = 0; i < flags.length; i++) {
      flags[i] = given.get(i).intValue() == 1;
    }
    return flags;
  }
}
