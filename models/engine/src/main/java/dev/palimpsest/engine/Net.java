package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Layout.Role;
import dev.palimpsest.engine.Layout.Slot;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A network whose parameters lie in ONE vector and whose running statistics lie in a second, so
 * that an optimiser step, a norm or a snapshot is an operation on a vector.
 */
public final class Net implements AutoCloseable {
  private final Compute compute;
  private final Precision precision;
  private final Forward forward;
  private final long[] imageShape;
  private final Layout layout;
  private final StateDict names;
  private final List<Slot> parameters;
  private final long[] lengths;
  private final NDArray weights;
  private final NDArray buffers;
  private final Map<String, NDArray> bufferViews = new HashMap<>();
  private final long[] batchesSeen;

  private Net(Compute compute, Precision precision, Forward forward, long... imageShape) {
    this.compute = compute;
    this.precision = precision;
    this.forward = forward;
    this.imageShape = imageShape.clone();
    this.layout = Layout.of(forward, compute.manager(), imageShape);
    this.names = new StateDict(layout);
    this.parameters = layout.of(Role.PARAMETER);
    this.lengths = layout.parameterLengths();
    this.weights = vector(layout.length(Role.PARAMETER));
    this.buffers = vector(Math.max(1, layout.length(Role.BUFFER)));
    for (Slot slot : layout.of(Role.BUFFER)) {
      try (NDArray piece = buffers.get(slot.offset() + ":" + (slot.offset() + slot.length()))) {
        bufferViews.put(slot.name(), piece.reshape(slot.shape()));
      }
    }
    this.batchesSeen = new long[layout.length(Role.COUNTER)];
  }

  private NDArray vector(int length) {
    return compute.manager().zeros(new Shape(length), precision.type());
  }

  /**
   * A network with first values drawn from {@code randomness}.
   *
   * @param imageShape one image's shape, [channels, height, width]
   */
  public static Net drawn(
      Compute compute,
      Precision precision,
      Forward forward,
      Randomness randomness,
      long... imageShape) {
    var net = new Net(compute, precision, forward, imageShape);
    double[] weights = new double[net.layout.length(Role.PARAMETER)];
    double[] buffers = new double[net.layout.length(Role.BUFFER)];
    for (Slot slot : net.layout.slots().values()) {
      if (slot.role() == Role.COUNTER) {
        continue;
      }
      RandomStream stream = randomness.stream("weights " + slot.name());
      double[] vector = slot.role() == Role.PARAMETER ? weights : buffers;
      for (int i = 0; i < slot.length(); i++) {
        vector[slot.offset() + i] = slot.initial().draw(stream);
      }
    }
    net.fill(net.weights, weights);
    net.fill(net.buffers, buffers);
    return net;
  }

  /**
   * A network with the values of a state dict.
   *
   * @throws Mistake as {@link #load}
   */
  public static Net loaded(
      Compute compute, Precision precision, Forward forward, Tensors state, long... imageShape) {
    var net = new Net(compute, precision, forward, imageShape);
    net.load(state);
    return net;
  }

  public Compute compute() {
    return compute;
  }

  public Precision precision() {
    return precision;
  }

  /** The shape of what it was made for: one image, [channels, height, width]. */
  public long[] imageShape() {
    return imageShape.clone();
  }

  /** All parameters, in the order in which the architecture asks for them. */
  public NDArray weights() {
    return weights;
  }

  /** All running statistics. */
  public NDArray buffers() {
    return buffers;
  }

  /** How many numbers are learned. */
  public int size() {
    return layout.length(Role.PARAMETER);
  }

  /** A pass without gradient; its arrays belong to the open {@link Scope}. */
  public Out forward(Mode mode, NDArray images) {
    return Ops.recording(false, () -> forward.apply(new Bound(mode, weights), images));
  }

  /** What is differentiated: a scalar made of the outputs and the vector of weights. */
  @FunctionalInterface
  public interface Objective {
    NDArray of(Out out, NDArray weights);
  }

  /** What is differentiated, in general: a scalar made of any number of passes. */
  @FunctionalInterface
  public interface Loss {
    NDArray of(Graph graph);

