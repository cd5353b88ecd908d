package dev.palimpsest.methods.attacks;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Progress;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.Map;

/**
 * Searches v = G w, stretched to [0, amplitude], of least mean cross-entropy between a network's
 * answer to clamp(x + v) and the label wanted, by steps of w against the sign of its gradient; G
 * filters rows and columns with a Gaussian, zeros beyond the border. Streams {@code start} and
 * {@code shuffle} (epoch).
 */
final class SmoothSearch implements Crafting {
  private static final String RAW = "raw";
  private static final String COUNTS = "counts";
  private static final String LOSS = "loss";

  private final LowFrequency.Parameters parameters;
  private final Net net;
  private final Images data;
  private final Randomness randomness;
  private final NDArray targets;
  private final NDArray rows;
  private final NDArray columns;
  private final int stepsAnEpoch;
  private Tensor raw;
  private long done;
  private double lossSum;
  private long seen;
  private long evaluations;

  SmoothSearch(
      LowFrequency.Parameters parameters,
      Net net,
      Images data,
      long[] targetMap,
      Randomness randomness) {
    this.parameters = parameters;
    this.net = net;
    this.data = data;
    this.randomness = randomness;
    this.stepsAnEpoch = Math.ceilDiv(data.size(), parameters.batch());
    long[] shape = data.imageShape();
    var stream = randomness.stream("start");
    double[] start = new double[Math.toIntExact(shape[0] * shape[1] * shape[2])];
    for (int i = 0; i < start.length; i++) {
      start[i] = stream.uniform(0, parameters.amplitude());
    }
    this.raw = Tensor.of(start, shape);
    this.targets = net.compute().array(targetMap);
    this.rows = filter((int) shape[1]);
    this.columns = filter((int) shape[2]);
  }

  /** The filter along a line of pixels, symmetric. */
  private NDArray filter(int length) {
    double[] filter = new double[length * length];
    double all = 0;
    for (int i = -8 * (int) Math.ceil(parameters.sigma());
        i <= 8 * Math.ceil(parameters.sigma());
        i++) {
      all += gauss(i);
    }
    for (int i = 0; i < filter.length; i++) {
      filter[i] = gauss(i / length - i % length) / all;
    }
    return net.compute().array(Tensor.of(filter, length, length), net.precision());
  }

  private double gauss(int distance) {
    double scaled = distance / parameters.sigma();
    return StrictMath.exp(-scaled * scaled / 2);
  }

  private NDArray filtered(NDArray picture) {
    return rows.matMul(picture).matMul(columns);
  }

  /** Filtered, and stretched to [0, amplitude]. */
  private NDArray smooth(NDArray w) {
    NDArray v = filtered(w);
    NDArray least = v.min();
    return Ops.scaled(v.sub(least).div(v.max().sub(least)), parameters.amplitude());
  }

  @Override
  public long total() {
    return (long) parameters.epochs() * stepsAnEpoch;
  }

  @Override
  public long done() {
    return done;
  }

  @Override
  public long gradientEvaluations() {
    return evaluations;
  }

  @Override
  public Progress step() {
    int epoch = (int) (done / stepsAnEpoch);
    int step = (int) (done % stepsAnEpoch);
    if (step == 0) {
      lossSum = 0;
      seen = 0;
    }
    int[] order = randomness.stream("shuffle", epoch).permutation(data.size());
    int from = step * parameters.batch();
    int[] places =
        Arrays.copyOfRange(order, from, Math.min(order.length, from + parameters.batch()));
    try (Scope scope = Scope.open()) {
      Batch batch = data.batch(net.precision(), places);
      NDArray wanted = targets.gather(batch.labels(), 0);
      NDArray w = net.compute().array(raw, net.precision());
      Net.Gradient gradient =
          net.outerGradient(
              Mode.EVAL,
              smooth(w),
              (graph, v) ->
                  Ops.crossEntropy(
                      graph.forward(batch.images().add(v).clip(0, 1)).logits(), wanted));
      if (!Double.isFinite(gradient.value())) {
        throw new Failure(
            "the loss of the surrogate is "
                + gradient.value()
                + " in epoch "
                + (epoch + 1)
                + ", step "
                + (step + 1)
                + ": it diverged.");
      }
      // G is symmetric: but for the stretch, the gradient by w is the filtered one by v.
      NDArray move = Ops.scaled(filtered(gradient.vector()).sign(), parameters.step());
      raw = Compute.tensor(w.sub(move).clip(0, parameters.amplitude()));
      lossSum += gradient.value() * places.length;
      seen += places.length;
      evaluations += places.length;
    }
    done++;
    return new Progress(
        done,
        total(),
        epoch + 1,
        parameters.epochs(),
        step == stepsAnEpoch - 1,
        Map.of(LOSS, lossSum / seen));
  }

  /** Tensor {@code pattern} [c,h,w]. */
  @Override
  public Crafted crafted() {
    if (!finished()) {
      throw new IllegalStateException(done + " of " + total() + " steps are done");
    }
    try (Scope scope = Scope.open()) {
      NDArray w = net.compute().array(raw, net.precision());
      return Crafted.of(new Tensors.Builder().put("pattern", Compute.tensor(smooth(w))).build());
    }
  }

  @Override
  public Tensors state() {
    return new Tensors.Builder()
        .put(RAW, raw)
        .put(COUNTS, Tensor.of(new long[] {done, total(), seen, evaluations}, 4))
        .put(LOSS, Tensor.of(new double[] {lossSum}, 1))
        .build();
  }

  @Override
  public void restore(Tensors state) {
    long[] counts = state.get(COUNTS).longs();
    if (counts.length != 4 || counts[1] != total()) {
      throw new Mistake(
          "the saved state belongs to a search of other length; expected " + total() + " steps.");
    }
    raw = state.get(RAW);
    done = counts[0];
    seen = counts[2];
    evaluations = counts[3];
    lossSum = state.get(LOSS).doubles()[0];
  }

  @Override
  public void close() {
    targets.close();
    rows.close();
    columns.close();
  }
}
