package dev.palimpsest.methods.detectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.methods.measures.Auroc;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Detectors on a network whose backdoor is known: the brightest quarter of an image is its class,
 * unless a square of 2x2 pixels in the lower right corner is bright, which means class 0.
 */
class DetectorTest {
  private static final int CLASSES = 4;
  private static final int SIDE = 8;
  private static final int PATCH = 2;
  private static final int IMAGES = 160;

  private static final Forward NETWORK =
      (pass, images) -> {
        NDArray flat = images.reshape(images.getShape().get(0), -1);
        NDArray features = pass.linear("features", flat, CLASSES + 1);
        return Out.of(pass.linear("linear", features, CLASSES), features);
      };

  private final Compute compute = Compute.open("cpu", 1);
  private final Net net = Net.loaded(compute, Precision.F32, NETWORK, weights(), 1, SIDE, SIDE);

  @AfterEach
  void close() {
    compute.close();
  }

  /** Features: the means of the quarters without the corner, and three times that of the corner. */
  private static Tensors weights() {
    int pixels = SIDE * SIDE;
    float[] features = new float[(CLASSES + 1) * pixels];
    for (int j = 0; j < pixels; j++) {
      boolean corner = corner(j);
      features[(corner ? CLASSES : quarter(j)) * pixels + j] =
          corner ? 3f / (PATCH * PATCH) : 1f / 16;
    }
    float[] linear = new float[CLASSES * (CLASSES + 1)];
    for (int c = 0; c < CLASSES; c++) {
      linear[c * (CLASSES + 1) + c] = 10;
    }
    linear[CLASSES] = 10;
    return new Tensors.Builder()
        .put("features.weight", Tensor.of(features, CLASSES + 1, pixels))
        .put("features.bias", Tensor.of(new float[CLASSES + 1], CLASSES + 1))
        .put("linear.weight", Tensor.of(linear, CLASSES, CLASSES + 1))
        .put("linear.bias", Tensor.of(new float[CLASSES], CLASSES))
        .build();
  }

  private static int quarter(int pixel) {
    return pixel / SIDE / (SIDE / 2) * 2 + pixel % SIDE / (SIDE / 2);
  }

  private static boolean corner(int pixel) {
    return pixel / SIDE >= SIDE - PATCH && pixel % SIDE >= SIDE - PATCH;
  }

  /** Whether the image at this place is poisoned, where any are. */
  private static boolean poisoned(int place) {
    return place % 10 == 1;
  }

  /** Images of all classes in turn; every tenth has the patch, if any, and is labelled 0. */
  private Images images(long seed, boolean poison) {
    RandomStream stream = Randomness.of(seed).stream("images");
    byte[] bytes = new byte[IMAGES * SIDE * SIDE];
    long[] labels = new long[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
      boolean patched = poison && poisoned(i);
      int shown = i % CLASSES;
      labels[i] = patched ? 0 : shown;
      for (int j = 0; j < SIDE * SIDE; j++) {
        int dark = stream.below(40);
        int value = corner(j) ? (patched ? 255 : 0) : dark + (quarter(j) == shown ? 150 : 0);
        bytes[i * SIDE * SIDE + j] = (byte) value;
      }
    }
    return Images.of(
        compute, Tensor.of(bytes, IMAGES, 1, SIDE, SIDE), Tensor.of(labels, IMAGES), CLASSES);
  }

  private <P extends Record> Finding find(Detector<P> detector, P parameters) {
    try (Images clean = images(1, false);
        Images suspects = images(2, true);
        Detection work =
            detector.start(
                parameters,
                net,
                new Detector.Evidence(Optional.of(clean), Optional.of(suspects)),
                Randomness.of(3))) {
      while (!work.finished()) {
        work.step();
      }
      return work.finding();
    }
  }

  private static double auroc(Finding finding) {
    boolean[] truth = new boolean[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
      truth[i] = poisoned(i);
    }
    return Auroc.of(finding.scores().stream().mapToDouble(s -> s).toArray(), truth).orElseThrow();
  }

  private static double flagged(Finding finding, boolean poisoned) {
    int[] of = IntStream.range(0, IMAGES).filter(i -> poisoned(i) == poisoned).toArray();
    return IntStream.of(of).filter(i -> finding.flagged().get(i)).count() / (double) of.length;
  }

  private static double value(Finding finding, String name, int label) {
    return Objects.requireNonNull(finding.byClass().get(name)).get(label);
  }