    /** The loss of one pass over a batch. */
    static Loss of(NDArray images, Objective objective) {
      return graph -> objective.of(graph.forward(images), graph.weights());
    }
  }

  /** The passes of one gradient; their arrays belong to the open {@link Scope}. */
  public final class Graph {
    private final NDArray leaf;
    private final Pass pass;
    private @Nullable Out first;
    private long samples;

    private Graph(Mode mode, NDArray leaf) {
      this.leaf = leaf;
      this.pass = new Bound(mode, leaf);
    }

    /** A pass that is differentiated. */
    public Out forward(NDArray images) {
      return forward(pass, images);
    }

    /** A pass that is differentiated, in a mode of its own. */
    public Out forward(Mode mode, NDArray images) {
      return forward(new Bound(mode, leaf), images);
    }

    private Out forward(Pass over, NDArray images) {
      Out out = forward.apply(over, images);
      if (first == null) {
        first = out;
      }
      samples += images.getShape().get(0);
      return out;
    }

    /** The parameters one by one, for losses of parts of the network. */
    public Pass pass() {
      return pass;
    }

    /** The vector of all parameters, as a leaf. */
    public NDArray weights() {
      return leaf;
    }

    /** What reached the parameters when the loss was differentiated that these passes went into. */
    public NDArray gradient() {
      return Ops.reached(leaf);
    }
  }

  /** A loss of something that is no part of the network, such as the pattern of a trigger. */
  @FunctionalInterface
  public interface OuterLoss {
    NDArray of(Graph graph, NDArray vector);
  }

  /**
   * The value of a loss and its gradient by {@code vector}, the weights being constants; its arrays
   * belong to the open {@link Scope}.
   */
  public Gradient outerGradient(Mode mode, NDArray vector, OuterLoss loss) {
    return Ops.recording(
        true,
        () -> {
          var graph = new Graph(mode, weights);
          NDArray leaf = Ops.leaf(vector);
          NDArray value = loss.of(graph, leaf);
          NDArray gradient = Ops.gradient(value, leaf);
          return new Gradient(
              scalar(value), gradient, Optional.ofNullable(graph.first), graph.samples);
        });
  }

  /** Passes that go into the loss of another network; asked for while that loss is made. */
  public Graph graph(Mode mode) {
    return new Graph(mode, Ops.leaf(weights));
  }

  /**
   * The value and the gradient of a loss.
   *
   * @param vector the gradient by all parameters, in the order of {@link Net#weights()}
   * @param out what the network said in the loss's first pass
   * @param samples how many samples went through the loss's passes
   */
  public record Gradient(double value, NDArray vector, Optional<Out> out, long samples) {}

  /** One forward and one backward pass; its arrays belong to the open {@link Scope}. */
  public Gradient gradient(Mode mode, NDArray images, Objective objective) {
    return gradient(mode, Loss.of(images, objective));
  }

  /** The passes of a loss and one backward pass; its arrays belong to the open {@link Scope}. */
  public Gradient gradient(Mode mode, Loss loss) {
    return Ops.recording(
        true,
        () -> {
          var graph = new Graph(mode, Ops.leaf(weights));
          NDArray value = loss.of(graph);
          NDArray vector = Ops.gradient(value, graph.weights());
          return new Gradient(
              scalar(value), vector, Optional.ofNullable(graph.first), graph.samples);
        });
  }

  /**
   * Computes from the parameters by name, without gradient; the arrays belong to the open {@link
   * Scope}.
   */
  public <T> T pass(Mode mode, Function<Pass, T> computation) {
    return Ops.recording(false, () -> computation.apply(new Bound(mode, weights)));
  }

  /** A pass of another kind, such as one that looks at its layers. */
  Out forward(Pass pass, NDArray images) {
    return forward.apply(pass, images);
  }

  /** What is learned, in the order of {@link #weights()}. */
  List<String> parameterNames() {
    return parameters.stream().map(Slot::name).toList();
  }

  /** Another network of this architecture with the same values; the caller closes it. */
  public Net twin() {
    var twin = new Net(compute, precision, forward, imageShape);
    twin.load(state());
    return twin;
  }

