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
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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
    return drawn(network, data.classes().size(), data, compute, randomness);
  }

  /** The network that a checkpoint holds. */
  static Net load(Tensors checkpoint, Compute compute) {
    return load(checkpoint, compute, Precision.F32);
  }

  /** The network that a checkpoint holds, computing in a precision. */
  static Net load(Tensors checkpoint, Compute compute, Precision precision) {
    Choice network = network(checkpoint);
    long[] shape =
        Arrays.stream(checkpoint.text("image").split("x")).mapToLong(Long::parseLong).toArray();
    return Net.loaded(compute, precision, forward(network, classes(checkpoint)), checkpoint, shape);
  }

  /** A new network's state as an artifact. */
  static Tensors of(Net net, Choice network, DataSet data) {
    return of(net, network, data.classes().size(), data);
  }

  /** A network with first values drawn, of fewer classes than the data have. */
  static Net drawn(
      Choice network, int classes, DataSet data, Compute compute, Randomness randomness) {
    return Net.drawn(
        compute, Precision.F32, forward(network, classes), randomness, data.imageShape());
  }

  /** What titles call the checkpoint of an input: its network, and the defence that made it. */
  static String named(StageContext context, String input) {
    return network(context.tensors(input)).method()
        + defence(context, input).map(name -> ", defended by " + name).orElse("");
  }

  /** The last defence that the checkpoint of an input came through. */
  static Optional<String> defence(StageContext context, String input) {
    return context.reference(input).taint().stream()
        .filter(taint -> taint.startsWith(Defend.TAINT))
        .reduce((former, last) -> last)
        .map(taint -> taint.substring(Defend.TAINT.length()));
  }

  /** The choice of a checkpoint's network. */
  static Choice network(Tensors checkpoint) {
    return Json.read("the checkpoint's network", checkpoint.text("network"), Choice.class);
  }

  /** How many classes a checkpoint's network tells apart. */
  static int classes(Tensors checkpoint) {
    return Integer.parseInt(checkpoint.text("classes"));
  }

  /** What the classifier is called. */
  static String classifier(Tensors checkpoint) {
    return METHODS.get(Kind.NETWORK, network(checkpoint).method(), Network.class).head();
  }

  /** The names of the classifier's parameters. */
  static List<String> head(Tensors checkpoint) {
    String head = classifier(checkpoint);
    return List.of(head + ".weight", head + ".bias");
  }

  /** The state of a network that began as {@code origin}, with as many classes or more. */
  static Tensors of(Net net, Tensors origin, int classes) {
    return with(
        net.state(), origin.text("network"), Integer.toString(classes), origin.text("image"));
  }

  /** A drawn network's state as an artifact, of fewer classes than the data have. */
  static Tensors of(Net net, Choice network, int classes, DataSet data) {
    return with(net.state(), Json.line(network), Integer.toString(classes), image(data));
  }

  /** The state of a network that began as {@code origin}. */
  static Tensors of(Net net, Tensors origin) {
    return of(net, origin, classes(origin));
  }

  /** Throws {@link Mistake} unless the network takes these images. */
  static void takes(Tensors checkpoint, DataSet data) {
    if (!checkpoint.text("image").equals(image(data))) {
      throw misfit(checkpoint, data);
    }
  }

  /** Throws {@link Mistake} unless the network takes these images and knows these classes. */
  static void fits(Tensors checkpoint, DataSet data) {
    takes(checkpoint, data);
    if (classes(checkpoint) != data.classes().size()) {
      throw misfit(checkpoint, data);
    }
  }

  private static Mistake misfit(Tensors checkpoint, DataSet data) {
    return new Mistake(
        "the checkpoint takes images of "
            + checkpoint.text("image")
            + " in "
            + checkpoint.text("classes")
            + " classes; the data set has "
            + image(data)
            + " in "
            + data.classes().size()
            + ".");
  }

  private static String image(DataSet data) {
    return Arrays.stream(data.imageShape())
        .mapToObj(Long::toString)
        .collect(Collectors.joining("x"));
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
