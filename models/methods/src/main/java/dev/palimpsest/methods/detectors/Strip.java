package dev.palimpsest.methods.detectors;

import ai.djl.ndarray.NDArray;
import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/**
 * STRIP: an image whose prediction stays the same whatever clean image is laid over it carries a
 * trigger. The score is minus the entropy (in nats) of the prediction, averaged over the overlays;
 * an image is flagged if its entropy is below that of nearly all clean images.
 *
 * <p>The paper takes its threshold from a normal distribution fitted to the clean entropies, here
 * it is their quantile; and its entropies are in bits.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Strip implements Detector<Strip.Parameters> {
  /** Images in one pass of the network. */
  private static final int PASS = 256;

  /** The overlays. */
  public record Parameters(
      @Param(help = "clean images laid over each image (N)", value = "100", min = 1, max = 1_000)
          int overlays,
      @Param(
              help = "weight of the overlay in the sum, which is cut to [0,1]; the image's is 1",
              value = "1",
              min = 0,
              max = 10)
          double weight,
      @Param(
              help = "share of clean images that may be flagged (FRR): sets the threshold",
              value = "0.01",
              min = 0,
              max = 1)
          double falseRejections) {}

  @Override
  public String name() {
    return "strip";
  }

  @Override
  public String summary() {
    return "Images whose prediction survives clean images laid over them; needs clean images.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "gao2019strip",
        "Yansong Gao and Change Xu and Derui Wang and Shiping Chen and Damith C. Ranasinghe and Surya Nepal",
        "STRIP: A Defence Against Trojan Attacks on Deep Neural Networks",
        "Annual Computer Security Applications Conference (ACSAC)",
        2019);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public Subject subject() {
    return Subject.IMAGES;
  }

  @Override
  public Set<Need> images() {
    return Set.of(Need.CLEAN, Need.SUSPECTS);
  }

  @Override
  public Detection start(Parameters p, Net net, Evidence evidence, Randomness randomness) {
    Images clean = evidence.clean(this);
    Images suspects = evidence.suspects(this);
    return new Reading(
        net,
        List.of(clean, suspects),
        Math.max(1, PASS / p.overlays()),
        (images, batch) -> entropy(p, net, images, clean, randomness.stream("overlays", batch)),
        entropies -> judged(p, clean.size(), entropies));
  }

  /** The mean entropy of each image's predictions, [n, 1]. */
  private static NDArray entropy(
      Parameters p, Net net, NDArray images, Images clean, RandomStream stream) {
    long n = images.getShape().get(0);
    int[] drawn = new int[Math.toIntExact(n * p.overlays())];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = stream.below(clean.size());
    }
    NDArray overlays = clean.batch(net.precision(), drawn).images();
    NDArray blends = images.repeat(0, p.overlays()).addi(overlays.muli(p.weight())).clip(0, 1);
    NDArray logLikelihoods = net.forward(Mode.EVAL, blends).logits().logSoftmax(1);
    NDArray entropies = logLikelihoods.exp().mul(logLikelihoods).sum(new int[] {1}).neg();
    return entropies.reshape(n, p.overlays()).mean(new int[] {1}, true);
  }

  private static Finding judged(Parameters p, int clean, double[][] entropies) {
    double[] all = Arrays.stream(entropies).mapToDouble(row -> row[0]).toArray();
    double[] known = Arrays.copyOf(all, clean);
    Arrays.sort(known);
    double threshold = known[(int) Math.min(clean - 1, Math.floor(p.falseRejections() * clean))];
    double[] suspects = Arrays.copyOfRange(all, clean, all.length);
    return new Finding(
        Arrays.stream(suspects).map(entropy -> -entropy).boxed().toList(),
        Arrays.stream(suspects).mapToObj(entropy -> entropy < threshold).toList(),
        new LinkedHashMap<>(),
        new LinkedHashMap<>());
  }
}
