package dev.palimpsest.methods.defences;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Precision;

/**
 * The gradient by the weights w of an outer loss at an input p that minimises an inner one: dO/dw +
 * (d map/dw)' v with map(p) = p - step dI/dp, where v solves v = (d map/dp)' v + dO/dp, by
 * fixed-point iteration from 0 (Grazzi et al., ICML 2020).
 *
 * <p>Second derivatives of I along v are central differences of its gradients over a way of length
 * 2 h, h the cube root of the precision's epsilon: their error is of the order of h^2, 4e-11 in
 * double and 2e-5 in single precision, relative to the third derivative and to the gradient. The
 * engine cannot differentiate a gradient without keeping its graph for good.
 *
 * @param input p, the parameters of a network of its own
 * @param net w
 */
record Hypergradient(Net input, Net net, double step, int iterations) {
  /** A loss of both networks' passes. */
  @FunctionalInterface
  interface Loss {
    NDArray of(Net.Graph input, Net.Graph net);
  }

  /** The value of a loss and its gradients, by p and by w. */
  record Gradients(double value, NDArray byInput, NDArray byWeights, long samples) {
    private Gradients less(Gradients other) {
      return new Gradients(
          value,
          byInput.sub(other.byInput),
          byWeights.sub(other.byWeights),
          samples + other.samples);
    }
  }

  /** Both gradients of a loss, running statistics in use. */
  Gradients gradients(Loss loss) {
    var graphs = new Net.Graph[1];
    Net.Gradient byInput =
        input.gradient(
            Mode.EVAL,
            graph -> {
              graphs[0] = net.graph(Mode.EVAL);
              return loss.of(graph, graphs[0]);
            });
    return new Gradients(
        byInput.value(), byInput.vector(), graphs[0].gradient(), byInput.samples());
  }

  /** The outer loss with the hypergradient in place of its gradient by w. */
  Gradients of(Loss inner, Loss outer) {
    Gradients direct = gradients(outer);
    NDArray v = direct.byInput();
    long samples = direct.samples();
    for (int i = 1; i < iterations; i++) {
      Gradients along = along(inner, v);
      v = v.sub(Ops.scaled(along.byInput(), step)).add(direct.byInput());
      samples += along.samples();
    }
    Gradients along = along(inner, v);
    return new Gradients(
        direct.value(),
        direct.byInput(),
        direct.byWeights().sub(Ops.scaled(along.byWeights(), step)),
        samples + along.samples());
  }

  /** The change of both gradients of a loss when p goes along v, by unit of v. */
  private Gradients along(Loss loss, NDArray v) {
    double length = Ops.norm(v);
    double h = net.precision() == Precision.F64 ? Math.cbrt(0x1p-52) : Math.cbrt(0x1p-23);
    NDArray p = input.weights();
    NDArray before = p.duplicate();
    NDArray way = Ops.scaled(v, length == 0 ? 0 : h / length);
    Ops.assign(p, before.add(way));
    Gradients ahead = gradients(loss);
    Ops.assign(p, before.sub(way));
    Gradients change = ahead.less(gradients(loss));
    Ops.assign(p, before);
    double scale = length / (2 * h);
    return new Gradients(
        change.value(),
        Ops.scaled(change.byInput(), scale),
        Ops.scaled(change.byWeights(), scale),
        change.samples());
  }
}
