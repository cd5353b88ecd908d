package dev.palimpsest.methods.attacks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.palimpsest.engine.Compute;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Some images of a batch. */
final class Rows {
  private Rows() {}

  /** Those at these places, in their order. */
  static NDArray of(NDArray images, Compute compute, int... places) {
    long[] longs = Arrays.stream(places).asLongStream().toArray();
    return images.get(new NDIndex("{}", compute.array(longs)));
  }

  /** The batch with others at these places. */
  static NDArray replaced(NDArray images, Compute compute, int[] places, NDArray others) {
    int n = (int) images.getShape().get(0);
    int[] order = IntStream.range(0, n).toArray();
    for (int i = 0; i < places.length; i++) {
      order[places[i]] = n + i;
    }
    return of(images.concat(others), compute, order);
  }
}
