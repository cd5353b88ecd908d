package dev.palimpsest.methods.attacks;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.tensors.Tensors;

/** x + pattern, clamped to [0,1], of the tensor {@code pattern} [c,h,w]. */
record Added(NDArray pattern) implements Stamp {
  static Added of(Tensors trigger, Compute compute, Precision precision) {
    return new Added(compute.array(trigger.get("pattern"), precision));
  }

  @Override
  public NDArray apply(NDArray images) {
    return images.add(pattern).clip(0, 1);
  }

  @Override
  public void close() {
    pattern.close();
  }
}