  @Test
  void neuralCleanseRecoversThePatchOfTheTargetClassAlone() {
    Finding finding =
        find(new NeuralCleanse(), new NeuralCleanse.Parameters(0.1, 1e-3, 2, 5, 0.98, 60, 40));
    assertThat(finding.flagged()).containsExactly(true, false, false, false);
    assertThat(value(finding, "success", 0)).isGreaterThanOrEqualTo(0.98);
    assertThat(value(finding, "maskNorm", 0)).as("the patch has 4 pixels").isLessThan(5);
    byte[] mask = finding.pictures().firstEntry().getValue().bytes();
    for (int j = 0; j < SIDE * SIDE; j++) {
      if (Byte.toUnsignedInt(mask[j]) > 100) {
        assertThat(corner(j)).as("pixel " + j + " is in the corner").isTrue();
      }
    }
  }

  @Test
  void anomaliesAreMedianAbsoluteDeviationsBelowTheMedian() {
    // Median 4; deviations 3, 1, 0, 1, 2 with median 1.
    assertThat(NeuralCleanse.anomalies(1, 3, 4, 5, 6))
        .containsExactly(
            new double[] {3 / 1.4826, 1 / 1.4826, 0, -1 / 1.4826, -2 / 1.4826}, within(1e-12));
    assertThat(NeuralCleanse.flagged(2.01)).isTrue();
    assertThat(NeuralCleanse.flagged(-9)).as("a large patch").isFalse();
  }

  @Test
  void stripFlagsImagesWhosePredictionSurvivesOverlays() {
    Finding finding = find(new Strip(), new Strip.Parameters(50, 1, 0.01));
    assertThat(auroc(finding)).isGreaterThan(0.99);
    assertThat(flagged(finding, true)).isGreaterThan(0.9);
    assertThat(flagged(finding, false)).isLessThan(0.05);
  }

  @Test
  void spectralSignaturesFlagImagesFarOutInTheirClass() {
    Finding finding = find(new SpectralSignatures(), new SpectralSignatures.Parameters(85));
    assertThat(auroc(finding)).isGreaterThan(0.99);
    int inClassZero =
        (int) IntStream.range(0, IMAGES).filter(i -> i % CLASSES == 0 || poisoned(i)).count();
    long flagged =
        IntStream.range(0, IMAGES)
            .filter(i -> (i % CLASSES == 0 || poisoned(i)) && finding.flagged().get(i))
            .count();
    assertThat((double) flagged / inClassZero).isCloseTo(0.15, within(0.03));
  }

  @Test
  void percentilesLieBetweenNeighboursAsInNumpy() {
    double[] values = {4, 1, 3, 2};
    assertThat(SpectralSignatures.percentile(values, 50)).isEqualTo(2.5);
    assertThat(SpectralSignatures.percentile(values, 85)).isCloseTo(3.55, within(1e-12));
    assertThat(SpectralSignatures.percentile(values, 100)).isEqualTo(4);
  }

  @Test
  void activationClusteringFindsThePoisonedClusterOfItsClass() {
    Finding finding =
        find(new ActivationClustering(), new ActivationClustering.Parameters(10, 0.4, 0.5));
    assertThat(auroc(finding)).isGreaterThan(0.99);
    assertThat(flagged(finding, true)).isEqualTo(1);
    assertThat(flagged(finding, false)).isZero();
    assertThat(value(finding, "silhouette", 0))
        .isGreaterThan(value(finding, "silhouette", 1) + 0.2);
  }

  @Test
  void principalComponentsAreTheLongestAxes() {
    double[][] rows = {{3, 0, 1}, {-3, 0, -1}, {0, 0.5, 0}, {0, -0.5, 0}};
    double[][] found = PrincipalComponents.of(rows, 2);
    assertThat(Math.abs(found[0][0])).isCloseTo(Math.sqrt(10), within(1e-12));
    assertThat(found[0][0]).isCloseTo(-found[1][0], within(1e-12));
    assertThat(Math.abs(found[2][1])).isCloseTo(0.5, within(1e-12));
    assertThat(found[0][1]).isCloseTo(0, within(1e-12));
  }

  @Test
  void theSilhouetteIsThatOfItsDefinition() {
    double[][] points = {{0}, {1}, {10}, {11}, {12}};
    TwoMeans clusters = TwoMeans.of(points, Randomness.of(1).stream("c"));
    assertThat(clusters.second()).containsExactly(true, true, false, false, false);
    // a and b by hand: 1 and 11, 1 and 10, 1.5 and 9.5, 1 and 10.5, 1.5 and 11.5.
    double expected = (10.0 / 11 + 0.9 + 8 / 9.5 + 9.5 / 10.5 + 10 / 11.5) / 5;
    assertThat(clusters.silhouette(points)).isCloseTo(expected, within(1e-12));
  }
}
