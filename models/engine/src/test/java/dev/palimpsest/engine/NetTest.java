package dev.palimpsest.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NetTest {
  private final Compute compute = Compute.open("cpu", 1);
  private final Images images = Tiny.images(compute);

  @AfterEach
  void close() {
    images.close();
    compute.close();
  }

  private static Tensors without(Tensors tensors, String dropped) {
    var rest = new Tensors.Builder();
    tensors
        .tensors()
        .forEach((name, tensor) -> {
          if (!name.equals(dropped)) {
            rest.put(name, tensor);
          }
        });
    return rest.build();
  }

  private static Tensors with(Tensors tensors, String name, Tensor tensor) {
    var more = new Tensors.Builder();
    without(tensors, name).tensors().forEach(more::put);
    return more.put(name, tensor).build();
  }

  private Net.Objective crossEntropy(Batch batch) {
    return (out, weights) -> Ops.crossEntropy(out.logits(), batch.labels());
  }

  @Test
  void theStateDictHasTorchsNamesOrderAndShapes() {
    try (Net net = Tiny.net(compute, Precision.F32)) {
      Tensors state = net.state();
      assertThat(state.tensors().keySet())
          .containsExactly(
              "conv.weight",
              "bn.weight",
              "bn.bias",
              "bn.running_mean",
              "bn.running_var",
              "bn.num_batches_tracked",
              "linear.weight",
              "linear.bias");
      assertThat(state.get("conv.weight").shape()).containsExactly(4, 2, 3, 3);
      assertThat(state.get("linear.weight").shape()).containsExactly(3, 4);
      assertThat(state.get("bn.num_batches_tracked").shape()).isEmpty();
      assertThat(net.size()).isEqualTo(4 * 2 * 9 + 8 + 3 * 4 + 3);
    }
  }

  @Test
  void firstValuesAreDrawnAsTorchDoesAndDependOnTheSeedOnly() {
    try (Net one = Tiny.net(compute, Precision.F32);
        Net two = Tiny.net(compute, Precision.F32);
        Net other =
            Net.drawn(
                compute, Precision.F32, Tiny.FORWARD, Randomness.of(8), 2, Tiny.SIDE, Tiny.SIDE)) {
      assertThat(one.weights().toFloatArray()).isEqualTo(two.weights().toFloatArray());
      assertThat(one.weights().toFloatArray()).isNotEqualTo(other.weights().toFloatArray());
      double bound = 1 / Math.sqrt(2 * 9);
      float[] conv = one.state().get("conv.weight").floats();
      double largest = 0;
      for (float value : conv) {
        assertThat((double) value).isBetween(-bound, bound);
        largest = Math.max(largest, Math.abs(value));
      }
      assertThat(largest).isGreaterThan(0.9 * bound);
      assertThat(one.state().get("bn.weight").floats()).containsOnly(1);
      assertThat(one.state().get("bn.running_var").floats()).containsOnly(1);
    }
  }

  @Test
  void aStateDictLoadsIntoAnotherNetworkBitForBit() {
    try (Net one = Tiny.net(compute, Precision.F32);
        Scope scope = Scope.open()) {
      one.forward(Mode.TRAIN, images.batch(Precision.F32, 0, 1, 2).images());
      Tensors state = one.state();
      try (Net two =
          Net.loaded(compute, Precision.F32, Tiny.FORWARD, state, 2, Tiny.SIDE, Tiny.SIDE)) {
        two.state()
            .tensors()
            .forEach((name, tensor) ->
                assertThat(tensor.data()).as(name).isEqualTo(state.get(name).data()));
        assertThat(two.state().get("bn.num_batches_tracked").longs()).containsExactly(1);
      }
    }
  }

  @Test
  void aStateDictThatDoesNotFitIsRefusedNamingTheEntry() {
    try (Net net = Tiny.net(compute, Precision.F32)) {
      Tensors state = net.state();
      assertThatThrownBy(() -> net.load(without(state, "bn.bias")))
          .isInstanceOf(Mistake.class)
          .hasMessage("the checkpoint lacks 'bn.bias', which this network has.");
      Tensor scalar = Tensor.of(new float[] {1}, 1);
      assertThatThrownBy(() -> net.load(with(state, "head.bias", scalar)))
          .isInstanceOf(Mistake.class)
          .hasMessage("the checkpoint has 'head.bias', which this network has not.");
      assertThatThrownBy(() -> net.load(with(state, "linear.bias", scalar)))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining("'linear.bias' has shape [1]; this network expects [3]");
      Tensor longs = Tensor.of(new long[3], 3);
      assertThatThrownBy(() -> net.load(with(state, "linear.bias", longs)))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining("'linear.bias' is of type I64");
    }
  }

  @Test
  void batchCountersMayBeMissing() {
    try (Net net = Tiny.net(compute, Precision.F32)) {
      net.load(without(net.state(), "bn.num_batches_tracked"));
      assertThat(net.state().get("bn.num_batches_tracked").longs()).containsExactly(0);
    }
  }

  @Test
  void theGradientAgreesWithDifferenceQuotients() {
    try (Net net = Tiny.net(compute, Precision.F64);
        Scope scope = Scope.open()) {
      Batch batch = images.batch(Precision.F64, 0, 1, 2, 3, 4);
      double[] gradient =
          net.gradient(Mode.TRAIN_FROZEN_STATS, batch.images(), crossEntropy(batch))
              .vector()
              .toDoubleArray();
      assertThat(gradient).hasSize(net.size());
      double[] weights = net.weights().toDoubleArray();
      double h = 1e-5;
      for (int i = 0; i < gradient.length; i++) {
        double[] moved = weights.clone();
        moved[i] += h;
        Ops.assign(net.weights(), compute.manager().create(moved));
        double up = value(net, batch);
        moved[i] -= 2 * h;
        Ops.assign(net.weights(), compute.manager().create(moved));
        double down = value(net, batch);
        assertThat(gradient[i]).as("weight " + i).isCloseTo((up - down) / (2 * h), within(1e-7));
      }
    }
  }

  private static double value(Net net, Batch batch) {
    NDArray logits = net.forward(Mode.TRAIN_FROZEN_STATS, batch.images()).logits();
    return Ops.crossEntropy(logits, batch.labels()).getDouble();
  }

  @Test
  void gradientsDoNotAddUpAndANanLeavesNoTrace() {
    try (Net net = Tiny.net(compute, Precision.F32);
        Scope scope = Scope.open()) {
      Batch batch = images.batch(Precision.F32, 0, 1, 2);
      Mode mode = Mode.TRAIN_FROZEN_STATS;
      float[] first =
          net.gradient(mode, batch.images(), crossEntropy(batch)).vector().toFloatArray();
      var poisoned = net.gradient(mode, batch.images().mul(Float.NaN), crossEntropy(batch));
      assertThat(poisoned.value()).isNaN();
      net.buffers().subi(net.buffers().duplicate());
      float[] second =
          net.gradient(mode, batch.images(), crossEntropy(batch)).vector().toFloatArray();
      assertThat(second).isEqualTo(first);
    }
  }

  @Test
  void onlyTrainingModeMovesTheRunningStatistics() {
    try (Net net = Tiny.net(compute, Precision.F32);
        Scope scope = Scope.open()) {
      NDArray x = images.batch(Precision.F32, 0, 1, 2, 3).images();
      float[] before = net.buffers().toFloatArray();
      float[] frozen = net.forward(Mode.TRAIN_FROZEN_STATS, x).logits().toFloatArray();
      float[] running = net.forward(Mode.EVAL, x).logits().toFloatArray();
      assertThat(net.buffers().toFloatArray()).isEqualTo(before);
      float[] trained = net.forward(Mode.TRAIN, x).logits().toFloatArray();
      assertThat(net.buffers().toFloatArray()).isNotEqualTo(before);
      assertThat(trained).isEqualTo(frozen);
      assertThat(running).isNotEqualTo(frozen);
      assertThat(net.state().get("bn.num_batches_tracked").longs()).containsExactly(2);
    }
  }

  @Test
  void aVectorHasNamesAndComesBackFromThem() {
    try (Net net = Tiny.net(compute, Precision.F32)) {
      Tensors named = net.byParameter(net.weights());
      assertThat(named.tensors())
          .containsOnlyKeys("conv.weight", "bn.weight", "bn.bias", "linear.weight", "linear.bias");
      try (NDArray back = net.vector("the Fisher information", named)) {
        assertThat(back.toFloatArray()).isEqualTo(net.weights().toFloatArray());
      }
      assertThatThrownBy(() -> net.vector("the Fisher information", net.state()))
          .isInstanceOf(Mistake.class)
          .hasMessage("the Fisher information has 'bn.running_mean', which this network has not.");
    }
  }

  @Test
  void weightsThatAreNotFiniteAreAFailure() {
    try (Net net = Tiny.net(compute, Precision.F32)) {
      net.requireFinite("now");
      net.weights().addi(Float.POSITIVE_INFINITY);
      assertThatThrownBy(() -> net.requireFinite("after epoch 3"))
          .isInstanceOf(Failure.class)
          .hasMessageContaining("no longer finite after epoch 3");
    }
  }

  @Test
  void twoThreadsGetTheGradientsOfSoloRuns() throws Exception {
    try (Net net = Tiny.net(compute, Precision.F64)) {
      double[] solo = gradient(net);
      var elsewhere = new java.util.concurrent.CompletableFuture<double[]>();
      Thread thread = new Thread(() -> elsewhere.complete(gradient(net)));
      thread.start();
      double[] here = gradient(net);
      thread.join();
      assertThat(here).isEqualTo(solo);
      assertThat(elsewhere.get()).isEqualTo(solo);
    }
  }

  private double[] gradient(Net net) {
    try (Scope scope = Scope.open()) {
      Batch batch = images.batch(Precision.F64, 0, 1, 2, 3);
      return net.gradient(Mode.TRAIN_FROZEN_STATS, batch.images(), crossEntropy(batch))
          .vector()
          .toDoubleArray();
    }
  }

  @Test
  void aPassLeavesNoArrayAndAClosedNetworkNone() {
    int before = compute.liveArrays();
    try (Net net = Tiny.net(compute, Precision.F32)) {
      int open = compute.liveArrays();
      try (Scope scope = Scope.open()) {
        Batch batch = images.batch(Precision.F32, 0, 1);
        net.gradient(Mode.TRAIN, batch.images(), crossEntropy(batch));
        assertThat(compute.liveArrays()).isGreaterThan(open);
      }
      net.load(net.state());
      net.requireFinite("now");
      assertThat(compute.liveArrays()).isEqualTo(open);
    }
    assertThat(compute.liveArrays()).isEqualTo(before);
  }

  @Test
  void aScaledLossKeepsItsFactorUntilItIsDifferentiated() {
    try (Net net = Tiny.net(compute, Precision.F64)) {
      for (int round = 0; round < 10; round++) {
        try (Scope scope = Scope.open()) {
          var gradient =
              net.gradient(
                  Mode.EVAL,
                  graph -> {
                    NDArray loss = Ops.scaled(graph.weights(), 3).sum();
                    collectAndOverwrite();
                    return loss;
                  });
          assertThat(gradient.vector().toDoubleArray()).containsOnly(3);
        }
      }
    }
  }

  /** Frees native memory that no array holds any longer, and takes it for other numbers. */
  private static void collectAndOverwrite() {
    for (int i = 0; i < 5; i++) {
      System.gc();
      for (int j = 0; j < 500; j++) {
        ByteBuffer.allocateDirect(Double.BYTES).putDouble(Double.NaN);
      }
    }
  }
}
