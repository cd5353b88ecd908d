package dev.palimpsest.methods;

import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Sam;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Training;
import dev.palimpsest.methods.learners.FisherInformation;
import dev.palimpsest.methods.networks.ResNetSmall;
import dev.palimpsest.tensors.Tensor;
import java.util.Locale;

/** Measures images a second of the small network; arguments: device, threads, channels, side. */
public final class Speed {
  private static final int IMAGES = 3200;

  private Speed() {}

  /** Prints one line for SGD and one for SAM. */
  public static void main(String[] args) {
    String device = args.length > 0 ? args[0] : "cpu";
    int threads = args.length > 1 ? Integer.parseInt(args[1]) : 1;
    int channels = args.length > 2 ? Integer.parseInt(args[2]) : 3;
    int side = args.length > 3 ? Integer.parseInt(args[3]) : 32;
    Randomness randomness = Randomness.of(1);
    var network = new ResNetSmall();
    try (Compute compute = Compute.open(device, threads);
        Images images = random(compute, randomness, channels, side);
        Net net =
            Net.drawn(
                compute,
                Precision.F32,
                network.forward(ResNetSmall.Parameters.plain(), 10),
                randomness,
                channels,
                side,
                side)) {
      System.out.println(net.size() + " parameters on " + device + ", " + threads + " thread(s)");
      Recipe sgd =
          Recipe.of(6, 64, Sgd.Settings.of(0.05, 0.9, 5e-4)).with(new Augmentation(2, true));
      for (Recipe recipe : new Recipe[] {sgd, sgd.with(new Sam(0.05, false))}) {
        try (Training training = Training.of(net, images, recipe, randomness)) {
          long start = 0;
          while (!training.finished()) {
            if (training.done() == training.total() / 6) {
              start = System.nanoTime();
            }
            training.step();
          }
          double seconds = (System.nanoTime() - start) / 1e9;
          System.out.printf(
              Locale.ROOT,
              "%s: %.0f images/s%n",
              recipe.sharpening().isPresent() ? "SAM" : "SGD",
              5 * IMAGES / seconds);
        }
      }
      try (var fisher = FisherInformation.of(net, images, 600)) {
        long start = System.nanoTime();
        while (!fisher.finished()) {
          fisher.step();
        }
        double milliseconds = (System.nanoTime() - start) / 1e6;
        System.out.printf(Locale.ROOT, "Fisher: %.2f ms/sample%n", milliseconds / 600);
      }
      System.out.println(compute.liveArrays() + " live arrays");
    }
  }

  private static Images random(Compute compute, Randomness randomness, int channels, int side) {
    var stream = randomness.stream("images");
    byte[] bytes = new byte[IMAGES * channels * side * side];
    long[] labels = new long[IMAGES];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) stream.nextLong();
    }
    for (int i = 0; i < IMAGES; i++) {
      labels[i] = stream.below(10);
    }
    return Images.of(
        compute, Tensor.of(bytes, IMAGES, channels, side, side), Tensor.of(labels, IMAGES), 10);
  }
}
