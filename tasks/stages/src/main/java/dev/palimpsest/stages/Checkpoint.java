package dev.palimpsest.stages;

import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.methods.networks.Network;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A checkpoint artifact: a state dict under torch's names, and in its metadata the {@code network}
 * (a choice, JSON), its {@code classes} (how many) and the {@code image} shape that it takes.
 */
final class Checkpoint {
  private static final Methods METHODS = Methods.load();

  private Checkpoint() {}

  /** A network with first values drawn from the stream of weights. */
  static Net drawn(Choice network, DataSet data, Compute compute, Randomness randomness) {
    return Net.drawn(
        compute,
        Precision.F32,
        forward(network, data.classes().size()),
        randomness,
        data.imageShape());
  }

  /** The network that a checkpoint holds. */
  static Net load(Tensors checkpoint, Compute compute) {
    Choice network =
        Json.read("the checkpoint's network", checkpoint.text("network"), Choice.class);
    long[] shape =
        Arrays.stream(checkpoint.text("image").split("x")).mapToLong(Long::parseLong).toArray();
    return Net.loaded(
        compute,
        Precision.F32,
        forward(network, Integer.parseInt(checkpoint.text("classes"))),
        checkpoint,
        shape);
  }

  /** A new network's state as an artifact. */
  static Tensors of(Net net, Choice network, DataSet data) {
    return with(
        net.state(),
        Json.line(network),
        Integer.toString(data.classes().size()),
        Arrays.stream(data.imageShape()).mapToObj(Long::toString).collect(Collectors.joining("x")));
  }

  /** The state of a network that began as {@code origin}. */
  static Tensors of(Net net, Tensors origin) {
    return with(net.state(), origin.text("network"), origin.text("classes"), origin.text("image"));
  }

  /** Throws {@link Mistake} unless the network takes these images and knows these classes. */
  static void fits(Tensors checkpoint, DataSet data) {
    String image =
        Arrays.stream(data.imageShape()).mapToObj(Long::toString).collect(Collectors.joining("x"));
    String classes = Integer.toString(data.classes().size());
    if (!checkpoint.text("image").equals(image) || !checkpoint.text("classes").equals(classes)) {
      throw new Mistake(
          "the checkpoint takes images of "
              + checkpoint.text("image")
              + " in "
              + checkpoint.text("classes")
              + " classes; the data set has "
              + image
              + " in "
              + classes
              + ".");
    }
  }

  private static Tensors with(Tensors state, String network, String classes, String image) {
    var artifact = new Tensors.Builder();
    state.tensors().forEach(artifact::put);
    return artifact.text("network", network).text("classes", classes).text("image", image).build();
  }

  private static Forward forward(Choice choice, int classes) {
    return forward(METHODS.get(Kind.NETWORK, choice.method(), Network.class), choice, classes);
  }

  private static <P extends Record> Forward forward(
      Network<P> network, Choice choice, int classes) {
    return network.forward(METHODS.bind(network, choice), classes);
  }
}
