package dev.palimpsest.methods.learners.rfe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Scope;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What a network that no longer changes says of every image of a set, [n,d]; computed in pieces
 * that are always the same, so that the numbers do not depend on who asks when.
 */
final class FrozenFeatures implements AutoCloseable {
  private static final int PIECE = 256;

  private final Net net;
  private final Images images;
  private final NDArray features;
  private int known;

  FrozenFeatures(Net net, Images images) {
    this.net = net;
    this.images = images;
    this.features =
        net.compute()
            .manager()
            .zeros(new Shape(images.size(), Classifier.of(net).features()), net.precision().type());
  }

  /** How many pieces there are of a set. */
  static int pieces(Images images) {
    return Math.ceilDiv(images.size(), PIECE);
  }

  /** Computes what is missing of the first {@code pieces}. */
  void compute(int pieces) {
    while (known < pieces) {
      int from = known * PIECE;
      int to = Math.min(images.size(), from + PIECE);
      try (Scope scope = Scope.open()) {
        NDArray x = images.batch(net.precision(), IntStream.range(from, to).toArray()).images();
        features.set(new NDIndex(from + ":" + to), net.forward(Mode.EVAL, x).embedding());
      }
      known++;
    }
  }

  /** Those of the chosen images; all pieces must have been computed. */
  NDArray rows(int... chosen) {
    long[] places = Arrays.stream(chosen).asLongStream().toArray();
    return features.get(new NDIndex("{}", net.compute().array(places)));
  }

  @Override
  public void close() {
    features.close();
  }
}
