package dev.palimpsest.methods.defences;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Initial;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.golden.Golden;
import dev.palimpsest.tensors.Tensors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The hypergradient of I-BAU against the reference, which differentiates twice. */
class HypergradientGoldenTest {
  private static final double EXACT = 1e-11;

  private final JsonNode golden = Golden.read("ft_variants");
  private final JsonNode inputs = golden.get("inputs").get("i_bau");
  private final JsonNode expected = golden.get("expected").get("i_bau");

  /** The tolerances are those that the class states for its differences. */
  @ParameterizedTest
  @CsvSource({"F64, 1, 1e-10", "F64, 5, 1e-10", "F32, 1, 2e-5", "F32, 5, 2e-5"})
  void theHypergradientIsTheReferences(Precision precision, int iterations, double tolerance) {
    Forward linear = (pass, x) -> Out.of(pass.linear("fc", x, 3), x);
    Forward added =
        (pass, x) -> {
          NDArray sum = x.add(pass.parameter("added", Initial.constant(0), 5).expandDims(0));
          return Out.of(sum, sum);
        };
    var weights =
        new Tensors.Builder()
            .put("fc.weight", Golden.tensor(inputs.get("weight")))
            .put("fc.bias", Golden.tensor(inputs.get("bias")))
            .build();
    var perturbation =
        new Tensors.Builder().put("added", Golden.row(inputs.get("perturbation"), 0)).build();
    try (Compute compute = Compute.open("cpu", 1);
        Net net = Net.loaded(compute, precision, linear, weights, 5);
        Net input = Net.loaded(compute, precision, added, perturbation, 5);
        Scope scope = Scope.open()) {
      float[] carried = new float[6];
      for (int row : Golden.ints(inputs.get("patched_rows"))) {
        carried[row] = 1;
      }
      NDArray carrying =
          compute.manager().create(carried).expandDims(1).toType(precision.type(), false);
      NDArray innerX = compute.array(Golden.tensor(inputs.get("inner_x")), precision);
      NDArray innerY = compute.array(Golden.longs(inputs.get("inner_y")));
      NDArray outerX = compute.array(Golden.tensor(inputs.get("outer_x")), precision);
      NDArray outerY = compute.array(Golden.longs(inputs.get("outer_y")));
      var problem = new Hypergradient(input, net, 0.1, iterations);
      var inner = ImplicitUnlearning.inner(innerX, innerY, 0.001);
      var outer = ImplicitUnlearning.outer(outerX, outerY, carrying);
      Hypergradient.Gradients first = problem.gradients(inner);
      double exact = precision == Precision.F64 ? EXACT : tolerance;
      assertThat(first.value()).isCloseTo(expected.get("inner_loss").doubleValue(), within(exact));
      Golden.assertClose(
          doubles(first.byInput()),
          Golden.doubles(expected.get("inner_gradient")),
          exact,
          "gradient of the inner loss");
      Hypergradient.Gradients all = problem.of(inner, outer);
      assertThat(all.value()).isCloseTo(expected.get("outer_loss").doubleValue(), within(exact));
      JsonNode by = expected.get(Integer.toString(iterations));
      double[] gradient = doubles(all.byWeights());
      double[] weight = Golden.doubles(by.get("grad_weight"));
      double[] bias = Golden.doubles(by.get("grad_bias"));
      double[] both = new double[weight.length + bias.length];
      System.arraycopy(weight, 0, both, 0, weight.length);
      System.arraycopy(bias, 0, both, weight.length, bias.length);
      Golden.assertClose(gradient, both, tolerance, "hypergradient");
      Golden.assertClose(
          doubles(input.weights()),
          Golden.doubles(inputs.get("perturbation")),
          precision == Precision.F64 ? 0 : 1e-7,
          "the input afterwards");
    }
  }

  private static double[] doubles(NDArray array) {
    return array.toType(Precision.F64.type(), true).toDoubleArray();
  }
}
