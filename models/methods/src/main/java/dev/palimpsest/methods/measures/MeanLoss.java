package dev.palimpsest.methods.measures;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Failure;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.attacks.Poison;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The mean cross-entropy of a network, with running statistics, as a function of its weights: over
 * images as they are, or over triggered ones towards the label that the attack wants.
 */
public final class MeanLoss {
  private static final int BATCH = 250;

  private final Net net;
  private final Images images;
  private final Optional<Poison> poison;
  private final int[] counted;
  private final long[] labels;
  private final Runnable step;

  private MeanLoss(
      Net net,
      Images images,
      Optional<Poison> poison,
      int[] counted,
      long[] labels,
      Runnable step) {
    this.net = net;
    this.images = images;
    this.poison = poison;
    this.counted = counted;
    this.labels = labels;
    this.step = step;
  }

  /** Over the images as they are; {@code step} is called before each batch. */
  public static MeanLoss of(Net net, Images images, Runnable step) {
    return new MeanLoss(
        net,
        images,
        Optional.empty(),
        IntStream.range(0, images.size()).toArray(),
        images.labels(),
        step);
  }

  /** Over triggered images; those of which the attack wants nothing are left out. */
  public static MeanLoss of(Net net, Images images, Poison poison, Runnable step) {
    long[] map = poison.plan().targetMap();
    long[] labels = images.labels();
    return new MeanLoss(
        net,
        images,
        Optional.of(poison),
        IntStream.range(0, labels.length).filter(i -> map[(int) labels[i]] != labels[i]).toArray(),
        Arrays.stream(labels).map(label -> map[(int) label]).toArray(),
        step);
  }

  Net net() {
    return net;
  }

  /** How many images it is the mean over. */
  public int size() {
    return counted.length;
  }

  /** The gradient at the network's weights; it belongs to the open {@link Scope}. */
  NDArray gradient() {
    NDArray sum = net.weights().zerosLike();
    for (int from = 0; from < counted.length; from += BATCH) {
      step.run();
      int[] places = Arrays.copyOfRange(counted, from, Math.min(counted.length, from + BATCH));
      try (Scope scope = Scope.open()) {
        Batch batch = images.batch(net.precision(), places);
        NDArray seen = poison.isPresent() ? poison.get().triggered(batch.images()) : batch.images();
        NDArray wanted =
            net.compute().array(Arrays.stream(places).mapToLong(i -> labels[i]).toArray());
        Net.Gradient gradient =
            net.gradient(
                Mode.EVAL,
                seen,
                (out, weights) ->
                    Ops.scaled(
                        Ops.crossEntropy(out.logits(), wanted),
                        (double) places.length / counted.length));
        if (!Double.isFinite(gradient.value())) {
          throw new Failure("the loss is not finite: the network has diverged.");
        }
        sum.addi(gradient.vector());
      }
    }
    return sum;
  }
}
