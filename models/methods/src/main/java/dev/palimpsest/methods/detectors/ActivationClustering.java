package dev.palimpsest.methods.detectors;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/**
 * Activation clustering: the features of a poisoned class fall into two clusters, of which the
 * smaller holds the poisoned images. An image's score is (L - S) / (L + S), with L and S its
 * distances to the centres of the larger and of the smaller cluster.
 *
 * <p>Features are reduced to their principal components, as in BackdoorBench; Chen et al. use
 * independent ones.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class ActivationClustering implements Detector<ActivationClustering.Parameters> {
  private static final double TINY = 1e-12;

  /** What is clustered, and which clusters are flagged. */
  public record Parameters(
      @Param(help = "principal components that are clustered", value = "10", min = 1, max = 1000)
          int components,
      @Param(
              help = "greatest share of its class that a flagged cluster has; 0.5: any smaller one",
              value = "0.5",
              min = 0,
              max = 0.5)
          double maxShare,
      @Param(
              help =
                  "least silhouette, -1 to 1, of a class whose smaller cluster is flagged; -1: any",
              value = "-1",
              min = -1,
              max = 1)
          double minSilhouette) {}

  @Override
  public String name() {
    return "activation-clustering";
  }

  @Override
  public String summary() {
    return "Images in the smaller of two clusters of their class's features; needs no clean images.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "chen2018activation",
        "Bryant Chen and Wilka Carvalho and Nathalie Baracaldo and Heiko Ludwig and Benjamin Edwards and Taesung Lee and Ian Molloy and Biplav Srivastava",
        "Detecting Backdoor Attacks on Deep Neural Networks by Activation Clustering",
        "SafeAI Workshop at AAAI",
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
    return Set.of(Need.SUSPECTS);
  }

  @Override
  public Detection start(Parameters p, Net net, Evidence evidence, Randomness randomness) {
    return ClassFeatures.reading(
        net, evidence.suspects(this), features -> judged(p, features, randomness));
  }

  private static Finding judged(Parameters p, ClassFeatures features, Randomness randomness) {
    var scores = new ArrayList<>(Collections.nCopies(features.images(), -1.0));
    var flagged = new ArrayList<>(Collections.nCopies(features.images(), false));
    var shares = new ArrayList<>(Collections.nCopies(features.classes(), 0.0));
    var silhouettes = new ArrayList<>(Collections.nCopies(features.classes(), 0.0));
    for (int label = 0; label < features.classes(); label++) {
      int[] places = features.places(label);
      if (places.length < 2) {
        continue;
      }
      double[][] points = PrincipalComponents.of(features.centred(places), p.components());
      TwoMeans clusters = TwoMeans.of(points, randomness.stream("clusters", label));
      double share = (double) clusters.inSecond() / places.length;
      double silhouette = clusters.silhouette(points);
      shares.set(label, share);
      silhouettes.set(label, silhouette);
      boolean poisoned = share <= p.maxShare() && silhouette >= p.minSilhouette();
      for (int i = 0; i < places.length; i++) {
        double larger = Math.sqrt(TwoMeans.squaredDistance(points[i], clusters.centres()[0]));
        double smaller = Math.sqrt(TwoMeans.squaredDistance(points[i], clusters.centres()[1]));
        scores.set(places[i], (larger - smaller) / (larger + smaller + TINY));
        flagged.set(places[i], poisoned && clusters.second()[i]);
      }
    }
    var byClass = new LinkedHashMap<String, List<Double>>();
    byClass.put("smallerShare", shares);
    byClass.put("silhouette", silhouettes);
    return new Finding(scores, flagged, byClass, new LinkedHashMap<>());
  }
}
