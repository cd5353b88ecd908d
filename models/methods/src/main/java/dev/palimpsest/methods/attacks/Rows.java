package dev.palimpsest.methods.attacks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.palimpsest.engine.Compute;
import java.util.Arrays;

/** Some images of a batch. */
final class Rows {
  private Rows() {}

  /** Those at these places, in their order. */
  static NDArray of(NDArray images, Compute compute, int... places) {
    return images.get(at(compute, places));
  }

  private static NDIndex at(Compute compute, int... places) {
    return new NDIndex("{}", compute.array(Arrays.stream(places).asLongStream().toArray()));
  }

  /** The batch with others at these places. */
  static NDArray replaced(NDArray images, Compute compute, int[] places, NDArray others) {
    NDArray replaced = images.duplicate();
    replaced.set(at(compute, places), others);
    return replaced;
  }
}
