package dev.palimpsest.methods.learners;

import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Poisoner;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Training;
import dev.palimpsest.methods.networks.ResNetSmall;
import dev.palimpsest.tensors.Tensor;
import java.util.Locale;
import java.util.Optional;

/**
 * Measures what replay adds to a step of the small network: batches of 32 with 32 from a buffer,
 * beside plain batches of 32 and of 64, in turns. Arguments: device, threads, rounds.
 */
public final class ReplaySpeed {
  private static final int IMAGES = 3200;
  private static final int BATCH = 32;

  private final Compute compute;
  private final Images images;
  private final Net net;

  private ReplaySpeed(Compute compute, Images images, Net net) {
    this.compute = compute;
    this.images = images;
    this.net = net;
  }

  public static void main(String[] args) {
    String device = args.length > 0 ? args[0] : "cpu";
    int threads = args.length > 1 ? Integer.parseInt(args[1]) : 1;
    int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 5;
    var forward = new ResNetSmall().forward(ResNetSmall.Parameters.plain(), 10);
    try (Compute compute = Compute.open(device, threads);
        Images images = random(compute);
        Net net = Net.drawn(compute, Precision.F32, forward, Randomness.of(1), 3, 32, 32)) {
      new ReplaySpeed(compute, images, net).measure(rounds);
    }
  }

  private void measure(int rounds) {
    var naive = new Naive();
    var er = new Er();
    var none = new Naive.Parameters();
    var buffer = new Er.Parameters(new BufferSettings(500, BufferSettings.Policy.RESERVOIR, BATCH));
    double plain = Double.POSITIVE_INFINITY;
    double twice = plain;
    double replay = plain;
    for (int round = 0; round < rounds; round++) {
      plain = Math.min(plain, milliseconds(naive.lesson(none, context()), BATCH));
      twice = Math.min(twice, milliseconds(naive.lesson(none, context()), 2 * BATCH));
      replay = Math.min(replay, milliseconds(er.lesson(buffer, context()), BATCH));
    }
    print("naive, batch 32", plain, 1);
    print("naive, batch 64", twice, twice / plain);
    print("er, batch 32 and 32 replayed", replay, replay / plain);
    System.out.printf(
        Locale.ROOT,
        "er to naive with as many images a step: x %.2f (least of %d rounds each)%n",
        replay / twice,
        rounds);
    System.out.println(compute.liveArrays() + " live arrays");
  }

  private static void print(String what, double milliseconds, double ratio) {
    System.out.printf(Locale.ROOT, "%-30s %7.2f ms a step   x %.2f%n", what, milliseconds, ratio);
  }

  /** Of a step, after ten that warm up. */
  private double milliseconds(TaskLesson lesson, int batch) {
    Recipe recipe =
        Recipe.of(1, batch, Sgd.Settings.of(0.01, 0.9, 5e-4)).with(new Augmentation(2, true));
    try (lesson;
        Training training =
            Training.of(net, images, recipe, Poisoner.NONE, lesson, Randomness.of(1))) {
      for (int i = 0; i < 10; i++) {
        training.step();
      }
      long start = System.nanoTime();
      while (!training.finished()) {
        training.step();
      }
      return (System.nanoTime() - start) / 1e6 / (training.total() - 10);
    }
  }

  private TaskContext context() {
    return new TaskContext(
        Task.only(10),
        net,
        Optional.empty(),
        images,
        Optional.empty(),
        Memory.EMPTY,
        Augmentation.NONE,
        Randomness.of(2));
  }

  private static Images random(Compute compute) {
    var stream = Randomness.of(1).stream("images");
    byte[] bytes = new byte[IMAGES * 3 * 32 * 32];
    long[] labels = new long[IMAGES];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) stream.nextLong();
    }
    for (int i = 0; i < IMAGES; i++) {
      labels[i] = stream.below(10);
    }
    return Images.of(compute, Tensor.of(bytes, IMAGES, 3, 32, 32), Tensor.of(labels, IMAGES), 10);
  }
}
