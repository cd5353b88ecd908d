package dev.palimpsest.methods.detectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Adam;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Progress;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks for the smallest patch that leads to each class, one after the other; a batch a step.
 *
 * <p>A patch is one vector: the mask [height, width] and then the pattern [channels, height,
 * width], both before tanh.
 */
final class PatchSearch implements Detection {
  private static final String PATCH = "patch";
  private static final String FOUND = "found.";
  private static final String COUNTS = "counts";
  private static final String NUMBERS = "numbers";
  private static final String ADAM = "adam.";

  /** Keeps the inverse of tanh finite. */
  private static final double INSIDE = 1 - 1e-7;

  private final NeuralCleanse.Parameters p;
  private final Net net;
  private final Images clean;
  private final Randomness randomness;
  private final long stepsAnEpoch;
  private final int channels;
  private final int height;
  private final int width;

  /** The best patch of each class so far; of the last one it is that of its first epochs. */
  private final List<Tensor> found = new ArrayList<>();

  private final List<Double> success = new ArrayList<>();
  private NDArray patch;
  private Adam adam;
  private long done;
  private double cost;
  private double least;
  private int working;
  private int failing;
  private long hits;
  private long seen;
  private double normSum;

  PatchSearch(NeuralCleanse.Parameters p, Net net, Images clean, Randomness randomness) {
    this.p = p;
    this.net = net;
    this.clean = clean;
    this.randomness = randomness;
    this.stepsAnEpoch = Math.ceilDiv(clean.size(), p.batch());
    long[] shape = clean.imageShape();
    this.channels = (int) shape[0];
    this.height = (int) shape[1];
    this.width = (int) shape[2];
    this.patch = drawn(0);
    this.adam = adam();
  }

  private Adam adam() {
    return new Adam(new Adam.Settings(p.lr(), 0.5, 0.9, 1e-8, 0));
  }

  /** Mask and pattern uniform in [0,1]. */
  private NDArray drawn(int label) {
    RandomStream stream = randomness.stream("patch", label);
    double[] values = new double[(1 + channels) * height * width];
    for (int i = 0; i < values.length; i++) {
      double inside = (2 * stream.uniform() - 1) * INSIDE;
      values[i] = StrictMath.log((1 + inside) / (1 - inside)) / 2;
    }
    return net.compute().array(Tensor.of(values, values.length), net.precision());
  }

  @Override
  public long total() {
    return (long) clean.classes() * p.epochs() * stepsAnEpoch;
  }

  @Override
  public long done() {
    return done;
  }

  @Override
  public Progress step() {
    int label = (int) (done / stepsAnEpoch / p.epochs());
    int epoch = (int) (done / stepsAnEpoch % p.epochs());
    int step = (int) (done % stepsAnEpoch);
    if (epoch == 0 && step == 0) {
      begin(label);
    }
    if (step == 0) {
      hits = 0;
      seen = 0;
      normSum = 0;
    }
    move(label, epoch, step);
    done++;
    boolean endsEpoch = step == stepsAnEpoch - 1;
    double rate = (double) hits / seen;
    double norm = normSum / (step + 1);
    if (endsEpoch) {
      judge(epoch, rate, norm);
    }
    return new Progress(
        done,
        total(),
        label * p.epochs() + epoch + 1,
        clean.classes() * p.epochs(),
        endsEpoch,
        Map.of("success", rate, "maskNorm", norm));
  }

  private void begin(int label) {
    patch.close();
    patch = drawn(label);
    adam.close();
    adam = adam();
    cost = p.cost();
    least = Double.POSITIVE_INFINITY;
    working = 0;
    failing = 0;
  }

  private void move(int label, int epoch, int step) {
    int[] order = randomness.stream("shuffle", label, epoch).permutation(clean.size());
    int from = step * p.batch();
    int[] places = Arrays.copyOfRange(order, from, Math.min(order.length, from + p.batch()));
    try (Scope scope = Scope.open()) {
      Batch batch = clean.batch(net.precision(), places);
      NDArray wanted = batch.labels().zerosLike().addi(label);
      Net.Gradient gradient =
          net.outerGradient(
              Mode.EVAL,
              patch,
              (graph, vector) -> {
                NDArray mask = mask(vector);
                NDArray images = batch.images();
                NDArray patched = images.add(mask.mul(pattern(vector).sub(images)));
                NDArray loss = Ops.crossEntropy(graph.forward(patched).logits(), wanted);
                return loss.add(Ops.scaled(mask.sum(), cost));
              });
      if (!Double.isFinite(gradient.value())) {
        throw new Failure("the loss of a patch is not finite: the network has diverged.");
      }
      NDArray logits = gradient.out().orElseThrow().logits();
      hits += logits.argMax(1).eq(label).toType(DataType.INT64, false).sum().getLong();
      seen += places.length;
      normSum += norm(patch);
      adam.step(patch, gradient.vector(), p.lr());
    }
  }

