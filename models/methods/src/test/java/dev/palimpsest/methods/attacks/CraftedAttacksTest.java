package dev.palimpsest.methods.attacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Sam;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Training;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Triggers made against a network that knows which quarter of an image is bright. */
class CraftedAttacksTest {
  private static final int CLASSES = 4;
  private static final int IMAGES = 80;
  private static final int SIDE = 8;
  private static final int[] ALL = IntStream.range(0, IMAGES).toArray();

  private Compute compute;
  private Images data;
  private Net net;

  @BeforeEach
  void train() {
    compute = Compute.open("cpu", 1);
    data = data();
    net = Net.drawn(compute, Precision.F32, Samples.resnet(), Randomness.of(5), 1, SIDE, SIDE);
    Recipe recipe = Recipe.of(6, 20, Sgd.Settings.of(0.05, 0.9, 0));
    try (Training training = Training.of(net, data, recipe, Randomness.of(1))) {
      while (!training.finished()) {
        training.step();
      }
    }
  }

  @AfterEach
  void close() {
    net.close();
    data.close();
    compute.close();
  }

  private Images data() {
    RandomStream stream = Randomness.of(1).stream("images");
    byte[] bytes = new byte[IMAGES * SIDE * SIDE];
    long[] labels = new long[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
      labels[i] = i % CLASSES;
      for (int j = 0; j < SIDE * SIDE; j++) {
        int quarter = j / SIDE / (SIDE / 2) * 2 + j % SIDE / (SIDE / 2);
        bytes[i * SIDE * SIDE + j] = (byte) ((quarter == labels[i] ? 120 : 60) + stream.below(60));
      }
    }
    return Images.of(
        compute, Tensor.of(bytes, IMAGES, 1, SIDE, SIDE), Tensor.of(labels, IMAGES), CLASSES);
  }

  private static PoisonPlan.Aim aim(
      double rate, Labelling labelling, Timing timing, long... labels) {
    return new PoisonPlan.Aim(rate, 1, labelling, timing, labels, CLASSES);
  }

  private <P extends Record> Crafted crafted(
      CraftedAttack<P> attack, P parameters, PoisonPlan.Aim aim, int... chosen) {
    try (Crafting work = attack.craft(parameters, net, data, aim, chosen, Randomness.of(3))) {
      while (!work.finished()) {
        work.step();
      }
      return work.crafted();
    }
  }

  private double loss(NDArray images, NDArray labels) {
    NDArray logits = net.forward(Mode.EVAL, images).logits();
    return Ops.crossEntropy(logits, labels).getFloat();
  }

  @ParameterizedTest
  @EnumSource(LabelConsistent.Norm.class)
  void labelConsistentSamplesAreHarderAndStayWithinTheBound(LabelConsistent.Norm norm) {
    double epsilon = norm == LabelConsistent.Norm.L2 ? 150 : 20;
    var parameters = new LabelConsistent.Parameters(norm, epsilon, 20, 8, 0.5, true);
    PoisonPlan.Aim aim = aim(0.5, Labelling.CLEAN, Timing.STATIC, data.labels());
    int[] chosen = aim.chosen(Randomness.of(3));
    assertThat(chosen).hasSize(10);
    Crafted crafted = crafted(new LabelConsistent(), parameters, aim, chosen);
    PoisonPlan plan = PoisonPlan.of(new LabelConsistent(), parameters, aim, chosen, crafted);
    try (Scope scope = Scope.open();
        Poison poison = Poison.of(plan, Methods.load(), compute, Precision.F32)) {
      Batch clean = data.batch(Precision.F32, chosen);
      NDArray moved = compute.array(crafted.images().orElseThrow(), Precision.F32).div(255);
      double before = loss(clean.images(), clean.labels());
      assertThat(loss(moved, clean.labels())).isGreaterThan(before + 0.5);
      for (int i = 0; i < chosen.length; i++) {
        NDArray change = moved.get(i).sub(clean.images().get(i)).mul(255);
        double size =
            norm == LabelConsistent.Norm.L2
                ? Math.sqrt(change.square().sum().getFloat())
                : change.abs().max().getFloat();
        // Bytes are rounded: at most half a step in each of 64 pixels.
        assertThat(size).isBetween(0.8 * epsilon, epsilon + 4);
      }
      Batch poisoned = poison.beforeAugmentation(data.batch(Precision.F32, ALL), ALL);
      NDArray patched = poison.triggered(moved);
      for (int i = 0; i < chosen.length; i++) {
        assertThat(poisoned.images().get(chosen[i]).toFloatArray())
            .isEqualTo(patched.get(i).toFloatArray());
      }
      assertThat(poisoned.labels().toLongArray()).isEqualTo(data.labels());
    }
  }

