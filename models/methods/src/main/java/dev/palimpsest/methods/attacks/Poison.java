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

/** A poison plan at work on a device. */
public final class Poison implements Poisoner {
  private final PoisonPlan plan;
  private final Stamp stamp;
  private final Compute compute;
  private final NDArray targetMap;

  private Poison(PoisonPlan plan, Stamp stamp, Compute compute) {
    this.plan = plan;
    this.stamp = stamp;
    this.compute = compute;
    this.targetMap = compute.array(plan.targetMap());
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
    boolean[] poisoned = new boolean[indices.length];
    for (int i = 0; i < indices.length; i++) {
      poisoned[i] = Arrays.binarySearch(chosen, indices[i]) >= 0;
    }
    return poisoned(batch, poisoned);
  }

  @Override
  public Batch afterAugmentation(Batch batch, int[] indices, RandomStream stream) {
    if (plan.timing() != Timing.DYNAMIC) {
      return batch;
    }
    boolean[] poisoned = new boolean[indices.length];
    for (int i = 0; i < indices.length; i++) {
      boolean drawn = stream.uniform() <= plan.rate();
      poisoned[i] = drawn && indices[i] < plan.eligible();
    }
    return poisoned(batch, poisoned);
  }

  /** The batch with the marked samples triggered and relabelled. */
  Batch poisoned(Batch batch, boolean... marked) {
    NDArray flags = compute.manager().create(marked);
    NDArray clean = batch.images();
    NDArray images =
        NDArrays.where(
            flags.reshape(marked.length, 1, 1, 1).broadcast(clean.getShape()),
            stamp.apply(clean),
            clean);
    NDArray labels = NDArrays.where(flags, targetMap.gather(batch.labels(), 0), batch.labels());
    return new Batch(images, labels, flags);
  }

  @Override
  public void close() {
    stamp.close();
    targetMap.close();
  }
}
