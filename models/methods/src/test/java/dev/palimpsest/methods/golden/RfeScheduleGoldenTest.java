package dev.palimpsest.methods.golden;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.engine.Adam;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Plateau;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Adam and ReduceLROnPlateau as torch computes them. */
class RfeScheduleGoldenTest {
  private static final double TOLERANCE = 1e-12;
  private final JsonNode expected = Golden.read("rfe_schedule").get("expected");

  @Test
  void ratesFollowTorchsPlateauAlsoAcrossARestore() {
    int cases = 0;
    for (var entry : expected.get("plateau").properties()) {
      JsonNode one = entry.getValue();
      double[] losses = Golden.doubles(one.get("losses"));
      double[] rates = new double[losses.length];
      double[] best = new double[losses.length];
      double[] bad = new double[losses.length];
      Plateau plateau = Plateau.of(one.get("initial_lr").doubleValue());
      for (int epoch = 0; epoch < losses.length; epoch++) {
        rates[epoch] = plateau.next(losses[epoch]);
        Tensor state = plateau.state();
        best[epoch] = state.doubles()[1];
        bad[epoch] = state.doubles()[2];
        plateau = Plateau.of(1);
        plateau.restore(state);
      }
      Golden.assertClose(rates, Golden.doubles(one.get("lr_after_each")), 0, entry.getKey());
      Golden.assertClose(best, Golden.doubles(one.get("best_after_each")), 0, entry.getKey());
      Golden.assertClose(bad, Golden.doubles(one.get("num_bad_after_each")), 0, entry.getKey());
      cases++;
    }
    assertThat(cases).isEqualTo(4);
  }

  @Test
  void weightsAndMomentsFollowTorchsAdamAlsoWhereGradientsAreMissing() {
    int cases = 0;
    for (JsonNode one : expected.get("adam")) {
      double lr = one.get("lr").doubleValue();
      // The vector stands twice: in one span that is moved when there is a gradient, and in one
      // that never is.
      double[] initial = Golden.doubles(one.get("initial"));
      int n = initial.length;
      var spans = List.of(new Adam.Span("moved", 0, n), new Adam.Span("still", n, 2L * n));
      try (Compute compute = Compute.open("cpu", 1);
          Scope scope = Scope.open();
          Adam adam = new Adam(Adam.Settings.of(lr), spans);
          Adam again = new Adam(Adam.Settings.of(lr), spans)) {
        NDArray weights = compute.array(Tensor.of(twice(initial), 2L * n));
        Adam current = adam;
        for (int step = 0; step < one.get("gradients").size(); step++) {
          JsonNode gradient = one.get("gradients").get(step);
          double[] g = gradient.isNull() ? new double[n] : Golden.doubles(gradient);
          Set<String> moved = gradient.isNull() ? Set.of() : Set.of("moved");
          current.step(weights, compute.array(Tensor.of(twice(g), 2L * n)), lr, moved);
          check(one.get("after_each").get(step), weights, current.state(), initial);
          if (step == 1) {
            again.restore(compute, adam.state());
            current = again;
          }
        }
      }
      cases++;
    }
    assertThat(cases).isEqualTo(2);
  }

  private static void check(JsonNode after, NDArray weights, Tensors state, double[] initial) {
    int n = initial.length;
    double[] now = weights.toDoubleArray();
    close(now, after.get("param"), "weights");
    close(state.get("first").doubles(), after.get("exp_avg"), "first moment");
    close(state.get("second").doubles(), after.get("exp_avg_sq"), "second moment");
    assertThat(state.get("steps").longs()).containsExactly(after.get("step").longValue(), 0);
    for (int i = 0; i < n; i++) {
      assertThat(now[n + i]).as("a weight of the still span").isEqualTo(initial[i]);
    }
  }

  private static void close(double[] actual, JsonNode expected, String what) {
    double[] numbers = Golden.doubles(expected);
    double[] head = java.util.Arrays.copyOf(actual, numbers.length);
    Golden.assertClose(head, numbers, TOLERANCE, what);
  }

  private static double[] twice(double[] values) {
    double[] both = java.util.Arrays.copyOf(values, 2 * values.length);
    System.arraycopy(values, 0, both, values.length, values.length);
    return both;
  }
}
