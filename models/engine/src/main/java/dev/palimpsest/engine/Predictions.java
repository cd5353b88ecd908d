package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.palimpsest.base.Failure;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** What a network says about a data set, with running statistics; all of it is finite. */
public final class Predictions {
  /** Images a pass: the maps of more of them are slower to get memory for than to compute. */
  private static final int MOST = 128;

  private final double[][] logits;

  private Predictions(double[][] logits) {
    this.logits = logits;
  }

  /**
   * Predicts all images.
   *
   * @param batchSize how many at once, at most; never more than 128
   */
  public static Predictions of(Net net, Images images, int batchSize) {
    return of(net, images, batchSize, UnaryOperator.identity());
  }

  /**
   * Predicts all images, each changed first.
   *
   * @param batchSize how many at once, at most; never more than 128
   * @param change applied to each batch [n, channels, height, width] in [0,1], such as a trigger
   * @throws Failure naming the first image whose logits are not finite
   */
  public static Predictions of(
      Net net, Images images, int batchSize, UnaryOperator<NDArray> change) {
    double[][] logits = new double[images.size()][];
    int size = Math.min(batchSize, MOST);
    for (int from = 0; from < images.size(); from += size) {
      int to = Math.min(images.size(), from + size);
      try (Scope scope = Scope.open()) {
        Batch batch = images.batch(net.precision(), IntStream.range(from, to).toArray());
        NDArray out = net.forward(Mode.EVAL, change.apply(batch.images())).logits();
        double[] flat = out.toType(DataType.FLOAT64, false).toDoubleArray();
        int classes = flat.length / (to - from);
        for (int i = from; i < to; i++) {
          logits[i] = new double[classes];
          System.arraycopy(flat, (i - from) * classes, logits[i], 0, classes);
          requireFinite(logits[i], i);
        }
      }
    }
    return new Predictions(logits);
  }

  private static void requireFinite(double[] logits, int image) {
    for (double logit : logits) {
      if (!Double.isFinite(logit)) {
        throw new Failure(
            "the network's output for image "
                + image
                + " is not finite: it diverged in training; lower the learning rate.");
      }
    }
  }

  /** The logits [n][classes]. */
  public double[][] logits() {
    return logits;
  }

  /** The class with the highest logit of each image; the first one of equals. */
  public int[] classes() {
    int[] classes = new int[logits.length];
    for (int i = 0; i < classes.length; i++) {
      for (int c = 1; c < logits[i].length; c++) {
        if (logits[i][c] > logits[i][classes[i]]) {
          classes[i] = c;
        }
      }
    }
    return classes;
  }
}
