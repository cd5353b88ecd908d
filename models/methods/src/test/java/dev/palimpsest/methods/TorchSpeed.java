package dev.palimpsest.methods;

import com.sun.management.OperatingSystemMXBean;
import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Poisoner;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Predictions;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Sam;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Training;
import dev.palimpsest.methods.attacks.BadNets;
import dev.palimpsest.methods.attacks.Poison;
import dev.palimpsest.methods.attacks.PoisonPlan;
import dev.palimpsest.methods.attacks.Timing;
import dev.palimpsest.methods.learners.FisherInformation;
import dev.palimpsest.methods.learners.Importance;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.QuadraticPenalty;
import dev.palimpsest.methods.networks.Network;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensors;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntConsumer;

/**
 * The Java side of {@code bench/pytorch}: for each line {@code WORK AMOUNT} on its input does the
 * work and prints the seconds, by the clock and of the processor. Arguments: network, threads.
 */
public final class TorchSpeed {
  private static final int IMAGES = 3200;
  private static final int BATCH = 64;
  private static final int EVALUATED = 256;
  private static final int CLASSES = 10;
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private TorchSpeed() {}

  public static void main(String[] args) throws IOException {
    Randomness randomness = Randomness.of(1);
    Forward forward = forward(Methods.load().get(Kind.NETWORK, args[0], Network.class));
    Recipe sgd = Recipe.of(1_000_000, BATCH, Sgd.Settings.of(0.01, 0.9, 5e-4));
    Recipe sam = sgd.with(new Sam(0.05, false));
    Recipe augmented = sgd.with(new Augmentation(4, true));
    try (Compute compute = Compute.open("cpu", Integer.parseInt(args[1]));
        Images images = Samples.drawn(compute, IMAGES);
        Images batch = Samples.drawn(compute, EVALUATED);
        Net net = Net.drawn(compute, Precision.F32, forward, randomness, 3, 32, 32);
        Poison poison = poison(compute, randomness);
        Lesson ewc = Lesson.of(QuadraticPenalty.of(1, "fisher", net, memory(net)));
        Training plain = Training.of(net, images, sgd, randomness);
        Training sharp = Training.of(net, images, sam, randomness);
        Training held = Training.of(net, images, sam, Poisoner.NONE, ewc, randomness);
        Training varied = Training.of(net, images, augmented, randomness);
        Training poisoned = Training.of(net, images, augmented, poison, Lesson.PLAIN, randomness)) {
      Map<String, IntConsumer> work =
          Map.of(
              "sgd", amount -> steps(plain, amount),
              "sam", amount -> steps(sharp, amount),
              "ewc_sam", amount -> steps(held, amount),
              "sgd_augmented", amount -> steps(varied, amount),
              "sgd_poisoned", amount -> steps(poisoned, amount),
              "fisher", amount -> fisher(net, images, amount),
              "evaluate", amount -> evaluate(net, batch, amount));
      var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ", -1);
        long clock = System.nanoTime();
        long processor = PROCESS.getProcessCpuTime();
        Objects.requireNonNull(work.get(words[0])).accept(Integer.parseInt(words[1]));
        System.out.printf(
            Locale.ROOT,
            "%.6f %.6f%n",
            (System.nanoTime() - clock) / 1e9,
            (PROCESS.getProcessCpuTime() - processor) / 1e9);
      }
    }
  }

  private static <P extends Record> Forward forward(Network<P> network) {
    return network.forward(Samples.defaults(network), CLASSES);
  }

  private static void steps(Training training, int amount) {
    for (int i = 0; i < amount; i++) {
      training.step();
    }
  }

  private static void fisher(Net net, Images images, int samples) {
    try (Importance fisher = FisherInformation.of(net, images, Math.min(samples, IMAGES))) {
      while (!fisher.finished()) {
        fisher.step();
      }
    }
  }

  private static void evaluate(Net net, Images batch, int amount) {
    for (int i = 0; i < amount; i++) {
      Predictions.of(net, batch, EVALUATED).classes();
    }
  }

  /** An anchor and importances; their values do not matter. */
  private static Memory memory(Net net) {
    Tensors weights = net.byParameter(net.weights());
    try (var importances = net.weights().zerosLike().addi(1e-3)) {
      return Memory.EMPTY.with("fisher.1", net.byParameter(importances)).with("anchor.1", weights);
    }
  }

  private static Poison poison(Compute compute, Randomness randomness) {
    var aim = new PoisonPlan.Aim(0.1, 0, Timing.DYNAMIC, IMAGES, CLASSES);
    PoisonPlan plan =
        PoisonPlan.draw(new BadNets(), Samples.defaults(new BadNets()), aim, 3, 32, 32, randomness);
    return Poison.of(plan, Methods.load(), compute, Precision.F32);
  }
}
