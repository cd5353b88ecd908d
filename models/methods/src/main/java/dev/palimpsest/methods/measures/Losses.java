package dev.palimpsest.methods.measures;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Predictions;
import dev.palimpsest.methods.attacks.Poison;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Mean cross-entropy and share of right answers of a network on test images, as they are and, if
 * there is an attack, with the trigger on.
 *
 * @param loss on the images as they are, with their true labels
 * @param accuracy a fraction
 * @param backdoor on triggered images, the label being the one that the attack wants; images of
 *     which it wants nothing are left out
 */
public record Losses(double loss, double accuracy, Optional<Backdoor> backdoor) {
  private static final int BATCH = 250;
  private static final long UNCOUNTED = -1;

  /**
   * On triggered images.
   *
   * @param loss towards the label that the attack wants
   * @param asr attack success rate, a fraction
   */
  public record Backdoor(double loss, double asr) {}

  /**
   * Measures a network, which uses its running statistics.
   *
   * @param step called before each batch
   */
  public static Losses of(Net net, Images test, Optional<Poison> poison, Runnable step) {
    UnaryOperator<NDArray> stepping =
        images -> {
          step.run();
          return images;
        };
    long[] labels = test.labels();
    Mean clean = Mean.of(Predictions.of(net, test, BATCH, stepping), labels);
    Optional<Backdoor> backdoor =
        poison.flatMap(attack -> {
          long[] map = attack.plan().targetMap();
          long[] wanted =
              Arrays.stream(labels)
                  .map(label -> map[(int) label] == label ? UNCOUNTED : map[(int) label])
                  .toArray();
          if (Arrays.stream(wanted).allMatch(label -> label == UNCOUNTED)) {
            return Optional.empty();
          }
          Mean mean =
              Mean.of(
                  Predictions.of(
                      net, test, BATCH, images -> attack.triggered(stepping.apply(images))),
                  wanted);
          return Optional.of(new Backdoor(mean.loss(), mean.right()));
        });
    return new Losses(clean.loss(), clean.right(), backdoor);
  }

  /** By name: cleanLoss, cleanAccuracy and, with an attack, backdoorLoss and asr. */
  public Map<String, Double> named() {
    var values = new TreeMap<>(Map.of("cleanLoss", loss, "cleanAccuracy", accuracy));
    backdoor.ifPresent(triggered -> {
      values.put("backdoorLoss", triggered.loss());
      values.put("asr", triggered.asr());
    });
    return values;
  }

  private record Mean(double loss, double right) {
    static Mean of(Predictions predictions, long[] labels) {
      double[][] logits = predictions.logits();
      int[] classes = predictions.classes();
      double loss = 0;
      int right = 0;
      int counted = 0;
      for (int i = 0; i < labels.length; i++) {
        if (labels[i] != UNCOUNTED) {
          loss += crossEntropy(logits[i], (int) labels[i]);
          right += classes[i] == labels[i] ? 1 : 0;
          counted++;
        }
      }
      return new Mean(loss / counted, (double) right / counted);
    }
  }

  static double crossEntropy(double[] logits, int label) {
    double greatest = Arrays.stream(logits).max().orElseThrow();
    double sum = 0;
    for (double logit : logits) {
      sum += StrictMath.exp(logit - greatest);
    }
    return StrictMath.log(sum) + greatest - logits[label];
  }
}
