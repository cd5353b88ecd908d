package dev.palimpsest.methods.learners;

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
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Map;

/**
 * The diagonal of the empirical Fisher information, sample by sample: the mean over samples of
 * p(y|x) (d log p(y|x) / dw)^2 with the true label y, running statistics in use.
 *
 * <p>Weighting by p(y|x) follows the reference implementations of EWC; the mean is over the number
 * of samples, where one of them divides by a batch size that need not be the loader's.
 */
public final class FisherInformation implements Stepwise {
  private static final int STEP = 25;

  private final Net net;
  private final Images data;
  private final int samples;
  private final NDArray sum;
  private long seen;

  private FisherInformation(Net net, Images data, int samples) {
    this.net = net;
    this.data = data;
    this.samples = samples;
    this.sum = net.weights().zerosLike();
  }

  /**
   * Begins.
   *
   * @param samples how many images, from the head of the data
   * @throws Mistake if there are not as many
   */
  public static FisherInformation of(Net net, Images data, int samples) {
    if (samples < 1 || samples > data.size()) {
      throw new Mistake(
          "the Fisher information is asked of "
              + samples
              + " samples; expected 1 to "
              + data.size()
              + ".");
    }
    return new FisherInformation(net, data, samples);
  }

  /**
   * Begins, on a task's images.
   *
   * @param most how many images at most, from the head of the data; 0: all
   */
  static FisherInformation of(TaskContext context, int most) {
    int size = context.data().size();
    return of(context.net(), context.data(), most == 0 ? size : Math.min(most, size));
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
    long until = Math.min(samples, seen + STEP);
    while (seen < until) {
      try (Scope scope = Scope.open()) {
        add((int) seen);
      }
      seen++;
    }
    return new Progress(done(), total(), 1, 1, finished(), Map.of());
  }

  private void add(int index) {
    Batch batch = data.batch(net.precision(), index);
    Net.Gradient gradient =
        net.gradient(
            Mode.EVAL,
            batch.images(),
            (out, weights) -> Ops.logLikelihood(out.logits(), batch.labels()).sum());
    if (!Double.isFinite(gradient.value())) {
      throw new Failure(
          "the likelihood of sample " + index + " is not finite: the network has diverged.");
    }
    sum.addi(gradient.vector().square().mul(StrictMath.exp(gradient.value())));
  }

  /** The mean over the samples seen, by parameter name. */
  public Tensors mean() {
    try (NDArray mean = sum.div(Math.max(1, seen))) {
      return net.byParameter(mean);
    }
  }

  /**
   * The Fisher information of several tasks (online EWC): decay times the former plus the latest.
   *
   * @param decay gamma; 1 keeps all of the former
   * @throws Mistake if the two are not of the same network
   */
  public static Tensors accumulated(Tensors former, double decay, Tensors latest) {
    if (!former.tensors().keySet().equals(latest.tensors().keySet())) {
      throw new Mistake("the two Fisher informations belong to different networks.");
    }
    var sum = new Tensors.Builder();
    latest
        .tensors()
        .forEach((name, tensor) -> sum.put(name, added(former.get(name), decay, tensor)));
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
  static double largest(Tensors fisher) {
    double largest = 0;
    for (Tensor tensor : fisher.tensors().values()) {
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
        .put("fisher.sum", Compute.tensor(sum))
        .put("fisher.seen", Tensor.of(new long[] {seen}, 1))
        .build();
  }

  @Override
  public void restore(Tensors state) {
    try (Scope scope = Scope.open()) {
      NDArray saved = net.compute().array(state.get("fisher.sum"));
      if (!saved.getShape().equals(sum.getShape()) || saved.getDataType() != sum.getDataType()) {
        throw new Mistake("the saved Fisher information belongs to another network.");
      }
      sum.subi(sum.duplicate()).addi(saved);
    }
    seen = state.get("fisher.seen").longs()[0];
  }

  @Override
  public void close() {
    sum.close();
  }
}
