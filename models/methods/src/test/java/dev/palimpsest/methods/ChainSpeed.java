package dev.palimpsest.methods;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.sun.management.OperatingSystemMXBean;
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
import dev.palimpsest.tensors.Tensors;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Measures what a chain of rectifiers adds to inference with ResNet-18: both in turn on the same
 * images, as pairs. Arguments: device, threads, rectifiers, images a batch, pairs.
 */
public final class ChainSpeed {
  private static final int CLASSES_A_TASK = 5;
  private static final int SIDE = 32;
  private static final int FEATURES = 512;
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private ChainSpeed() {}

  /** Prints images a second of both, and the ratios of their times. */
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
      Seconds[] bare = new Seconds[pairs];
      Seconds[] chained = new Seconds[pairs];
      for (int pair = -1; pair < pairs; pair++) {
        Seconds one = seconds(images, all, x -> net.forward(Mode.EVAL, x).logits().toFloatArray());
        Seconds other =
            seconds(
                images,
                all,
                x -> recall.scores(x, Task.of(tasks, 1)).classIncremental().toDoubleArray());
        if (pair >= 0) {
          bare[pair] = one;
          chained[pair] = other;
        }
      }
      print("ResNet-18 bare", batch, bare);
      print("through " + rectifiers + " rectifiers", batch, chained);
      print("ratio of times", bare, chained, Seconds::wall);
      print("ratio of processor times", bare, chained, Seconds::processor);
      System.out.println(
          pairs + " pairs of " + batch + " images, " + device + ", " + threads + " thread(s)");
    }
  }

  /** How long an inference took, and how long the process computed in that time. */
  private record Seconds(double wall, double processor) {}

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
      long[] columns = new long[2 * rectifiers];
      Arrays.setAll(columns, i -> (long) CLASSES_A_TASK * ((i + 1) / 2));
      return new Memory(net.state())
          .with(
              "tasks",
              new Tensors.Builder().put("columns", Tensor.of(columns, rectifiers, 2)).build());
    }
  }

  private static Seconds seconds(Images images, int[] all, Consumer<NDArray> inference) {
    try (Scope scope = Scope.open()) {
      var x = images.batch(Precision.F32, all).images();
      long wall = System.nanoTime();
      long processor = PROCESS.getProcessCpuTime();
      inference.accept(x);
      return new Seconds(
          (System.nanoTime() - wall) / 1e9, (PROCESS.getProcessCpuTime() - processor) / 1e9);
    }
  }

  private static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void print(String what, int batch, Seconds... times) {
    double[] seconds = Arrays.stream(times).mapToDouble(Seconds::wall).toArray();
    System.out.printf(Locale.ROOT, "%s: %.1f images/s%n", what, batch / median(seconds));
  }

  private static void print(
      String what, Seconds[] bare, Seconds[] chained, ToDoubleFunction<Seconds> time) {
    double[] ratios = new double[bare.length];
    Arrays.setAll(ratios, i -> time.applyAsDouble(chained[i]) / time.applyAsDouble(bare[i]));
    System.out.printf(
        Locale.ROOT,
        "%s: median %.3f (%.3f to %.3f)%n",
        what,
        median(ratios),
        Arrays.stream(ratios).min().orElseThrow(),
        Arrays.stream(ratios).max().orElseThrow());
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
