package dev.palimpsest.methods.learners;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Out;
import dev.palimpsest.tensors.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * Answers by the nearest mean of exemplars: the score of a class is minus the squared distance of
 * an image's feature to the class's mean, both of length 1. A mean is made of its exemplars'
 * features and those of their mirror images. A class without exemplars scores below every other.
 *
 * @param means of each class that has exemplars
 */
record NearestMean(Net net, SequencedMap<Long, double[]> means) implements Recall {
  /** Below minus the largest squared distance of two vectors of length 1. */
  private static final double ABSENT = -5;

  /** Of the exemplars in a buffer. */
  static NearestMean of(Net net, Buffer exemplars) {
    var means = new TreeMap<Long, double[]>();
    exemplars.samples().stream()
        .map(Sample::label)
        .distinct()
        .forEach(label -> {
          List<Sample> own =
              exemplars.samples().stream().filter(sample -> sample.label() == label).toList();
          means.put(
              label,
              mean(
                  Features.of(net, exemplars.imageShape(), own, false),
                  Features.of(net, exemplars.imageShape(), own, true)));
        });
    return new NearestMean(net, means);
  }

  /** The mean of two means, of length 1. */
  static double[] mean(double[][] features, double[][] mirrored) {
    double[] mean = Features.mean(features);
    double[] other = Features.mean(mirrored);
    Arrays.setAll(mean, j -> (mean[j] + other[j]) / 2);
    return Features.normalised(mean);
  }

  @Override
  public Scores scores(NDArray images, Task task) {
    Out out = net.forward(Mode.EVAL, images);
    return Scores.of(scores(out.embedding(), Math.toIntExact(out.logits().getShape().get(1))));
  }

  /** Scores [n, classes] of features [n, d] of any length. */
  NDArray scores(NDArray features, int classes) {
    int width = Math.toIntExact(features.getShape().get(1));
    double[] twice = new double[classes * width];
    double[] offset = new double[classes];
    Arrays.fill(offset, ABSENT);
    means.forEach((label, mean) -> {
      offset[label.intValue()] = -2;
      for (int j = 0; j < width; j++) {
        twice[label.intValue() * width + j] = 2 * mean[j];
      }
    });
    // -|f - m|^2 = 2 f m - |f|^2 - |m|^2, where both are of length 1
    NDArray length = features.square().sum(new int[] {1}, true).sqrt().maximum(Features.TINY);
    return features
        .div(length)
        .matMul(array(Tensor.of(twice, classes, width)).transpose())
        .add(array(Tensor.of(offset, classes)));
  }

  private NDArray array(Tensor tensor) {
    return net.compute().array(tensor, net.precision());
  }
}
