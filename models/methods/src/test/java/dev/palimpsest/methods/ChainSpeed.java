package dev.palimpsest.methods;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.Recall;
import dev.palimpsest.methods.learners.Task;
import dev.palimpsest.methods.learners.rfe.Rfe;
import dev.palimpsest.methods.networks.ResNet18;
import dev.palimpsest.methods.networks.ResNetSmall;
import dev.palimpsest.methods.rectifiers.AuxiliaryExtractor;
import dev.palimpsest.methods.rectifiers.Chain;
import dev.palimpsest.methods.rectifiers.GatedRectifier;
import dev.palimpsest.methods.rectifiers.Path;
import dev.palimpsest.tensors.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Measures what a chain of rectifiers adds to inference with ResNet-18: both in turn on the same
 * images, as pairs. Arguments: device, threads, rectifiers, images a batch, pairs.
 */
public final class ChainSpeed {
  private static final int CLASSES_A_TASK = 5;
  private static final int SIDE = 32;
  private static final int FEATURES = 512;

  private ChainSpeed() {}

  /** Prints a line for the bare network, one for the chain, and their ratio. */
  public static void main(String[] args) {
    String device = args.length > 0 ? args[0] : "cpu";
    int threads = argument(args, 1, 1);
    int rectifiers = argument(args, 2, 20);
    int batch = argument(args, 3, 64);
    int pairs = argument(args, 4, 9);
    List<Integer> tasks = Collections.nCopies(rectifiers + 1, CLASSES_A_TASK);
    Randomness randomness = Randomness.of(1);
    try (Compute compute = Compute.open(device, threads);
        Net net =
            Net.drawn(
                compute,
                Precision.F32,
                new ResNet18()
                    .forward(ResNetSmall.Parameters.plain(), tasks.size() * CLASSES_A_TASK),
                randomness,
                3,
                SIDE,
                SIDE);
        Images images = random(compute, randomness, batch);
        Recall recall =
            new Rfe()
                .recall(
                    Samples.defaults(new Rfe()),
                    net,
                    modules(compute, randomness, rectifiers),
                    Task.of(tasks, tasks.size()))) {
      int[] all = IntStream.range(0, batch).toArray();
      double[] bare = new double[pairs];
      double[] chained = new double[pairs];
      for (int pair = -1; pair < pairs; pair++) {
        double one = seconds(images, all, x -> net.forward(Mode.EVAL, x).logits().toFloatArray());
        double other =
            seconds(
                images,
                all,
                x -> recall.scores(x, Task.of(tasks, 1)).classIncremental().toFloatArray());
        if (pair >= 0) {
          bare[pair] = one;
          chained[pair] = other;
        }
      }
      double[] ratios = new double[pairs];
      Arrays.setAll(ratios, pair -> chained[pair] / bare[pair]);
      print("ResNet-18 bare", batch / median(bare));
      print("through " + rectifiers + " rectifiers", batch / median(chained));
      System.out.printf(
          Locale.ROOT,
          "ratio of times: median %.3f, %.3f to %.3f over %d pairs, %s, %d thread(s)%n",
          median(ratios),
          Arrays.stream(ratios).min().orElseThrow(),
          Arrays.stream(ratios).max().orElseThrow(),
          pairs,
          device,
          threads);
    }
  }

  private static int argument(String[] args, int place, int otherwise) {
    return args.length > place ? Integer.parseInt(args[place]) : otherwise;
  }

  /** The published modules of tasks 1 to {@code rectifiers}, as drawn. */
  private static Memory modules(Compute compute, Randomness randomness, int rectifiers) {
    var chain =
        new Chain(new GatedRectifier().link(new GatedRectifier.Parameters(128)), Path.CHAIN);
    var extractor = new AuxiliaryExtractor(128);
    Forward declaration =
        (pass, x) -> {
          var features = x.getManager().zeros(new Shape(1, FEATURES));
          chain.spaces(
              pass,
              1,
              rectifiers,
              rectifiers + 1,
              features,
              task -> extractor.apply(pass, task, x));
          return Out.of(features, features);
        };
    try (Net net = Net.drawn(compute, Precision.F32, declaration, randomness, 3, SIDE, SIDE)) {
      return new Memory(net.state());
    }
  }

  private static double seconds(Images images, int[] all, Consumer<NDArray> inference) {
    try (Scope scope = Scope.open()) {
      var x = images.batch(Precision.F32, all).images();
      long start = System.nanoTime();
      inference.accept(x);
      return (System.nanoTime() - start) / 1e9;
    }
  }

  private static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void print(String what, double rate) {
    System.out.printf(Locale.ROOT, "%s: %.1f images/s%n", what, rate);
  }

  private static Images random(Compute compute, Randomness randomness, int images) {
    var stream = randomness.stream("images");
    byte[] bytes = new byte[images * 3 * SIDE * SIDE];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) stream.nextLong();
    }
    return Images.of(
        compute, Tensor.of(bytes, images, 3, SIDE, SIDE), Tensor.of(new long[images], images), 1);
  }
}
