package dev.palimpsest.methods.attacks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
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
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;

/**
 * Projected gradient ascent (Madry et al., ICLR 2018) from the images themselves: each is moved
 * within a bound to where a network's loss at its own label is high. One step is one gradient of a
 * batch; a batch counts as an epoch.
 */
final class Ascent implements Crafting {
  private static final String DONE = "done";
  private static final String FINISHED = "finished";
  private static final String CURRENT = "current";
  private static final double TINY = 1e-30;

  /**
   * How far an image may be moved.
   *
   * @param euclidean whether the radius is of the Euclidean norm; otherwise of the largest change
   * @param radius for values in [0,1]
   */
  record Bound(boolean euclidean, double radius) {
    /** The direction of steepest ascent, of length 1 for each image. */
    NDArray direction(NDArray gradient) {
      return euclidean ? gradient.div(norm(gradient).add(TINY)) : gradient.sign();
    }

    /** The changes, those that are too far shortened. */
    NDArray projected(NDArray change) {
      if (!euclidean) {
        return change.clip(-radius, radius);
      }
      NDArray length = norm(change).add(TINY);
      return change.mul(Ops.scaled(length.onesLike(), radius).div(length).minimum(1));
    }

    private static NDArray norm(NDArray images) {
      return images.square().sum(new int[] {1, 2, 3}, true).sqrt();
    }
  }

  private final Net net;
  private final Images data;
  private final int[] chosen;
  private final Bound bound;
  private final int steps;
  private final int batch;
  private final Function<Tensor, Crafted> crafted;
  private final byte[] finished;
  private final long[] shape;
  private long done;
  private Tensor current;

  /**
   * Begins.
   *
   * @param chosen places of the images to move
   * @param steps for each image, of length 2.5 radius / steps
   * @param crafted makes the result of the moved images, U8 [chosen, channels, height, width]
   */
  Ascent(
      Net net,
      Images data,
      int[] chosen,
      Bound bound,
      int steps,
      int batch,
      Function<Tensor, Crafted> crafted) {
    this.net = net;
    this.data = data;
    this.chosen = chosen.clone();
    this.bound = bound;
    this.steps = steps;
    this.batch = batch;
    this.crafted = crafted;
    long[] image = data.imageShape();
    this.shape = new long[] {chosen.length, image[0], image[1], image[2]};
    this.finished = new byte[Math.toIntExact(chosen.length * image[0] * image[1] * image[2])];
    this.current = Tensor.of(new float[0], 0);
  }

  private int batches() {
    return Math.ceilDiv(chosen.length, batch);
  }

  @Override
  public long total() {
    return (long) batches() * steps;
  }

  @Override
  public long done() {
    return done;
  }

  @Override
  public long gradientEvaluations() {
    long whole = done / steps;
    long size = Math.min(batch, chosen.length - whole * batch);
    return Math.min(chosen.length, whole * batch) * steps + Math.max(0, size) * (done % steps);
  }

  @Override
  public Progress step() {
    int at = (int) (done / steps);
    int step = (int) (done % steps);
    int from = at * batch;
    int[] places = Arrays.copyOfRange(chosen, from, Math.min(chosen.length, from + batch));
    double loss;
    try (Scope scope = Scope.open()) {
      Batch clean = data.batch(net.precision(), places);
      NDArray images = step == 0 ? clean.images() : net.compute().array(current, net.precision());
      Net.Gradient gradient =
          net.outerGradient(
              Mode.EVAL,
              images,
              (graph, moved) -> Ops.crossEntropy(graph.forward(moved).logits(), clean.labels()));
      loss = gradient.value();
      NDArray ahead =
          images.add(Ops.scaled(bound.direction(gradient.vector()), 2.5 * bound.radius() / steps));
      NDArray moved = clean.images().add(bound.projected(ahead.sub(clean.images()))).clip(0, 1);
      current = Compute.tensor(moved);
      if (step == steps - 1) {
        byte[] bytes =
            Compute.tensor(Ops.scaled(moved, 255).round().toType(DataType.UINT8, false)).bytes();
        System.arraycopy(
            bytes, 0, finished, from * (finished.length / chosen.length), bytes.length);
      }
    }
    if (!Double.isFinite(loss)) {
      throw new Failure(
          "the loss of the surrogate is " + loss + " in batch " + (at + 1) + ": it diverged.");
    }
    done++;
    return new Progress(done, total(), at + 1, batches(), step == steps - 1, Map.of("loss", loss));
  }

  @Override
  public Crafted crafted() {
    if (!finished()) {
      throw new IllegalStateException(done + " of " + total() + " steps are done");
    }
    return crafted.apply(Tensor.of(finished.clone(), shape));
  }

  @Override
  public Tensors state() {
    return new Tensors.Builder()
        .put(DONE, Tensor.of(new long[] {done, total()}, 2))
        .put(FINISHED, Tensor.of(finished.clone(), shape))
        .put(CURRENT, current)
        .build();
  }

  @Override
  public void restore(Tensors state) {
    long[] counts = state.get(DONE).longs();
    byte[] bytes = state.get(FINISHED).bytes();
    if (counts.length != 2 || counts[1] != total() || bytes.length != finished.length) {
      throw new Mistake("the saved state belongs to the perturbation of other images.");
    }
    done = counts[0];
    System.arraycopy(bytes, 0, finished, 0, bytes.length);
    current = state.get(CURRENT);
  }

  @Override
  public void close() {}
}
