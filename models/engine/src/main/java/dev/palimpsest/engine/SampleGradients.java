package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * What the gradients of single samples add up to, from one pass over a batch of them.
 *
 * <p>To every layer's output a leaf of zeros is added. The gradient that reaches it and the layer's
 * input give each sample's gradient by the layer's parameters: an outer product for an affine map,
 * a product of matrices for a convolution, sums over space for a normalisation with running
 * statistics. The weights are no part of the graph.
 */
public final class SampleGradients {
  /** About as many numbers are held at once for the samples' gradients by one convolution. */
  private static final long CHUNK = 1 << 20;

  private static final int[] SAMPLES = {0};
  private static final int[] SPACE = {2, 3};

  /** What is differentiated: a scalar of each sample, [batch], of that sample's outputs alone. */
  @FunctionalInterface
  public interface Objective {
    NDArray of(Out out, Batch batch);
  }

  /**
   * The samples' values, and the elementwise sum of |gradient|^order over them.
   *
   * @param vector in the order of {@link Net#weights()}; belongs to the open {@link Scope}
   */
  public record Sum(double[] values, NDArray vector) {}

  private final int order;

  /** By parameter, in the order in which the layers ask for them. */
  private final NDList sums = new NDList();

  private SampleGradients(int order) {
    this.order = order;
  }

  /**
   * From one pass over the batch, with running statistics. A network that asks for parameters
   * beside those of convolutions, affine maps and normalisations is passed {@link #oneByOne}.
   *
   * @param order 1: absolute values, 2: squares
   */
  public static Sum of(Net net, Batch batch, int order, Objective objective) {
    var layers = new ArrayList<Seen>();
    NDArray values =
        net.pass(
            Mode.EVAL,
            plain ->
                Ops.recording(
                    true,
                    () -> {
                      NDArray each =
                          objective.of(
                              net.forward(new Watching(plain, layers), batch.images()), batch);
                      Ops.backward(each.sum());
                      return each;
                    }));
    var seen = layers.stream().flatMap(each -> each.layer().parameters().stream()).toList();
    if (!seen.equals(net.parameterNames())) {
      return oneByOne(net, batch, order, objective);
    }
    return Ops.recording(
        false,
        () -> {
          var gradients = new SampleGradients(order);
          layers.forEach(gradients::add);
          double[] plain = values.toType(Precision.F64.type(), false).toDoubleArray();
          return new Sum(plain, NDArrays.concat(gradients.sums));
        });
  }

  /** The same from a forward and a backward pass for each sample. */
  public static Sum oneByOne(Net net, Batch batch, int order, Objective objective) {
    double[] values = new double[(int) batch.labels().size()];
    NDArray sum = net.weights().zerosLike();
    for (int i = 0; i < values.length; i++) {
      try (Scope scope = Scope.open()) {
        Batch sample = batch.rows(i, i + 1);
        Net.Gradient gradient =
            net.gradient(
                Mode.EVAL, sample.images(), (out, weights) -> objective.of(out, sample).sum());
        values[i] = gradient.value();
        sum.addi(power(gradient.vector(), order));
      }
    }
    return new Sum(values, sum);
  }

  private static NDArray power(NDArray gradient, int order) {
    return order == 1 ? gradient.abs() : gradient.square();
  }

  /** A layer that was passed. */
  private record Seen(Pass.Layer layer, NDArray x, NDArray leaf) {}

  /** A pass that remembers its layers. */
  private static final class Watching extends Pass {
    private final Pass inner;
    private final List<Seen> layers;

    Watching(Pass inner, List<Seen> layers) {
      super(inner.mode());
      this.inner = inner;
      this.layers = layers;
    }

    @Override
    public NDArray parameter(String name, Initial initial, long... shape) {
      return inner.parameter(name, initial, shape);
    }

    @Override
    NDArray buffer(String name, double initial, long... shape) {
      return inner.buffer(name, initial, shape);
    }

    @Override
    void count(String name) {
      inner.count(name);
    }

    @Override
    NDArray applied(Layer layer, NDArray x, NDArray y) {
      NDArray zero = y.getManager().zeros(new Shape(1), y.getDataType());
      NDArray leaf = Ops.leaf(zero.broadcast(y.getShape()));
      layers.add(new Seen(layer, x, leaf));
      return y.addi(leaf);
    }
  }

  private void add(Seen seen) {
    NDArray g = Ops.reached(seen.leaf());
    switch (seen.layer()) {
      case Pass.Convolution layer -> convolution(layer, seen.x(), g);
      case Pass.Affine layer -> {
        NDArray powers = power(g, order);
        sums.add(powers.transpose().matMul(power(seen.x(), order)).flatten());
        sums.add(powers.sum(SAMPLES));
      }
      case Pass.Normalisation layer -> {
        NDArray deviation = layer.variance().add(Pass.EPSILON).sqrt();
        NDArray centred = seen.x().sub(layer.mean().reshape(1, -1, 1, 1));
        each(centred.muli(g).sum(SPACE).divi(deviation));
        each(g.sum(SPACE));
      }
    }
  }

  /** Adds up a parameter's gradients, which are there sample by sample. */
  private void each(NDArray gradients) {
    sums.add(power(gradients, order).sum(SAMPLES));
  }

  private void convolution(Pass.Convolution layer, NDArray x, NDArray g) {
    long samples = g.getShape().get(0);
    long out = g.getShape().get(1);
    long in = x.getShape().get(1);
    int kernel = layer.kernel();
    NDArray sum = g.getManager().zeros(new Shape(kernel, out, kernel * in), g.getDataType());
    long largest = kernel * in * Math.max(out, x.getShape().get(2) * x.getShape().get(3));
    long rows = Math.max(1, CHUNK / largest);
    for (long from = 0; from < samples; from += rows) {
      try (Scope scope = Scope.open()) {
        long to = Math.min(samples, from + rows);
        NDArray part = Ops.rows(g, from, to).reshape(to - from, out, -1);
        NDArray met =
            Ops.metByColumns(Ops.rows(x, from, to), kernel, layer.stride(), layer.padding());
        for (int i = 0; i < kernel; i++) {
          NDArray each = part.batchMatMul(Ops.metByRow(met, i, layer.stride()));
          NDArray powers = order == 1 ? each.abs() : each.muli(each);
          Ops.rows(sum, i, i + 1).addi(to - from == 1 ? powers : powers.sum(SAMPLES, true));
        }
      }
    }
    sums.add(sum.reshape(kernel, out, kernel, in).transpose(1, 3, 0, 2).flatten());
    if (layer.hasBias()) {
      each(g.sum(SPACE));
    }
  }
}
