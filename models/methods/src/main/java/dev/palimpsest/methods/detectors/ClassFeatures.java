package dev.palimpsest.methods.detectors;

import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** What a network's last block says of suspect images, class by class. */
final class ClassFeatures {
  private static final int BATCH = 250;

  private final long[] labels;
  private final int classes;
  private final double[][] rows;

  private ClassFeatures(long[] labels, int classes, double[][] rows) {
    this.labels = labels;
    this.classes = classes;
    this.rows = rows;
  }

  /** Reads the classifier's input of every image, and then judges. */
  static Detection reading(Net net, Images suspects, Function<ClassFeatures, Finding> judge) {
    return new Reading(
        net,
        List.of(suspects),
        BATCH,
        (images, batch) -> net.forward(Mode.EVAL, images).embedding(),
        rows -> judge.apply(new ClassFeatures(suspects.labels(), suspects.classes(), rows)));
  }

  int classes() {
    return classes;
  }

  int images() {
    return labels.length;
  }

  /** The places of a class's images, ascending. */
  int[] places(int label) {
    return IntStream.range(0, labels.length).filter(i -> labels[i] == label).toArray();
  }

  /** The features at these places, their mean subtracted. */
  double[][] centred(int... places) {
    double[][] centred =
        Arrays.stream(places).mapToObj(i -> rows[i].clone()).toArray(double[][]::new);
    for (int j = 0; centred.length > 0 && j < centred[0].length; j++) {
      double sum = 0;
      for (double[] row : centred) {
        sum += row[j];
      }
      for (double[] row : centred) {
        row[j] -= sum / centred.length;
      }
    }
    return centred;
  }
}
