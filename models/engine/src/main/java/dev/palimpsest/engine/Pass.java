package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * The parameters of a network during one pass, and the layers made from them.
 *
 * <p>Layers are named as in torch state dicts; weights are laid out and drawn as torch does by
 * default.
 */
public abstract class Pass {
  static final double EPSILON = 1e-5;
  static final double MOMENTUM = 0.1;

  private final Mode mode;

  Pass(Mode mode) {
    this.mode = mode;
  }

  public final Mode mode() {
    return mode;
  }

  /** A parameter of the network: weights that are learned. */
  public abstract NDArray parameter(String name, Initial initial, long... shape);

  /** Values that belong to the network but are not learned. */
  abstract NDArray buffer(String name, double initial, long... shape);

  /** Counts one batch at a normalisation layer. */
  abstract void count(String name);

  /** A layer with parameters, as it is applied. */
  sealed interface Layer {
    String name();

    boolean hasBias();

    default List<String> parameters() {
      String weight = name() + ".weight";
      return hasBias() ? List.of(weight, name() + ".bias") : List.of(weight);
    }
  }

  record Convolution(String name, boolean hasBias, int kernel, int stride, int padding)
      implements Layer {}

  record Affine(String name, boolean hasBias) implements Layer {}

  record Normalisation(String name, boolean hasBias, NDArray mean, NDArray variance)
      implements Layer {}

  /** Sees what goes into each layer and what comes out; what it returns goes on. */
  NDArray applied(Layer layer, NDArray x, NDArray y) {
    return y;
  }

  /** A convolution without bias; parameter {@code name.weight} [out, in, kernel, kernel]. */
  public final NDArray convolution(
      String name, NDArray x, int out, int kernel, int stride, int padding) {
    NDArray weight = convolutionWeight(name, x, out, kernel);
    return applied(
        new Convolution(name, false, kernel, stride, padding),
        x,
        Ops.convolution(x, weight, stride, padding));
  }

  /** A convolution with bias; parameters {@code name.weight} and {@code name.bias}. */
  public final NDArray convolutionWithBias(
      String name, NDArray x, int out, int kernel, int stride, int padding) {
    NDArray weight = convolutionWeight(name, x, out, kernel);
    NDArray bias = parameter(name + ".bias", Initial.uniform(fan(x, kernel)), out);
    return applied(
        new Convolution(name, true, kernel, stride, padding),
        x,
        Ops.convolution(x, weight, bias, stride, padding));
  }

  private NDArray convolutionWeight(String name, NDArray x, int out, int kernel) {
    long in = x.getShape().get(1);
    return parameter(name + ".weight", Initial.uniform(fan(x, kernel)), out, in, kernel, kernel);
  }

  private static long fan(NDArray x, int kernel) {
    return x.getShape().get(1) * kernel * kernel;
  }

  /** An affine map; parameters {@code name.weight} [out, in] and {@code name.bias} [out]. */
  public final NDArray linear(String name, NDArray x, int out) {
    long in = x.getShape().get(1);
    NDArray weight = parameter(name + ".weight", Initial.uniform(in), out, in);
    NDArray bias = parameter(name + ".bias", Initial.uniform(in), out);
    return applied(new Affine(name, true), x, Ops.linear(x, weight, bias));
  }

  /**
   * Batch normalisation over axis 1 with epsilon 1e-5 and momentum 0.1; parameters {@code
   * name.weight} and {@code name.bias}, buffers {@code name.running_mean}, {@code name.running_var}
   * (unbiased) and {@code name.num_batches_tracked}.
   */
  public final NDArray batchNorm(String name, NDArray x) {
    long channels = x.getShape().get(1);
    NDArray weight = parameter(name + ".weight", Initial.constant(1), channels);
    NDArray bias = parameter(name + ".bias", Initial.constant(0), channels);
    NDArray mean = buffer(name + ".running_mean", 0, channels);
    NDArray variance = buffer(name + ".running_var", 1, channels);
    count(name + ".num_batches_tracked");
    double momentum = mode == Mode.TRAIN ? MOMENTUM : 0;
    return applied(
        new Normalisation(name, true, mean, variance),
        x,
        Ops.batchNorm(x, mean, variance, weight, bias, mode != Mode.EVAL, momentum, EPSILON));
  }
}
