package dev.palimpsest.methods.defences;

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
import org.junit.jupiter.api.Test;

/** Attention maps and their distance, with gradients, against the reference implementation. */
class NadGoldenTest {
  private static final double TOLERANCE = 1e-13;

  private final JsonNode golden = Golden.read("nad");
  private final JsonNode student = golden.get("inputs").get("student");
  private final JsonNode teacher = golden.get("inputs").get("teacher");
  private final JsonNode expected = golden.get("expected");

  @Test
  void attentionsAndTheirDistanceAreTheReferences() {
    assertThat(expected.get("layers")).hasSize(3);
    double total = 0;
    try (Compute compute = Compute.open("cpu", 1);
        Scope scope = Scope.open()) {
      for (int i = 0; i < 3; i++) {
        JsonNode layer = expected.get("layers").get(i);
        NDArray one = compute.array(Golden.tensor(student.get(i)));
        NDArray other = compute.array(Golden.tensor(teacher.get(i)));
        Golden.assertClose(
            Nad.attention(one).toDoubleArray(),
            Golden.doubles(layer.get("attention_student")),
            TOLERANCE,
            "the student's attention");
        Golden.assertClose(
            Nad.attention(other).toDoubleArray(),
            Golden.doubles(layer.get("attention_teacher")),
            TOLERANCE,
            "the teacher's attention");
        double distance = Nad.distance(one, other).getDouble();
        assertThat(distance).isCloseTo(layer.get("loss").doubleValue(), within(TOLERANCE));
        total += layer.get("beta").doubleValue() * distance;
      }
    }
    assertThat(total)
        .isCloseTo(expected.get("weighted_at_loss").doubleValue(), within(500 * TOLERANCE));
  }

  @Test
  void theGradientOfTheWeightedDistanceIsTheReferences() {
    for (int i = 0; i < 3; i++) {
      long[] shape = Golden.shape(student.get(i));
      double beta = expected.get("layers").get(i).get("beta").doubleValue();
      Forward map = (pass, x) -> Out.of(pass.parameter("map", Initial.constant(0), shape), x);
      var state = new Tensors.Builder().put("map", Golden.tensor(student.get(i))).build();
      try (Compute compute = Compute.open("cpu", 1);
          Net net = Net.loaded(compute, Precision.F64, map, state, 1);
          Scope scope = Scope.open()) {
        NDArray other = compute.array(Golden.tensor(teacher.get(i)));
        NDArray x = compute.array(Tensor.of(new double[] {0}, 1, 1));
        Net.Gradient gradient =
            net.gradient(
                Mode.EVAL,
                x,
                (out, weights) -> Ops.scaled(Nad.distance(out.logits(), other), beta));
        Golden.assertClose(
            gradient.vector().toDoubleArray(),
            Golden.doubles(expected.get("gradient_student").get(i)),
            TOLERANCE * 10,
            "gradient by feature map " + i);
      }
    }
  }
}
