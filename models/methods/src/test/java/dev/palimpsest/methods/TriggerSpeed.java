package dev.palimpsest.methods;

import com.sun.management.OperatingSystemMXBean;
import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Training;
import dev.palimpsest.methods.attacks.Attack;
import dev.palimpsest.methods.attacks.BadNets;
import dev.palimpsest.methods.attacks.Blended;
import dev.palimpsest.methods.attacks.Poison;
import dev.palimpsest.methods.attacks.PoisonPlan;
import dev.palimpsest.methods.attacks.Sig;
import dev.palimpsest.methods.attacks.Timing;
import dev.palimpsest.methods.attacks.WaNet;
import dev.palimpsest.methods.networks.ResNetSmall;
import dev.palimpsest.spec.Methods;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Measures what augmentation and dynamic triggers add to a step of SGD on the small network, in
 * turns, batches of 64 images of 3x32x32, 10 % poisoned. Argument: rounds.
 */
public final class TriggerSpeed {
  private static final int IMAGES = 3200;
  private static final int BATCH = 64;
  private static final int STEPS = 40;
  private static final int BATCHES = 1000;
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private TriggerSpeed() {}

  /** Prints a line for each: milliseconds of the processor a batch, and its share of a step. */
  public static void main(String[] args) {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 9;
    Randomness randomness = Randomness.of(1);
    Recipe sgd = Recipe.of(1_000_000, BATCH, Sgd.Settings.of(0.01, 0.9, 5e-4));
    var network = new ResNetSmall().forward(ResNetSmall.Parameters.plain(), 10);
    try (Compute compute = Compute.open("cpu", 1);
        Images images = Samples.drawn(compute, IMAGES);
        Net net = Net.drawn(compute, Precision.F32, network, randomness, 3, 32, 32);
        Training training = Training.of(net, images, sgd, randomness)) {
      var augmentation = new Augmentation(4, true);
      var stream = randomness.stream("augmentation");
      int[] places = IntStream.range(0, BATCH).map(i -> i * 7).toArray();
      var step = new Work("a step of SGD", STEPS, training::step, rounds);
      var bare = new Work("a batch", BATCHES, () -> images.batch(Precision.F32, places), rounds);
      List<Work> additions = new ArrayList<>();
      additions.add(
          new Work(
              "augmentation",
              BATCHES,
              () -> augmentation.apply(images.batch(Precision.F32, places).images(), stream),
              rounds));
      for (Attack<?> attack : List.of(new BadNets(), new Blended(), new Sig(), new WaNet())) {
        Poison poison = poison(attack, compute, randomness);
        additions.add(
            new Work(
                attack.name(),
                BATCHES,
                () -> {
                  Batch batch = images.batch(Precision.F32, places);
                  poison.afterAugmentation(batch, places, stream);
                },
                rounds));
      }
      for (int round = -2; round < rounds; round++) {
        step.time(round);
        bare.time(round);
        for (Work addition : additions) {
          addition.time(round);
        }
      }
      System.out.printf(Locale.ROOT, "%s: %.1f ms%n", step.name(), step.median());
      for (Work addition : additions) {
        double own = addition.median() - bare.median();
        System.out.printf(
            Locale.ROOT,
            "%s: %.2f ms, %.1f %% of a step%n",
            addition.name(),
            own,
            100 * own / step.median());
      }
    }
  }

  private static <P extends Record> Poison poison(
      Attack<P> attack, Compute compute, Randomness randomness) {
    var aim = new PoisonPlan.Aim(0.1, 0, Timing.DYNAMIC, IMAGES, 10);
    return Poison.of(
        PoisonPlan.draw(attack, Samples.defaults(attack), aim, 3, 32, 32, randomness),
        Methods.load(),
        compute,
        Precision.F32);
  }

  /**
   * What is timed.
   *
   * @param turns how often in a round
   * @param milliseconds of the processor a turn, by round
   */
  private record Work(String name, int turns, Runnable run, double[] milliseconds) {
    Work(String name, int turns, Runnable run, int rounds) {
      this(name, turns, run, new double[rounds]);
    }

    /** A round; those below 0 warm up. */
    void time(int round) {
      long start = PROCESS.getProcessCpuTime();
      for (int i = 0; i < turns; i++) {
        try (Scope scope = Scope.open()) {
          run.run();
        }
      }
      if (round >= 0) {
        milliseconds[round] = (PROCESS.getProcessCpuTime() - start) / 1e6 / turns;
      }
    }

    double median() {
      double[] sorted = milliseconds.clone();
      Arrays.sort(sorted);
      return sorted[sorted.length / 2];
    }
  }
}
