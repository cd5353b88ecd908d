package dev.palimpsest.methods.measures;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Scope;
import java.util.stream.IntStream;

/** The running statistics of batch normalisation, made anew for the weights as they are. */
final class RunningStatistics {
  private static final int BATCH = 250;

  /** The share of a batch in the running values after one pass. */
  private static final double MOMENTUM = 0.1;

  private RunningStatistics() {}

  /**
   * Sets them to the means over batches of the images, in their order, each batch normalised with
   * its own statistics and weighted by its size.
   *
   * @param step called before each batch
   */
  static void estimate(Net net, Images images, Runnable step) {
    NDArray buffers = net.buffers();
    try (Scope scope = Scope.open()) {
      NDArray sum = buffers.zerosLike();
      for (int from = 0; from < images.size(); from += BATCH) {
        step.run();
        int to = Math.min(images.size(), from + BATCH);
        try (Scope batch = Scope.open()) {
          buffers.set(new NDIndex(":"), buffers.zerosLike());
          net.forward(
              Mode.TRAIN,
              images.batch(net.precision(), IntStream.range(from, to).toArray()).images());
          sum.addi(Ops.scaled(buffers, (to - from) / (MOMENTUM * images.size())));
        }
      }
      buffers.set(new NDIndex(":"), sum);
    }
  }
}