  @Test
  void theLabelConsistentPatchIsMirroredIntoAllCorners() {
    var all = new LabelConsistent.Parameters(LabelConsistent.Norm.L2, 1, 1, 1, 1, true);
    float[] pattern = LabelConsistent.trigger(all, 1, 6, 7).get("pattern").floats();
    assertThat(pattern)
        .containsExactly(
            1, -1, -1, 0, -1, -1, 1, //
            -1, 1, -1, 0, -1, 1, -1, //
            1, -1, 1, 0, 1, -1, 1, //
            1, -1, -1, 0, -1, -1, 1, //
            -1, 1, -1, 0, -1, 1, -1, //
            1, -1, 1, 0, 1, -1, 1);
    var one = new LabelConsistent.Parameters(LabelConsistent.Norm.L2, 1, 1, 1, 0.5, false);
    float[] corner = LabelConsistent.trigger(one, 1, 6, 7).get("pattern").floats();
    for (int i = 0; i < corner.length; i++) {
      boolean inside = i / 7 >= 3 && i % 7 >= 4;
      assertThat(corner[i]).isEqualTo(inside ? pattern[i] / 2 : 0);
    }
  }

  @Test
  void theLowFrequencyPerturbationIsSmoothAndLeadsTheNetworkToTheTarget() {
    var parameters = new LowFrequency.Parameters(2, 0.3, 15, 20, 0.02);
    PoisonPlan.Aim aim = aim(0.1, Labelling.ALL_TO_ONE, Timing.DYNAMIC, data.labels());
    float[] pattern =
        crafted(new LowFrequency(), parameters, aim).trigger().get("pattern").floats();
    double[] sorted =
        IntStream.range(0, pattern.length).mapToDouble(i -> pattern[i]).sorted().toArray();
    assertThat(sorted[0]).isCloseTo(0, within(1e-6));
    assertThat(sorted[sorted.length - 1]).isCloseTo(0.3, within(1e-6));
    // White noise has 1.75.
    assertThat(roughness(pattern)).isLessThan(0.25);
    float[] mirrored = new float[pattern.length];
    for (int i = 0; i < pattern.length; i++) {
      mirrored[i] = pattern[i - i % SIDE + SIDE - 1 - i % SIDE];
    }
    assertThat(toTarget(pattern)).isLessThan(toTarget(new float[pattern.length]) - 1);
    assertThat(toTarget(pattern)).isLessThan(toTarget(mirrored) - 1);
  }

  /** The squared steps between neighbours of a row, by the squared distances from the mean. */
  private static double roughness(float... pattern) {
    double mean =
        IntStream.range(0, pattern.length).mapToDouble(i -> pattern[i]).average().orElseThrow();
    double variance = 0;
    double steps = 0;
    for (int i = 0; i < pattern.length; i++) {
      variance += (pattern[i] - mean) * (pattern[i] - mean);
      steps += i % SIDE == 0 ? 0 : Math.pow(pattern[i] - pattern[i - 1], 2);
    }
    return steps / variance;
  }

  /** The network's loss at the target class under a perturbation. */
  private double toTarget(float... pattern) {
    try (Scope scope = Scope.open()) {
      NDArray perturbed =
          data.batch(Precision.F32, ALL)
              .images()
              .add(compute.array(Tensor.of(pattern, 1, SIDE, SIDE)))
              .clip(0, 1);
      long[] target = new long[IMAGES];
      Arrays.fill(target, 1);
      return loss(perturbed, compute.array(target));
    }
  }

  @Test
  void generatorsKeepTheSizeOfTheImages() {
    for (int side : new int[] {8, 9, 28, 32}) {
      for (int channels : new int[] {1, 3}) {
        try (Net generator =
                Net.drawn(
                    compute,
                    Precision.F32,
                    new TriggerGenerator(channels),
                    Randomness.of(1),
                    channels,
                    side,
                    side + 2);
            Scope scope = Scope.open()) {
          NDArray images = compute.manager().ones(new Shape(2, channels, side, side + 2));
          NDArray out = generator.forward(Mode.EVAL, images).logits();
          assertThat(out.getShape()).isEqualTo(images.getShape());
          assertThat(out.min().getFloat()).isNotNegative();
          assertThat(out.max().getFloat()).isLessThanOrEqualTo(1);
        }
      }
    }
    // Three channels of 32x32: what the published layers sum to.
    assertThat(parameters(3, 32)).isEqualTo(723_273);
  }

  private int parameters(int channels, int side) {
    try (Net generator =
        Net.drawn(
            compute,
            Precision.F32,
            new TriggerGenerator(channels),
            Randomness.of(1),
            channels,
            side,
            side)) {
      return generator.size();
    }
  }

