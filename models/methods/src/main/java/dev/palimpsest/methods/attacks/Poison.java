package dev.palimpsest.methods.attacks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.types.DataType;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Poisoner;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/** A poison plan at work on a device. */
public final class Poison implements Poisoner {
  private final PoisonPlan plan;
  private final Stamp stamp;
  private final Compute compute;
  private final NDArray targetMap;
  private final Optional<NDArray> crafted;

  private Poison(PoisonPlan plan, Stamp stamp, Compute compute) {
    this.plan = plan;
    this.stamp = stamp;
    this.compute = compute;
    this.targetMap = compute.array(plan.targetMap());
    this.crafted = plan.images().map(compute::array);
  }

  /**
   * Makes a plan ready.
   *
   * @throws dev.palimpsest.base.Mistake if its attack is not registered
   */
  public static Poison of(PoisonPlan plan, Methods methods, Compute compute, Precision precision) {
    return new Poison(
        plan, plan.method(methods).stamp(plan.trigger(), compute, precision), compute);
  }

  public PoisonPlan plan() {
    return plan;
  }

  /** Every image with the trigger. */
  public NDArray triggered(NDArray images) {
    return stamp.apply(images);
  }

  /**
   * Every image with the trigger, as bytes, each rounded to the nearest; for pictures.
   *
   * @param images U8 [n, channels, height, width]
   */
  public Tensor triggered(Tensor images) {
    try (Scope scope = Scope.open()) {
      NDArray floats = compute.array(images, Precision.F32).divi(255);
      NDArray bytes = Ops.scaled(stamp.apply(floats), 255).round().clip(0, 255);
      return Compute.tensor(bytes.toType(DataType.UINT8, false));
    }
  }

  @Override
  public Batch beforeAugmentation(Batch batch, int[] indices) {
    if (plan.timing() != Timing.STATIC) {
      return batch;
    }
    int[] chosen = plan.chosen();
    int[] among = Arrays.stream(indices).map(index -> Arrays.binarySearch(chosen, index)).toArray();
    int[] marked = IntStream.range(0, indices.length).filter(i -> among[i] >= 0).toArray();
    if (marked.length == 0) {
      return batch;
    }
    NDArray originals =
        crafted
            .map(bytes ->
                Rows.of(bytes, compute, Arrays.stream(marked).map(i -> among[i]).toArray()))
            .map(bytes -> bytes.toType(batch.images().getDataType(), false).divi(255))
            .orElseGet(() -> Rows.of(batch.images(), compute, marked));
    return poisoned(batch, marked, stamp.apply(originals));
  }

  @Override
  public Batch afterAugmentation(Batch batch, int[] indices, RandomStream stream) {
    if (plan.timing() != Timing.DYNAMIC) {
      return batch;
    }
    double[] drawn = new double[indices.length];
    for (int i = 0; i < indices.length; i++) {
      double draw = stream.uniform();
      drawn[i] = indices[i] < plan.eligible() ? draw : Double.POSITIVE_INFINITY;
    }
    double rate = plan.rate();
    double most = rate * (1 + plan.covers());
    int[] marked = IntStream.range(0, drawn.length).filter(i -> drawn[i] <= rate).toArray();
    int[] covered =
        IntStream.range(0, drawn.length).filter(i -> drawn[i] > rate && drawn[i] <= most).toArray();
    Batch poisoned =
        marked.length == 0
            ? batch
            : poisoned(batch, marked, stamp.apply(Rows.of(batch.images(), compute, marked)));
    return covered.length == 0
        ? poisoned
        : poisoned.withImages(
            Rows.replaced(
                poisoned.images(), compute, covered, stamp.cover(batch.images(), covered, stream)));
  }

  /** The batch with the marked samples triggered and relabelled. */
  public Batch poisoned(Batch batch, boolean... marked) {
    int[] places = IntStream.range(0, marked.length).filter(i -> marked[i]).toArray();
    return places.length == 0
        ? batch
        : poisoned(batch, places, stamp.apply(Rows.of(batch.images(), compute, places)));
  }

  /** The batch with triggered images at the marked places, which get the label of the map. */
  private Batch poisoned(Batch batch, int[] marked, NDArray triggered) {
    boolean[] flags = new boolean[(int) batch.labels().size()];
    for (int place : marked) {
      flags[place] = true;
    }
    NDArray poisoned = compute.manager().create(flags);
    NDArray labels = NDArrays.where(poisoned, targetMap.gather(batch.labels(), 0), batch.labels());
    return new Batch(Rows.replaced(batch.images(), compute, marked, triggered), labels, poisoned);
  }

  @Override
  public void close() {
    stamp.close();
    targetMap.close();
    crafted.ifPresent(NDArray::close);
  }
}