  static double scalar(NDArray value) {
    return value.toType(DataType.FLOAT64, false).getDouble();
  }

  /**
   * Throws unless all weights and running statistics are finite.
   *
   * @param when names the moment, for the sentence ({@code after epoch 3, step 120})
   */
  public void requireFinite(String when) {
    try (Scope scope = Scope.open()) {
      if (!Double.isFinite(scalar(weights.sum())) || !Double.isFinite(scalar(buffers.sum()))) {
        throw new Failure(
            "the network's weights are no longer finite " + when + ": lower the learning rate.");
      }
    }
  }

  /** The parameters' names and shapes with the values of a vector in their order. */
  public Tensors byParameter(NDArray vector) {
    return names.parameters(Compute.tensor(vector));
  }

  /**
   * The vector whose values are given by parameter name, on the device; the caller closes it.
   *
   * @param what what the tensors are, for the sentence ({@code the Fisher information})
   * @throws Mistake naming what is missing, superfluous or has another shape
   */
  public NDArray vector(String what, Tensors named) {
    names.require(what, named, Role.PARAMETER);
    return vector(named);
  }

  /**
   * As {@link #vector}, of a network whose classifier had fewer classes: what it lacked is zero.
   *
   * @throws Mistake as {@link #vector}
   */
  public NDArray padded(String what, Tensors named) {
    return vector(what, names.padded(named));
  }

  /**
   * The parameters of a state dict as a vector on the device; the caller closes it.
   *
   * @param what what the state dict is, for the sentence
   * @throws Mistake as {@link #load}
   */
  public NDArray parametersOf(String what, Tensors state) {
    names.require(what, state, Role.values());
    return vector(state);
  }

  private NDArray vector(Tensors named) {
    NDArray vector = vector(size());
    fill(vector, names.values(Role.PARAMETER, named));
    return vector;
  }

  /** The state dict: parameters and buffers under their torch names, in torch's order. */
  public Tensors state() {
    return names.state(Compute.tensor(weights), Compute.tensor(buffers), batchesSeen);
  }

  /**
   * Takes over a state dict.
   *
   * @throws Mistake naming the entry that is missing, superfluous, or of another shape or type
   */
  public void load(Tensors state) {
    names.require("the checkpoint", state, Role.values());
    fill(weights, names.values(Role.PARAMETER, state));
    if (layout.length(Role.BUFFER) > 0) {
      fill(buffers, names.values(Role.BUFFER, state));
    }
    System.arraycopy(names.counts(state), 0, batchesSeen, 0, batchesSeen.length);
  }

  private void fill(NDArray vector, double[] values) {
    try (Scope scope = Scope.open()) {
      if (values.length > 0) {
        Ops.assign(vector, compute.array(Tensor.of(values, values.length), precision));
      }
    }
  }

  @Override
  public void close() {
    bufferViews.values().forEach(NDArray::close);
    weights.close();
    buffers.close();
  }

  /** A pass over the network's own values, or over a leaf that shares them. */
  private final class Bound extends Pass {
    private final Map<String, NDArray> views = new HashMap<>();

    Bound(Mode mode, NDArray vector) {
      super(mode);
      NDList pieces = Ops.pieces(vector, lengths);
      for (int i = 0; i < lengths.length; i++) {
        Slot slot = parameters.get(i);
        views.put(slot.name(), pieces.get(i).reshape(slot.shape()));
      }
    }

    @Override
    public NDArray parameter(String name, Initial initial, long... shape) {
      return known(views, name);
    }

    @Override
    NDArray buffer(String name, double initial, long... shape) {
      return known(bufferViews, name);
    }

    private NDArray known(Map<String, NDArray> arrays, String name) {
      NDArray array = arrays.get(name);
      if (array == null) {
        throw new IllegalStateException("the network asks for '" + name + "' in some passes only");
      }
      return array;
    }

    @Override
    void count(String name) {
      if (mode() != Mode.EVAL) {
        batchesSeen[layout.slot(name).offset()]++;
      }
    }
  }
}