  @Test
  void theMaskTrainingsLossIsThatOfThePaper() {
    try (Scope scope = Scope.open()) {
      NDArray images = compute.array(Tensor.of(new double[] {0, 0.5, 1, 1}, 2, 1, 1, 2));
      NDArray others = compute.array(Tensor.of(new double[] {0.3, 0.1, 1, 0}, 2, 1, 1, 2));
      NDArray masks = compute.array(Tensor.of(new double[] {0.2, 0.2, 0.5, 0.1}, 2, 1, 1, 2));
      NDArray otherMasks = compute.array(Tensor.of(new double[] {0.1, 0.4, 0.5, 0.9}, 2, 1, 1, 2));
      double first = Math.sqrt((0.09 + 0.16) / 2) / Math.sqrt((0.01 + 0.04) / 2);
      double second = Math.sqrt(0.5) / Math.sqrt(0.32);
      assertThat(GeneratorTraining.likeness(images, others, masks, otherMasks).getDouble())
          .isCloseTo((first + second) / 2, within(1e-9));
      NDArray outputs = compute.array(Tensor.of(new double[] {0.4, 0.5, 0.75}, 3));
      assertThat(InputAware.threshold(outputs).toDoubleArray())
          .containsExactly(
              new double[] {Math.tanh(-2) / (2 + 1e-7) + 0.5, 0.5, Math.tanh(5) / (2 + 1e-7) + 0.5},
              within(1e-12));
    }
    assertThat(GeneratorTraining.rate(1, 9, 25, 0.4, 0.8)).isEqualTo(1);
    assertThat(GeneratorTraining.rate(1, 10, 25, 0.4, 0.8)).isEqualTo(0.1);
    assertThat(GeneratorTraining.rate(1, 20, 25, 0.4, 0.8)).isCloseTo(0.01, within(1e-15));
  }

  @Test
  void anInputAwareTriggerWorksOnItsOwnImageAndNotOnOthers() {
    var parameters = new InputAware.Parameters(1, 100, 0.032, 1, 10, 0.01);
    PoisonPlan.Aim aim = aim(0.2, Labelling.ALL_TO_ONE, Timing.DYNAMIC, data.labels());
    Recipe recipe =
        Recipe.of(40, 20, Sgd.Settings.of(0.02, 0.9, 5e-4)).with(new Augmentation(1, false));
    try (Net fresh =
            Net.drawn(compute, Precision.F32, Samples.resnet(), Randomness.of(6), 1, SIDE, SIDE);
        Crafting work =
            new InputAware().train(parameters, fresh, data, recipe, aim, Randomness.of(3))) {
      while (!work.finished()) {
        work.step();
      }
      try (Scope scope = Scope.open();
          Stamp stamp = new InputAware().stamp(work.crafted().trigger(), compute, Precision.F32)) {
        Batch batch = data.batch(Precision.F32, ALL);
        NDArray crossed = stamp.cover(batch.images(), ALL, Randomness.of(1).stream("cross"));
        assertThat(share(fresh, batch.images(), OptionalInt.empty())).isGreaterThan(0.9);
        assertThat(share(fresh, stamp.apply(batch.images()), OptionalInt.of(1))).isGreaterThan(0.9);
        // A trigger that works on any image would leave the target's own quarter.
        assertThat(share(fresh, crossed, OptionalInt.empty())).isGreaterThan(0.45);
      }
    }
  }

  /** SAM asks for the loss twice; it moves the network's weights between, not the generator's. */
  @Test
  void aStepMovesTheGeneratorsStatisticsOnceAlsoUnderSam() {
    Recipe plain = Recipe.of(2, 20, Sgd.Settings.of(0.01, 0.9, 0));
    Tensors moved = patternAfterOneStep(plain);
    Tensors underSam = patternAfterOneStep(plain.with(new Sam(0.05, false)));
    List<String> statistics =
        moved.tensors().keySet().stream().filter(name -> name.contains("running_")).toList();
    assertThat(statistics).isNotEmpty();
    for (String name : statistics) {
      assertThat(underSam.get(name).data()).as(name).isEqualTo(moved.get(name).data());
    }
  }

  private Tensors patternAfterOneStep(Recipe recipe) {
    var parameters = new InputAware.Parameters(1, 100, 0.032, 1, 1, 0.01);
    PoisonPlan.Aim aim = aim(0.2, Labelling.ALL_TO_ONE, Timing.DYNAMIC, data.labels());
    try (Net fresh =
            Net.drawn(compute, Precision.F32, Samples.resnet(), Randomness.of(6), 1, SIDE, SIDE);
        Crafting work =
            new InputAware().train(parameters, fresh, data, recipe, aim, Randomness.of(3))) {
      while (work.done() <= IMAGES / 20) {
        work.step();
      }
      var pattern = new Tensors.Builder();
      work.state()
          .tensors()
          .forEach((name, tensor) -> {
            if (name.contains("pattern.")) {
              pattern.put(name, tensor);
            }
          });
      return pattern.build();
    }
  }

  /** The share of images that are taken for a class, or for their own. */
  private double share(Net network, NDArray images, OptionalInt wanted) {
    long[] answers = network.forward(Mode.EVAL, images).logits().argMax(1).toLongArray();
    long[] labels = data.labels();
    return IntStream.range(0, IMAGES)
            .filter(i -> answers[i] == (wanted.isPresent() ? wanted.getAsInt() : labels[i]))
            .count()
        / (double) IMAGES;
  }
}
