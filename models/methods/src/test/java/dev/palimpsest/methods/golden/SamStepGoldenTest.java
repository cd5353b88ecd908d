package dev.palimpsest.methods.golden;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Sam;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SAM over SGD, both passes, on fc2(relu(bn(fc1(x)))) with and without batch normalisation. */
class SamStepGoldenTest {
  private static final double TOLERANCE = 1e-12;
  private final JsonNode golden = Golden.read("sam_step");
  private int comparisons;
  private final JsonNode inputs = golden.get("inputs");

  @ParameterizedTest
  @ValueSource(strings = {"plain_wd", "plain_no_wd", "adaptive_wd", "batchnorm"})
  void threeStepsFollowTheReference(String name) {
    JsonNode expected = golden.get("expected").get(name);
    boolean batchNorm = expected.get("batch_norm").booleanValue();
    var sam = new Sam(expected.get("rho").doubleValue(), expected.get("adaptive").booleanValue());
    try (Compute compute = Compute.open("cpu", 1);
        Net net = net(compute, batchNorm);
        Sgd sgd = sgd(expected)) {
      int steps = 0;
      for (JsonNode step : expected.get("steps")) {
        samStep(net, sam, sgd, steps++, step, batchNorm);
      }
      assertThat(steps).isEqualTo(golden.get("parameters").get("steps").intValue());
      assertThat(comparisons).as("comparisons of whole vectors").isEqualTo(5);
    }
  }

  @Test
  void plainStepWithFrozenStatisticsAfterASamStageFollowsTheReference() {
    JsonNode expected = golden.get("expected").get("batchnorm");
    var sam = new Sam(expected.get("rho").doubleValue(), false);
    try (Compute compute = Compute.open("cpu", 1);
        Net net = net(compute, true);
        Sgd sgd = sgd(expected);
        Sgd fresh = sgd(expected)) {
      int steps = 0;
      for (JsonNode step : expected.get("steps")) {
        samStep(net, sam, sgd, steps++, step, true);
      }
      JsonNode after = expected.get("plain_sgd_step_after_sam_stage");
      double[] buffers = net.buffers().toDoubleArray();
      try (Scope scope = Scope.open()) {
        var gradient =
            net.gradient(Mode.TRAIN_FROZEN_STATS, x(compute, steps), objective(compute, steps));
        assertThat(gradient.value()).isCloseTo(after.get("loss").doubleValue(), within());
        fresh.step(net.weights(), gradient.vector(), lr());
      }
      assertParameters(net.state(), after.get("weights_after"), "weights after");
      assertThat(net.buffers().toDoubleArray()).containsExactly(buffers);
      assertThat(net.state().get("bn.num_batches_tracked").longs()[0])
          .isEqualTo(after.get("num_batches_tracked").longValue());
    }
  }

  private void samStep(Net net, Sam sam, Sgd sgd, int index, JsonNode step, boolean batchNorm) {
    String where = "step " + (index + 1) + ", ";
    try (Scope scope = Scope.open()) {
      NDArray x = x(net.compute(), index);
      Net.Objective objective = objective(net.compute(), index);
      var first = net.gradient(Mode.TRAIN, x, objective);
      assertThat(first.value()).isCloseTo(step.get("loss_pass1").doubleValue(), within());
      assertParameters(net.byParameter(first.vector()), step.get("grad_pass1"), where + "pass 1");
      if (batchNorm) {
        assertStatistics(net, step.get("bn_after_pass1"), where + "pass 1");
      }
      NDArray displaced = net.weights().add(sam.displacement(net.weights(), first.vector()));
      assertParameters(
          net.byParameter(displaced), step.get("perturbed_weights"), where + "perturbed");
      NDArray scaled = sam.adaptive() ? net.weights().abs().mul(first.vector()) : first.vector();
      assertThat(Ops.norm(scaled)).isCloseTo(step.get("sam_grad_norm").doubleValue(), within());
      var second = sam.sharpened(net, Net.Loss.of(x, objective), first);
      assertThat(second.value()).isCloseTo(step.get("loss_pass2").doubleValue(), within());
      assertParameters(net.byParameter(second.vector()), step.get("grad_pass2"), where + "pass 2");
      if (batchNorm) {
        assertStatistics(net, step.get("bn_after_pass2"), where + "pass 2");
      }
      sgd.step(net.weights(), second.vector(), lr());
    }
    assertParameters(net.state(), step.get("weights_after"), where + "weights after");
  }

  private Net net(Compute compute, boolean batchNorm) {
    Forward forward =
        (pass, x) -> {
          NDArray hidden = pass.linear("fc1", x, 10);
          NDArray embedding = Ops.relu(batchNorm ? pass.batchNorm("bn", hidden) : hidden);
          return Out.of(pass.linear("fc2", embedding, 4), embedding);
        };
    var state = new Tensors.Builder();
    Stream.of("weights", "batch_norm")
        .filter(part -> batchNorm || part.equals("weights"))
        .forEach(part ->
            inputs
                .get(part)
                .properties()
                .forEach(entry -> state.put(entry.getKey(), Golden.tensor(entry.getValue()))));
    return Net.loaded(compute, Precision.F64, forward, state.build(), 6);
  }

  private Sgd sgd(JsonNode expected) {
    double momentum = golden.get("parameters").get("momentum").doubleValue();
    return new Sgd(Sgd.Settings.of(lr(), momentum, expected.get("weight_decay").doubleValue()));
  }

  private double lr() {
    return golden.get("parameters").get("lr").doubleValue();
  }

  private NDArray x(Compute compute, int index) {
    return compute.array(Golden.row(inputs.get("batches_x"), index));
  }

  private Net.Objective objective(Compute compute, int index) {
    double[] labels = Golden.row(inputs.get("batches_y"), index).doubles();
    long[] y = java.util.Arrays.stream(labels).mapToLong(label -> (long) label).toArray();
    return (out, weights) -> Ops.crossEntropy(out.logits(), compute.array(y));
  }

  private static void assertStatistics(Net net, JsonNode expected, String where) {
    Tensors state = net.state();
    for (String name : new String[] {"running_mean", "running_var"}) {
      Golden.assertClose(
          state.get("bn." + name).doubles(),
          Golden.doubles(expected.get(name)),
          TOLERANCE,
          where + " " + name);
    }
    assertThat(state.get("bn.num_batches_tracked").longs()[0])
        .as(where)
        .isEqualTo(expected.get("num_batches_tracked").longValue());
  }

  private void assertParameters(Tensors actual, @Nullable JsonNode expected, String where) {
    if (expected == null) {
      return; // the file gives weights and gradients of some steps only
    }
    comparisons++;
    assertThat(expected.size()).isGreaterThanOrEqualTo(4);
    expected
        .properties()
        .forEach(entry -> {
          Tensor tensor = actual.get(entry.getKey());
          Golden.assertClose(
              tensor.doubles(),
              Golden.doubles(entry.getValue()),
              TOLERANCE,
              where + " " + entry.getKey());
        });
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.data.Offset.offset(TOLERANCE);
  }
}
