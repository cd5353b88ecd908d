package dev.palimpsest.methods.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Penalty;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Predictions;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.learners.FisherInformation;
import dev.palimpsest.methods.learners.Importance;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.QuadraticPenalty;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Fisher information and penalty. The Fisher here is the mean over samples; the reference's divisor
 * equals that for {@code fisher_batch_size_4} and is twice it for {@code fisher_batch_size_8}.
 */
class EwcGoldenTest {
  private static final double TOLERANCE = 1e-12;
  private final JsonNode golden = Golden.read("ewc");
  private final JsonNode inputs = golden.get("inputs");
  private final JsonNode expected = golden.get("expected");
  private final Compute compute = Compute.open("cpu", 1);
  private final Net net =
      Net.loaded(compute, Precision.F64, forward(), state(inputs.get("state")), 3, 8, 8);

  @AfterEach
  void close() {
    net.close();
    compute.close();
  }

  private static Forward forward() {
    return (pass, images) -> {
      NDArray x = pass.convolution("conv1", images, 4, 3, 1, 1);
      x = Ops.relu(pass.batchNorm("bn1", x));
      x = pass.convolutionWithBias("conv2", x, 5, 3, 2, 1);
      NDArray embedding = Ops.meanOverSpace(x);
      return Out.of(pass.linear("linear", embedding, 4), embedding);
    };
  }

  private static Tensors state(JsonNode state) {
    var tensors = new Tensors.Builder();
    state
        .properties()
        .forEach(entry -> tensors.put(entry.getKey(), Golden.tensor(entry.getValue())));
    return tensors.build();
  }

  private Images images(String images, String labels) {
    long[] y = Golden.longs(inputs.get(labels));
    return Images.of(compute, Golden.bytes(inputs.get(images)), Tensor.of(y, y.length), 4);
  }

  private Tensors fisher(Images images) {
    try (images;
        Importance fisher = FisherInformation.of(net, images, images.size())) {
      while (!fisher.finished()) {
        fisher.step();
      }
      return fisher.mean();
    }
  }

  private static double[] flat(Tensors named) {
    var bytes = new ByteArrayOutputStream();
    for (Tensor tensor : named.tensors().values()) {
      byte[] part = new byte[tensor.data().remaining()];
      tensor.data().get(part);
      bytes.writeBytes(part);
    }
    double[] values = new double[bytes.size() / 8];
    ByteBuffer.wrap(bytes.toByteArray())
        .order(ByteOrder.LITTLE_ENDIAN)
        .asDoubleBuffer()
        .get(values);
    return values;
  }

  private static double tolerance(double... expected) {
    return TOLERANCE * Arrays.stream(expected).map(Math::abs).max().orElseThrow();
  }

  @Test
  void logitsAndLikelihoodsFollowTheReference() {
    long[] y = Golden.longs(inputs.get("labels"));
    double[][] logits;
    try (Images images = images("images_u8", "labels")) {
      logits = Predictions.of(net, images, 5).logits();
    }
    double[] flat = Arrays.stream(logits).flatMapToDouble(Arrays::stream).toArray();
    Golden.assertClose(flat, Golden.doubles(expected.get("logits")), TOLERANCE * 10, "logits");
    try (Scope scope = Scope.open()) {
      double[] likelihoods =
          Ops.logLikelihood(compute.array(Tensor.of(flat, y.length, 4)), compute.array(y))
              .exp()
              .toDoubleArray();
      Golden.assertClose(
          likelihoods, Golden.doubles(expected.get("prob_of_true_label")), TOLERANCE, "p");
    }
  }

  @Test
  void fisherInformationIsTheMeanOverSamples() {
    double[] actual = flat(fisher(images("images_u8", "labels")));
    double[] mean = Golden.doubles(expected.get("fisher_batch_size_4"));
    Golden.assertClose(actual, mean, tolerance(mean), "Fisher");
    double[] half = Arrays.stream(actual).map(value -> value / 2).toArray();
    double[] quirk = Golden.doubles(expected.get("fisher_batch_size_8"));
    Golden.assertClose(half, quirk, tolerance(quirk), "Fisher with twice the divisor");
  }

  @Test
  void fisherInformationOfTheSecondTaskIsAddedToTheDecayedFirst() {
    // This part of the file was computed with twice the divisor.
    Tensors first = fisher(images("images_u8", "labels"));
    double[] displacement = Golden.doubles(inputs.get("displacement"));
    try (Scope scope = Scope.open()) {
      net.weights().addi(compute.array(Tensor.of(displacement, displacement.length)));
    }
    Tensors second = fisher(images("task2_images_u8", "task2_labels"));
    for (String gamma : new String[] {"1.0", "0.7"}) {
      double[] both = Golden.doubles(expected.get("online_fisher_after_task2_by_gamma").get(gamma));
      double[] actual = flat(Importance.accumulated(first, Double.parseDouble(gamma), second));
      double[] half = Arrays.stream(actual).map(value -> value / 2).toArray();
      Golden.assertClose(half, both, tolerance(both), "Fisher after two tasks, decay " + gamma);
    }
  }

  @Test
  void penaltyAndItsGradientFollowTheReference() {
    double lambda = golden.get("parameters").get("lambda").doubleValue();
    Tensors fisher = named(Golden.doubles(expected.get("fisher_batch_size_8")));
    double[] displacement = Golden.doubles(inputs.get("displacement"));
    var memory =
        Memory.EMPTY.with("fisher.1", fisher).with("anchor.1", net.byParameter(net.weights()));
    try (Penalty penalty = QuadraticPenalty.of(lambda, "fisher", net, memory);
        Scope scope = Scope.open()) {
      net.weights().addi(compute.array(Tensor.of(displacement, displacement.length)));
      NDArray images = compute.manager().zeros(new Shape(1, 3, 8, 8), Precision.F64.type());
      var gradient =
          net.gradient(
              Mode.EVAL,
              images,
              (out, weights) ->
                  penalty.added(
                      compute.array(Tensor.of(new double[] {0}, 1)).sum(),
                      new Batch(images, images, images),
                      out,
                      weights));
      double value = expected.get("penalty_with_fisher_batch_size_8").doubleValue();
      assertThat(gradient.value()).isCloseTo(lambda * value, within(TOLERANCE * value));
      double[] slope = Golden.doubles(expected.get("penalty_gradient_times_lambda"));
      Golden.assertClose(
          gradient.vector().toDoubleArray(), slope, tolerance(slope), "gradient of the penalty");
    }
  }

  private Tensors named(double... vector) {
    try (NDArray array = compute.array(Tensor.of(vector, vector.length))) {
      return net.byParameter(array);
    }
  }
}
