package dev.palimpsest.methods.golden;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Schedule;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Sgd;
import org.junit.jupiter.api.Test;

class SgdMomentumGoldenTest {
  private static final double TOLERANCE = 1e-13;
  private final JsonNode golden = Golden.read("sgd_momentum");

  @Test
  void weightsAndMomentumFollowTorch() {
    JsonNode inputs = golden.get("inputs");
    double lr = golden.get("parameters").get("lr").doubleValue();
    int cases = 0;
    try (Compute compute = Compute.open("cpu", 1)) {
      for (JsonNode one : golden.get("expected").get("sgd")) {
        var settings =
            new Sgd.Settings(
                lr,
                golden.get("parameters").get("momentum").doubleValue(),
                one.get("dampening").doubleValue(),
                one.get("weight_decay").doubleValue(),
                one.get("nesterov").booleanValue());
        try (Scope scope = Scope.open();
            Sgd sgd = new Sgd(settings)) {
          NDArray weights = compute.array(Golden.tensor(inputs.get("w0")));
          int steps = (int) Golden.shape(inputs.get("gradients"))[0];
          for (int step = 0; step < steps; step++) {
            sgd.step(weights, compute.array(Golden.row(inputs.get("gradients"), step)), lr);
            Golden.assertClose(
                weights.toDoubleArray(),
                Golden.row(one.get("weights_after_each_step"), step).doubles(),
                TOLERANCE,
                settings + ", weights after step " + (step + 1));
          }
          Golden.assertClose(
              sgd.velocity().orElseThrow().toDoubleArray(),
              Golden.doubles(one.get("momentum_buffer_after")),
              TOLERANCE,
              settings + ", momentum buffer");
        }
        cases++;
      }
    }
    assertThat(cases).isEqualTo(6);
  }

  @Test
  void cosineRatesFollowTorchAlsoPastTheirPeriod() {
    int cases = 0;
    for (JsonNode one : golden.get("expected").get("cosine")) {
      double[] expected = Golden.doubles(one.get("lr_at_epoch"));
      double[] actual = new double[expected.length];
      for (int epoch = 0; epoch < actual.length; epoch++) {
        actual[epoch] =
            Schedule.COSINE.rate(one.get("lr").doubleValue(), epoch, one.get("T_max").intValue());
      }
      Golden.assertClose(actual, expected, TOLERANCE, "T_max " + one.get("T_max"));
      cases++;
    }
    assertThat(cases).isEqualTo(3);
  }
}
