package dev.palimpsest.methods.learners;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Progress;
import dev.palimpsest.engine.SampleGradients;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How much each parameter matters to a data set: the mean over its samples of |g|^order, with g the
 * gradient of one sample's value, running statistics in use.
 */
public final class Importance implements Stepwise {
  private static final int STEP = 25;
  private static final String SUM = "importance.sum";
  private static final String SEEN = "importance.seen";

  private final String what;
  private final Net net;
  private final Images data;
  private final int samples;
  private final int order;
  private final SampleGradients.Objective value;
  private final NDArray sum;
  private long seen;

  /**
   * Begins.
   *
   * @param what is estimated, for the sentence ({@code the Fisher information})
   * @param samples how many images, from the head of the data
   * @param order 1: absolute values, 2: squares
   * @param value of each sample
   * @throws Mistake if there are not as many
   */
  Importance(
      String what, Net net, Images data, int samples, int order, SampleGradients.Objective value) {
    if (samples < 1 || samples > data.size()) {
      throw new Mistake(
          what + " is asked of " + samples + " samples; expected 1 to " + data.size() + ".");
    }
    this.what = what;
    this.net = net;
    this.data = data;
    this.samples = samples;
    this.order = order;
    this.value = value;
    this.sum = net.weights().zerosLike();
  }

  /**
   * How many of a task's images are looked at.
   *
   * @param most at most; 0: all
   */
  static int samples(TaskContext context, int most) {
    int size = context.data().size();
    return most == 0 ? size : Math.min(most, size);
  }

  @Override
  public long total() {
    return Math.ceilDiv(samples, STEP);
  }

  @Override
  public long done() {
    return Math.ceilDiv(seen, STEP);
  }

  @Override
  public long gradientEvaluations() {
    return seen;
  }

  @Override
  public Progress step() {
    int from = (int) seen;
    int to = Math.min(samples, from + STEP);
    try (Scope scope = Scope.open()) {
      Batch batch = data.batch(net.precision(), IntStream.range(from, to).toArray());
      SampleGradients.Sum added = SampleGradients.of(net, batch, order, value);
      for (int i = from; i < to; i++) {
        if (!Double.isFinite(added.values()[i - from])) {
          throw new Failure(
              what + " is not finite for sample " + i + ": the network has diverged.");
        }
      }
      sum.addi(added.vector());
    }
    seen = to;
    return new Progress(done(), total(), 1, 1, finished(), Map.of());
  }

  /** The mean over the samples seen, by parameter name. */
  public Tensors mean() {
    try (NDArray mean = sum.duplicate().divi(Math.max(1, seen))) {
      return net.byParameter(mean);
    }
  }

  /**
   * The importance to several tasks in one: decay times the former plus the latest. Rows of a
   * classifier that has grown since had none.
   *
   * @param decay 1 keeps all of the former
   * @throws Mistake if the two are not of the same network
   */
  public static Tensors accumulated(Tensors former, double decay, Tensors latest) {
    if (!former.tensors().keySet().equals(latest.tensors().keySet())) {
      throw new Mistake("the two importances belong to different networks.");
    }
    var sum = new Tensors.Builder();
    latest
        .tensors()
        .forEach((name, tensor) ->
            sum.put(name, added(former.get(name).withRows(tensor.shape()[0]), decay, tensor)));
    return sum.build();
  }

  private static Tensor added(Tensor former, double decay, Tensor latest) {
    if (latest.type() == Tensor.Type.F64) {
      double[] values = latest.doubles();
      double[] old = former.doubles();
      for (int i = 0; i < values.length; i++) {
        values[i] += decay * old[i];
      }
      return Tensor.of(values, latest.shape());
    }
    float[] values = latest.floats();
    float[] old = former.floats();
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (values[i] + decay * old[i]);
    }
    return Tensor.of(values, latest.shape());
  }

  /** The largest entry. */
  static double largest(Tensors importance) {
    double largest = 0;
    for (Tensor tensor : importance.tensors().values()) {
      if (tensor.type() == Tensor.Type.F64) {
        for (double value : tensor.doubles()) {
          largest = Math.max(largest, value);
        }
      } else {
        for (float value : tensor.floats()) {
          largest = Math.max(largest, value);
        }
      }
    }
    return largest;
  }

  @Override
  public Tensors state() {
    return new Tensors.Builder()
        .put(SUM, Compute.tensor(sum))
        .put(SEEN, Tensor.of(new long[] {seen}, 1))
        .build();
  }

  @Override
  public void restore(Tensors state) {
    try (Scope scope = Scope.open()) {
      NDArray saved = net.compute().array(state.get(SUM));
      if (!saved.getShape().equals(sum.getShape()) || saved.getDataType() != sum.getDataType()) {
        throw new Mistake("the saved importance belongs to another network.");
      }
      sum.subi(sum.duplicate()).addi(saved);
    }
    seen = state.get(SEEN).longs()[0];
  }

  @Override
  public void close() {
    sum.close();
  }
}
