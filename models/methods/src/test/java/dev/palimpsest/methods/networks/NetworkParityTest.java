package dev.palimpsest.methods.networks;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.methods.golden.Golden;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every network against an independent PyTorch script, {@code src/test/parity/networks.py}: names,
 * order and shapes of the state dict, how many parameters, and with the same weights the same
 * logits and maps, in float64.
 */
class NetworkParityTest {
  private static final double TOLERANCE = 1e-9;
  private static final int CLASSES = 10;
  private static final int IMAGES = 4;
  private static final int SIDE = 32;
  private static final Methods METHODS = Methods.load();

  private final JsonNode networks = Json.parse("the parity file", bytes()).get("networks");

  private static byte[] bytes() {
    try (InputStream in = NetworkParityTest.class.getResourceAsStream("/parity/networks.json")) {
      return Objects.requireNonNull(in).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void everyNetworkIsThereWithOneAndThreeChannels() {
    var names = new ArrayList<String>();
    METHODS
        .all(Kind.NETWORK)
        .forEach(network -> names.addAll(List.of(network.name() + " 1", network.name() + " 3")));
    assertThat(networks.properties().stream().map(Map.Entry::getKey))
        .containsExactlyInAnyOrderElementsOf(names);
  }

  /** The counts that are published for three channels and ten classes. */
  @Test
  void theCountsAreThePublishedOnes() {
    Map.of(
            "resnet-18", 11_173_962,
            "preact-resnet-18", 11_171_146,
            "resnet-20", 269_722,
            "vgg-11-bn", 9_231_114,
            "vgg-16-bn", 14_728_266)
        .forEach((name, count) ->
            assertThat(networks.get(name + " 3").get("parameters").intValue())
                .as(name)
                .isEqualTo(count));
  }

  @TestFactory
  Stream<DynamicTest> itIsTorchs() {
    return networks.properties().stream()
        .map(entry -> {
          String[] name = entry.getKey().split(" ");
          var network = METHODS.get(Kind.NETWORK, name[0], Network.class);
          int channels = Integer.parseInt(name[1]);
          return DynamicTest.dynamicTest(
              entry.getKey(),
              () -> check(entry.getKey(), (Network<?>) network, channels, entry.getValue()));
        });
  }

  private static <P extends Record> void check(
      String name, Network<P> network, int channels, JsonNode expected) {
    try (Compute compute = Compute.open("cpu", 1);
        Net net =
            Net.drawn(
                compute,
                Precision.F64,
                network.forward(Samples.defaults(network), CLASSES),
                Randomness.of(1),
                channels,
                SIDE,
                SIDE);
        Scope scope = Scope.open()) {
      assertThat(net.size()).as(name).isEqualTo(expected.get("parameters").intValue());
      Tensors state = net.state();
      assertThat(state.tensors().keySet())
          .as(name)
          .containsExactlyElementsOf(
              expected.get("state").properties().stream().map(Map.Entry::getKey).toList());
      state
          .tensors()
          .forEach((entry, tensor) ->
              assertThat(tensor.shape())
                  .as(name + ": " + entry)
                  .isEqualTo(shape(expected.get("state").get(entry))));
      assertThat(state.tensors().keySet())
          .contains(network.head() + ".weight", network.head() + ".bias");
      net.load(filled(state));

      NDArray x = images(compute, channels);
      Out out = net.forward(Mode.EVAL, x);
      close(out.logits(), expected.get("logits"), name + ": logits");
      assertThat(out.maps().keySet())
          .as(name)
          .containsExactlyElementsOf(
              expected.get("maps").properties().stream().map(Map.Entry::getKey).toList());
      out.maps()
          .forEach((map, values) -> {
            JsonNode of = expected.get("maps").get(map);
            assertThat(values.getShape().getShape())
                .as(name + map)
                .isEqualTo(shape(of.get("shape")));
            Golden.assertClose(
                values.mean().toDoubleArray(),
                new double[] {of.get("mean").doubleValue()},
                TOLERANCE,
                name + ": mean of " + map);
          });
      close(
          net.forward(Mode.TRAIN, x).logits(),
          expected.get("batchLogits"),
          name + ": logits with the batch's statistics");
    }
  }

  private static void close(NDArray actual, JsonNode expected, String what) {
    Golden.assertClose(actual.toDoubleArray(), Golden.doubles(expected), TOLERANCE, what);
  }

  private static long[] shape(JsonNode sizes) {
    return sizes.valueStream().mapToLong(JsonNode::longValue).toArray();
  }

  /** The script's rule for weights and running statistics. */
  private static Tensors filled(Tensors state) {
    var filled = new Tensors.Builder();
    int place = 0;
    for (var entry : state.tensors().entrySet()) {
      Tensor tensor = entry.getValue();
      filled.put(
          entry.getKey(),
          tensor.type() == Tensor.Type.I64
              ? tensor
              : filled(entry.getKey(), place, tensor.shape()));
      place++;
    }
    return filled.build();
  }

  private static Tensor filled(String name, long place, long... shape) {
    int length = 1;
    for (long size : shape) {
      length *= (int) size;
    }
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      double v = (i * 7919L + place * 104729) % 10007 / 10007.0 - 0.5;
      if (shape.length > 1) {
        values[i] = v * Math.sqrt(24 / ((double) length / shape[0]));
      } else {
        values[i] = name.endsWith("weight") || name.endsWith("running_var") ? 1 + v : v / 4;
      }
    }
    return Tensor.of(values, shape);
  }

  private static NDArray images(Compute compute, int channels) {
    double[] pixels = new double[IMAGES * channels * SIDE * SIDE];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = i * 271L % 65521 % 256 / 255.0;
    }
    return compute.array(Tensor.of(pixels, IMAGES, channels, SIDE, SIDE));
  }
}
