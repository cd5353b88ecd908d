package dev.palimpsest.methods.attacks;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.tensors.Tensors;

/** x (1 - mask) + pattern, of the tensors {@code mask} and {@code pattern} [c,h,w]. */
record Blend(NDArray keep, NDArray pattern) implements Stamp {
  static Blend of(Tensors trigger, Compute compute, Precision precision) {
    try (NDArray mask = compute.array(trigger.get("mask"), precision);
        NDArray minus = mask.neg()) {
      return new Blend(minus.add(1), compute.array(trigger.get("pattern"), precision));
    }
  }

  @Override
  public NDArray apply(NDArray images) {
    return images.mul(keep).addi(pattern);
  }

  @Override
  public void close() {
    keep.close();
    pattern.close();
  }
}
