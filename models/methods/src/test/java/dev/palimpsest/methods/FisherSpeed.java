package dev.palimpsest.methods;

import ai.djl.ndarray.NDArray;
import com.sun.management.OperatingSystemMXBean;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.SampleGradients;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.networks.Network;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Measures squared gradients of single samples from passes over batches beside a pass for each
 * sample, in turns. Arguments: network, device, threads, samples a round, rounds.
 */
public final class FisherSpeed {
  private static final int BATCH = 25;
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  private static final SampleGradients.Objective LIKELIHOOD =
      (out, batch) -> {
        NDArray logs = Ops.logLikelihood(out.logits(), batch.labels());
        return logs.mul(Ops.scaled(Ops.detached(logs), 0.5).exp());
      };

  private FisherSpeed() {}

  /** Prints milliseconds a sample of both, their ratio, and the largest difference. */
  public static void main(String[] args) {
    String network = args.length > 0 ? args[0] : "resnet-small";
    String device = args.length > 1 ? args[1] : "cpu";
    int threads = argument(args, 2, 1);
    int samples = argument(args, 3, 200);
    int rounds = argument(args, 4, 9);
    Forward forward = forward(Methods.load().get(Kind.NETWORK, network, Network.class));
    Randomness randomness = Randomness.of(1);
    try (Compute compute = Compute.open(device, threads);
        Images images = Samples.drawn(compute, samples);
        Net net = Net.drawn(compute, Precision.F32, forward, randomness, 3, 32, 32)) {
      double[] batched = new double[rounds];
      double[] single = new double[rounds];
      for (int round = -1; round < rounds; round++) {
        double one = seconds(net, images, true);
        double other = seconds(net, images, false);
        if (round >= 0) {
          batched[round] = one;
          single[round] = other;
        }
      }
      double[] ratios = new double[rounds];
      Arrays.setAll(ratios, i -> single[i] / batched[i]);
      System.out.printf(
          Locale.ROOT,
          "%s, %s, %d thread(s): one by one %.2f ms of the processor a sample, batches %.2f; %.2f times as fast"
              + " (%.2f to %.2f, %d rounds of %d samples)%n",
          network,
          device,
          threads,
          1000 * median(single) / samples,
          1000 * median(batched) / samples,
          median(ratios),
          Arrays.stream(ratios).min().orElseThrow(),
          Arrays.stream(ratios).max().orElseThrow(),
          rounds,
          samples);
      System.out.printf(
          Locale.ROOT, "largest difference to the largest entry: %.1e%n", difference(net, images));
    }
  }

  private static <P extends Record> Forward forward(Network<P> network) {
    return network.forward(Samples.defaults(network), 10);
  }

  private static int argument(String[] args, int place, int otherwise) {
    return args.length > place ? Integer.parseInt(args[place]) : otherwise;
  }

  private static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Of the processor: other work beside it counts little. */
  private static double seconds(Net net, Images images, boolean batched) {
    long start = PROCESS.getProcessCpuTime();
    try (Scope scope = Scope.open()) {
      sum(net, images, batched);
    }
    return (PROCESS.getProcessCpuTime() - start) / 1e9;
  }

  private static NDArray sum(Net net, Images images, boolean batched) {
    NDArray sum = net.weights().zerosLike();
    for (int from = 0; from < images.size(); from += BATCH) {
      try (Scope scope = Scope.open()) {
        int to = Math.min(images.size(), from + BATCH);
        Batch batch = images.batch(Precision.F32, IntStream.range(from, to).toArray());
        sum.addi(
            (batched
                    ? SampleGradients.of(net, batch, 2, LIKELIHOOD)
                    : SampleGradients.oneByOne(net, batch, 2, LIKELIHOOD))
                .vector());
      }
    }
    return sum;
  }

  private static double difference(Net net, Images images) {
    try (Scope scope = Scope.open()) {
      NDArray loop = sum(net, images, false);
      NDArray largest = sum(net, images, true).sub(loop).abs().max();
      return largest.getFloat() / loop.max().getFloat();
    }
  }
}
