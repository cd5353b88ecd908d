package dev.palimpsest.methods.measures;

import dev.palimpsest.tensors.Tensor;
import java.util.function.IntUnaryOperator;

/** Which class is taken for which: I64 [true class, predicted class], in numbers of images. */
public final class Confusion {
  private Confusion() {}

  /** Of the images as they are. */
  public static Tensor clean(Outcome outcome, int classes) {
    return counts(outcome, classes, outcome::clean);
  }

  /** Of the images with the trigger on; {@code outcome} must have one. */
  public static Tensor triggered(Outcome outcome, int classes) {
    return counts(outcome, classes, outcome::triggered);
  }

  private static Tensor counts(Outcome outcome, int classes, IntUnaryOperator predicted) {
    long[] counts = new long[classes * classes];
    for (int i = 0; i < outcome.size(); i++) {
      counts[outcome.label(i) * classes + predicted.applyAsInt(i)]++;
    }
    return Tensor.of(counts, classes, classes);
  }
}
