package dev.palimpsest.methods.defences;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.OneStep;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Fine-pruning: the channels before the classifier that clean samples activate least are taken out,
 * as many as the accuracy bears, and the rest is fine-tuned. A channel is out when its column of
 * the classifier's weight is zero, and stays so.
 *
 * <p>Differences from BackdoorBench: accuracy is that on the defender's samples, where
 * BackdoorBench looks at the test set; n channels out are n, where it takes out n - 1; the network
 * that is tuned is the last one within the tolerance, where it is the first one beyond; a gain of
 * accuracy stops nothing. The code of sequential backdoor learning only measures pruned networks
 * and leaves the network as it is.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class FinePruning implements Defence<FinePruning.Parameters> {
  private static final int BATCH = 256;

  /** How far is pruned, and the fine-tuning. */
  public record Parameters(
      @Param(
              help = "share of the clean accuracy that pruning must not lose",
              value = "0.1",
              min = 0,
              max = 1)
          double tolerance,
      @Param(help = "share of the channels taken out at once", value = "0.01", min = 0, max = 1)
          double step,
      @Param(help = "fine-tuning after it") FineTuning.Parameters tuning) {}

  @Override
  public String name() {
    return "fine-pruning";
  }

  @Override
  public String summary() {
    return "Fine-pruning: channels that clean samples leave idle go, the rest is fine-tuned.";
  }

  @Override
  public Citation citation() {
    return new FineTuning().citation();
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public Stepwise start(Parameters parameters, DefenceContext context) {
    var pruned = new Pruned(context);
    return new Parts(
        List.of(
            new Parts.Part(new OneStep(() -> pruned.prune(parameters, context.samples())), 1, true),
            new Parts.Part(
                context.training(parameters.tuning().recipe(), pruned),
                parameters.tuning().epochs(),
                true)),
        pruned::close);
  }

  /** The channels from the least to the most active; of equals the first one first. */
  static int[] order(double[] activation) {
    return IntStream.range(0, activation.length)
        .boxed()
        .sorted(Comparator.comparingDouble(channel -> activation[channel]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** A factor for each channel: 0 for the first {@code count} of the order, 1 for the others. */
  static NDArray mask(NDArray like, int[] order, int count) {
    double[] kept = new double[order.length];
    Arrays.fill(kept, 1);
    for (int i = 0; i < count; i++) {
      kept[order[i]] = 0;
    }
    return like.getManager().create(kept).toType(like.getDataType(), false);
  }

  /** The classifier's answers without some channels: [n,features] to [n,classes]. */
  static NDArray logits(NDArray embedding, NDArray weight, NDArray bias, NDArray mask) {
    return Ops.linear(embedding, weight.mul(mask.expandDims(0)), bias);
  }

  /** Trains the rest while the pruned channels stay out. */
  private static final class Pruned implements Lesson {
    private static final String KEPT = "kept";

    private final Net net;
    private final Selection weight;
    private final Selection bias;
    private final long classes;

    /** A factor for each element of the classifier's weight. */
    private final NDArray kept;

    Pruned(DefenceContext context) {
      this.net = context.net();
      this.weight = Selection.of(net, List.of(context.weight()));
      this.bias = Selection.of(net, List.of(context.bias()));
      this.classes = bias.places().size();
      this.kept = net.compute().manager().ones(weight.places().getShape(), net.precision().type());
    }

    Map<String, Double> prune(Parameters parameters, Images clean) {
      net.requireFinite("before pruning");
      try (Scope scope = Scope.open()) {
        NDArray embedding = embedding(clean);
        NDArray labels = net.compute().array(clean.labels());
        NDArray w = weight.of(net.weights()).reshape(classes, -1);
        NDArray b = bias.of(net.weights());
        double[] activation =
            embedding.mean(new int[] {0}).toType(DataType.FLOAT64, false).toDoubleArray();
        int[] order = order(activation);
        int stride = Math.max(1, (int) Math.ceil(order.length * parameters.step()));
        NDArray mask = mask(w, order, 0);
        double whole = accuracy(logits(embedding, w, b, mask), labels);
        double accuracy = whole;
        int out = 0;
        for (int count = stride; count < order.length; count += stride) {
          NDArray next = mask(w, order, count);
          double left = accuracy(logits(embedding, w, b, next), labels);
          if (whole - left >= parameters.tolerance() * whole) {
            break;
          }
          mask = next;
          accuracy = left;
          out = count;
        }
        Ops.assign(kept, mask.expandDims(0).broadcast(w.getShape()).reshape(-1));
        moved();
        return Map.of("accuracy", accuracy, "pruned", (double) out);
      }
    }

    /** The classifier's input for each sample, running statistics in use: [n,features]. */
    private NDArray embedding(Images clean) {
      var batches = new NDList();
      for (int from = 0; from < clean.size(); from += BATCH) {
        int[] indices = IntStream.range(from, Math.min(clean.size(), from + BATCH)).toArray();
        NDArray images = clean.batch(net.precision(), indices).images();
        batches.add(net.forward(Mode.EVAL, images).embedding());
      }
      return NDArrays.concat(batches);
    }

    private static double accuracy(NDArray logits, NDArray labels) {
      return logits.argMax(1).eq(labels).toType(DataType.FLOAT64, false).mean().getDouble();
    }

    @Override
    public Net.Loss loss(Step step) {
      return PLAIN.loss(step);
    }

    @Override
    public void moved() {
      weight.put(net.weights(), weight.of(net.weights()).mul(kept));
    }

    @Override
    public Tensors state() {
      return new Tensors.Builder().put(KEPT, Compute.tensor(kept)).build();
    }

    @Override
    public void restore(Tensors state) {
      try (Scope scope = Scope.open()) {
        Ops.assign(kept, net.compute().array(state.get(KEPT)));
      }
    }

    @Override
    public void close() {
      kept.close();
      bias.close();
      weight.close();
    }
  }
}
