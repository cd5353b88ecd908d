package dev.palimpsest.report;

import dev.palimpsest.tensors.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Tables and figures as a study would make them, with invented numbers. */
final class Samples {
  private Samples() {}

  static Table table() {
    var columns = new ArrayList<>(List.of(Table.Column.text("training")));
    for (String group : List.of("before", "after ft", "after ft-sam")) {
      columns.add(Table.Column.number(group, "acc", "%", 1));
      columns.add(Table.Column.number(group, "ASR", "%", 1));
    }
    return new Table(
        "Fashion-MNIST, BadNets 3×3, rate 0.1, seed 1",
        columns,
        List.of(
            row("conventional", 88.1, 100, 83.2, 19.75, 84, 9.1),
            row("SBL", 87.65, 99.9, 84.1, 82.3, 85, 41.7)),
        List.of(
            "Accuracy on 1,000 clean test images; ASR on the 900 of them that are not of class 0.",
            "One seed: the standard deviation over seeds is 12 to 26 points."));
  }

  static List<Table.Cell> row(String name, double... values) {
    var cells = new ArrayList<>(List.of(Table.Cell.of(name)));
    for (double value : values) {
      cells.add(Table.Cell.of(value));
    }
    return cells;
  }

  /** A course over epochs that falls or rises from {@code from} to {@code to}. */
  static Series course(String name, double from, double to, double wobble) {
    double[] x = new double[31];
    double[] y = new double[31];
    for (int i = 0; i < x.length; i++) {
      x[i] = i;
      double fade = StrictMath.exp(-i / 6.0);
      y[i] = to + (from - to) * fade + wobble * StrictMath.sin(2.1 * i) * (1 - fade);
    }
    return Series.of(name, x, y);
  }

  static ChartGrid courses() {
    Axis epochs = Axis.of("epoch of fine-tuning", "");
    return new ChartGrid(
        "The course of two defences",
        "Fashion-MNIST, BadNets 3×3, 300 clean images, learning rate 0.05",
        List.of(
            new LineChart(
                "Clean accuracy",
                epochs,
                Axis.of("test images classified correctly", "%").from(50, 100),
                List.of(
                    course("conventional, ft", 88, 83.2, 1.2).colour(1),
                    course("conventional, ft-sam", 88, 84, 0.8).colour(1).broken(),
                    course("SBL, ft", 87.6, 84.1, 1).colour(0),
                    course("SBL, ft-sam", 87.6, 85, 0.7).colour(0).broken())),
            new LineChart(
                "Attack success rate",
                epochs,
                Axis.of("triggered images classified as the target", "%").from(0, 100),
                List.of(
                    course("conventional, ft", 100, 19.7, 3).colour(1),
                    course("conventional, ft-sam", 100, 9.1, 2).colour(1).broken(),
                    course("SBL, ft", 99.9, 82.3, 2).colour(0),
                    course("SBL, ft-sam", 99.9, 41.7, 4).colour(0).broken()))),
        2);
  }

  static LineChart loss() {
    double[] x = new double[60];
    double[][] y = new double[6][60];
    for (int i = 0; i < 60; i++) {
      x[i] = i + 1;
      for (int s = 0; s < 2; s++) {
        double mean = (s == 0 ? 0.2 : 0.36) + 2.2 * StrictMath.exp(-i / (12.0 + 3 * s));
        y[3 * s][i] = mean + 0.03 * StrictMath.sin(1.7 * i + s);
        y[3 * s + 1][i] = y[3 * s][i] - 0.06 - 0.04 * mean;
        y[3 * s + 2][i] = y[3 * s][i] + 0.06 + 0.04 * mean;
      }
    }
    return new LineChart(
        "Loss over training, mean and standard deviation of four seeds",
        Axis.of("epoch", ""),
        Axis.of("cross entropy", "nats"),
        List.of(
            Series.of("train", x, y[0], y[1], y[2]),
            Series.of("validation", x, y[3], y[4], y[5]).ring(51)));
  }

  /** A few points with error bars; one line ends early. */
  static LineChart rates() {
    double[] x = {0.01, 0.02, 0.05, 0.1};
    return new LineChart(
        "Poisoning rate",
        Axis.of("poisoning rate", ""),
        Axis.of("ASR", "%"),
        List.of(
            Series.of(
                "BadNets",
                x,
                new double[] {72, 91, 98.5, 100},
                new double[] {60, 86, 97, 99.8},
                new double[] {84, 96, 100, 100}),
            Series.of("WaNet", new double[] {0.01, 0.02, 0.05}, new double[] {12, 40, 88}),
            Series.of("Blended", x, new double[] {64, 88, 97, 99.5})));
  }

  /** Shapes on a dark ground, U8 [n, channels, 28, 28]. */
  static Tensor images(int n, int channels) {
    byte[] pixels = new byte[n * channels * 28 * 28];
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < channels; c++) {
        for (int y = 0; y < 28; y++) {
          for (int x = 0; x < 28; x++) {
            int dx = x - 14;
            int dy = y - 14;
            boolean inside = dx * dx + dy * dy < (5 + i) * (5 + i);
            int value = inside ? 60 + 12 * i + 40 * c + 3 * x : 0;
            pixels[((i * channels + c) * 28 + y) * 28 + x] = (byte) Math.min(255, value);
          }
        }
      }
    }
    return Tensor.of(pixels, n, channels, 28, 28);
  }

  /** The same with a white square of 3 by 3 in the lower right corner. */
  static Tensor poisoned(Tensor images) {
    byte[] pixels = images.bytes();
    int planes = pixels.length / (28 * 28);
    for (int p = 0; p < planes; p++) {
      for (int y = 25; y < 28; y++) {
        for (int x = 25; x < 28; x++) {
          pixels[(p * 28 + y) * 28 + x] = (byte) 255;
        }
      }
    }
    return Tensor.of(pixels, images.shape());
  }

  static ContactSheet sheet(Tensor images) {
    Tensor poisoned = poisoned(images);
    int n = (int) images.shape()[0];
    List<String> classes =
        List.of(
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot");
    var captions = new ArrayList<String>();
    var targets = new ArrayList<String>();
    for (int i = 0; i < n; i++) {
      captions.add(classes.get(i % 10));
      targets.add("→ T-shirt/top");
    }
    return new ContactSheet(
        "Poisoned training images",
        "BadNets 3×3, rate 0.1, target T-shirt/top",
        List.of(
            new ContactSheet.Row("clean", images, captions),
            new ContactSheet.Row("poisoned", poisoned, targets),
            new ContactSheet.Row("difference × 4", ContactSheet.difference(images, poisoned, 4))));
  }
}
