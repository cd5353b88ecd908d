package dev.palimpsest.methods.detectors;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.Arrays;
import java.util.Set;

/**
 * Neural Cleanse: looks for the smallest patch that turns every clean image into a class, for each
 * class; one that is much smaller than the others' is a backdoor. The score of a class is how far
 * its mask's L1 norm lies below the median, in median absolute deviations times 1.4826; a class is
 * flagged from 2 on.
 *
 * <p>The mask and pattern are (tanh + 1) / 2 of what Adam moves (betas 0.5 and 0.9) to lower
 * cross-entropy + cost * |mask|; the cost rises while the patch works and falls while it does not.
 * Every class is given all its epochs, where the reference implementation may stop early.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class NeuralCleanse implements Detector<NeuralCleanse.Parameters> {
  /** The deviation of a normal distribution in median absolute deviations. */
  private static final double NORMAL = 1.4826;

  private static final double TINY = 1e-9;

  /** From this anomaly index on a class is flagged: less than one in twenty of normal ones. */
  private static final double ANOMALOUS = 2;

  /** The search for a patch. */
  public record Parameters(
      @Param(help = "learning rate of mask and pattern", value = "0.1", min = 0, max = 100)
          double lr,
      @Param(
              help = "first weight of the mask's L1 norm in the loss",
              value = "1e-3",
              min = 0,
              max = 100)
          double cost,
      @Param(
              help = "factor by which the cost rises; it falls by this to the power of 1.5",
              value = "2",
              min = 1,
              max = 100)
          double costFactor,
      @Param(
              help = "epochs in a row that make the cost rise or fall",
              value = "5",
              min = 1,
              max = 1000)
          int patience,
      @Param(
              help = "share of images that a patch must turn into the class to work",
              value = "0.98",
              min = 0,
              max = 1)
          double threshold,
      @Param(help = "epochs for each class", value = "80", min = 1, max = 10_000) int epochs,
      @Param(help = "samples a step", value = "128", min = 1, max = 65_536) int batch) {}

  @Override
  public String name() {
    return "neural-cleanse";
  }

  @Override
  public String summary() {
    return "Classes that a much smaller patch leads to than to others; needs clean images.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "wang2019cleanse",
        "Bolun Wang and Yuanshun Yao and Shawn Shan and Huiying Li and Bimal Viswanath and Haitao Zheng and Ben Y. Zhao",
        "Neural Cleanse: Identifying and Mitigating Backdoor Attacks in Neural Networks",
        "IEEE Symposium on Security and Privacy (S&P)",
        2019);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public Subject subject() {
    return Subject.CLASSES;
  }

  @Override
  public Set<Need> images() {
    return Set.of(Need.CLEAN);
  }

  @Override
  public Detection start(Parameters p, Net net, Evidence evidence, Randomness randomness) {
    return new PatchSearch(p, net, evidence.clean(this), randomness);
  }

  /** How far each norm lies below the median, in deviations as of a normal distribution. */
  static double[] anomalies(double... norms) {
    double middle = median(norms);
    double deviation =
        NORMAL * median(Arrays.stream(norms).map(norm -> Math.abs(norm - middle)).toArray());
    return Arrays.stream(norms).map(norm -> (middle - norm) / Math.max(deviation, TINY)).toArray();
  }

  static boolean flagged(double anomaly) {
    return anomaly > ANOMALOUS;
  }

  private static double median(double... values) {
    return SpectralSignatures.percentile(values, 50);
  }
}