  private double norm(NDArray vector) {
    return mask(vector).toType(DataType.FLOAT64, false).sum().getDouble();
  }

  private NDArray mask(NDArray vector) {
    return half(vector.get("0:" + height * width)).reshape(1, 1, height, width);
  }

  private NDArray pattern(NDArray vector) {
    return half(vector.get(height * width + ":")).reshape(1, channels, height, width);
  }

  /** (tanh + 1) / 2. */
  private static NDArray half(NDArray raw) {
    return Ops.scaled(raw.tanh().add(1), 0.5);
  }

  /** Keeps the patch if it is the best yet, and sets the cost. */
  private void judge(int epoch, double rate, double norm) {
    boolean works = rate >= p.threshold();
    if (epoch == 0 || (works && norm < least) || (least == Double.POSITIVE_INFINITY)) {
      if (epoch > 0) {
        found.removeLast();
        success.removeLast();
      }
      found.add(Compute.tensor(patch));
      success.add(rate);
    }
    if (works) {
      least = Math.min(least, norm);
    }
    working = works ? working + 1 : 0;
    failing = works ? 0 : failing + 1;
    if (working >= p.patience()) {
      working = 0;
      cost *= p.costFactor();
    } else if (failing >= p.patience()) {
      failing = 0;
      cost /= StrictMath.pow(p.costFactor(), 1.5);
    }
  }

  @Override
  public Finding finding() {
    int classes = clean.classes();
    double[] norms = new double[classes];
    byte[] masks = new byte[classes * channels * height * width];
    byte[] patches = new byte[masks.length];
    for (int label = 0; label < classes; label++) {
      try (Scope scope = Scope.open()) {
        NDArray vector = net.compute().array(found.get(label));
        norms[label] = norm(vector);
        NDArray mask = mask(vector).broadcast(new Shape(1, channels, height, width));
        int at = label * channels * height * width;
        fill(masks, at, mask);
        fill(patches, at, mask.mul(pattern(vector)));
      }
    }
    double[] anomalies = NeuralCleanse.anomalies(norms);
    var byClass = new LinkedHashMap<String, List<Double>>();
    byClass.put("maskNorm", Arrays.stream(norms).boxed().toList());
    byClass.put("success", success);
    var pictures = new LinkedHashMap<String, Tensor>();
    pictures.put("mask", Tensor.of(masks, classes, channels, height, width));
    pictures.put("mask × pattern", Tensor.of(patches, classes, channels, height, width));
    return new Finding(
        Arrays.stream(anomalies).boxed().toList(),
        Arrays.stream(anomalies).mapToObj(NeuralCleanse::flagged).toList(),
        byClass,
        pictures);
  }

  private static void fill(byte[] to, int from, NDArray values) {
    double[] unit = values.toType(DataType.FLOAT64, false).toDoubleArray();
    for (int i = 0; i < unit.length; i++) {
      to[from + i] = (byte) (int) Math.rint(255 * unit[i]);
    }
  }

  @Override
  public long gradientEvaluations() {
    return done / stepsAnEpoch * clean.size()
        + Math.min(clean.size(), done % stepsAnEpoch * p.batch());
  }

  @Override
  public Tensors state() {
    var state = new Tensors.Builder().put(PATCH, Compute.tensor(patch));
    for (int i = 0; i < found.size(); i++) {
      state.put(FOUND + i, found.get(i));
    }
    state.putUnder(ADAM, adam.state());
    state.put(COUNTS, Tensor.of(new long[] {done, total(), working, failing, hits, seen}, 6));
    double[] numbers = new double[3 + success.size()];
    numbers[0] = cost;
    numbers[1] = least;
    numbers[2] = normSum;
    for (int i = 0; i < success.size(); i++) {
      numbers[3 + i] = success.get(i);
    }
    return state.put(NUMBERS, Tensor.of(numbers, numbers.length)).build();
  }

  @Override
  public void restore(Tensors state) {
    long[] counts = state.get(COUNTS).longs();
    if (counts[1] != total()) {
      throw new Mistake(
          "the saved state is of a search of "
              + counts[1]
              + " steps; this one has "
              + total()
              + ".");
    }
    done = counts[0];
    working = (int) counts[2];
    failing = (int) counts[3];
    hits = counts[4];
    seen = counts[5];
    double[] numbers = state.get(NUMBERS).doubles();
    cost = numbers[0];
    least = numbers[1];
    normSum = numbers[2];
    found.clear();
    success.clear();
    for (int i = 3; i < numbers.length; i++) {
      success.add(numbers[i]);
      found.add(state.get(FOUND + (i - 3)));
    }
    patch.close();
    patch = net.compute().array(state.get(PATCH));
    adam.restore(net.compute(), state.under(ADAM));
  }

  @Override
  public void close() {
    patch.close();
    adam.close();
  }
}
