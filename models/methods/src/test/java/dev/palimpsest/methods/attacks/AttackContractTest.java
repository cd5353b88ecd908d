package dev.palimpsest.methods.attacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Field;
import dev.palimpsest.spec.Fields;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What every registered attack must keep to, whoever adds it. */
class AttackContractTest {
  private static final Methods METHODS = Methods.load();

  /** No attack of the quick parameters takes more. */
  private static final long STEPS = 8;

  /** Channels, height and width of images that studies have, and of some that are not square. */
  private static final List<List<Integer>> SHAPES =
      List.of(List.of(1, 28, 28), List.of(3, 32, 32), List.of(3, 8, 12));

  /** Fewer epochs and steps than by default, where an attack has such a parameter. */
  private static <P extends Record> P quick(Attack<P> attack) {
    var json = Json.object();
    for (String name : new String[] {"maskEpochs", "epochs", "steps"}) {
      if (Json.tree(Samples.defaults(attack)).has(name)) {
        json.put(name, 2);
      }
    }
    return METHODS.bind(attack, new Choice(attack.name(), json));
  }

  @TestFactory
  Stream<DynamicTest> everyAttackMakesThePlanOfItsSeedAlsoWhenInterruptedAndLeavesImagesAlone() {
    return METHODS.all(Kind.ATTACK).stream()
        .map(method -> named(method.name(), () -> keepsTo((Attack<?>) method)));
  }

  /** Reports of a build number the tests of a factory, so each failure tells its name. */
  private static DynamicTest named(String name, Runnable check) {
    return DynamicTest.dynamicTest(
        name,
        () -> {
          try {
            check.run();
          } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(name + ": " + e.getMessage(), e);
          }
        });
  }

  private static <P extends Record> void keepsTo(Attack<P> attack) {
    Tensors plan = plan(attack, 1, 0);
    assertSame(attack.name(), plan(attack, 1, 0), plan);
    if (!(attack instanceof DrawnAttack)) {
      for (long stop = 1; stop < STEPS; stop++) {
        assertSame(attack.name() + " after step " + stop, plan(attack, 1, stop), plan);
      }
    }
    assertSame(attack.name(), PoisonPlan.of(plan).toTensors(), plan);
    try (Compute compute = Compute.open("cpu", 1);
        Images images = Samples.images(compute)) {
      int before = compute.liveArrays();
      // A process that was restarted has other objects.
      try (Poison poison = Poison.of(PoisonPlan.of(plan), Methods.load(), compute, Precision.F32);
          Scope scope = Scope.open()) {
        int[] all = IntStream.range(0, Samples.IMAGES).toArray();
        Batch batch = images.batch(Precision.F32, all);
        NDArray clean = batch.images();
        float[] pixels = clean.toFloatArray();
        float[] triggered = poison.triggered(clean).toFloatArray();
        assertSame("the images", clean.toFloatArray(), pixels);
        assertThat(Arrays.equals(triggered, pixels)).as("whether there is no trigger").isFalse();
        assertSame("a second time", poison.triggered(clean).toFloatArray(), triggered);
        // Kernels may round otherwise for a batch of another size.
        assertThat(poison.triggered(clean.get("0:1")).toFloatArray())
            .as("an image alone")
            .containsExactly(
                Arrays.copyOf(triggered, triggered.length / Samples.IMAGES), within(1e-5f));
        Batch poisoned =
            poison.afterAugmentation(
                poison.beforeAugmentation(batch, all), all, Randomness.of(1).stream("poison"));
        assertThat(poisoned.images().getShape()).isEqualTo(clean.getShape());
        assertThat(poisoned.poisoned().toBooleanArray()).contains(true).contains(false);
        for (NDArray some : new NDArray[] {poison.triggered(clean), poisoned.images()}) {
          for (float value : some.toFloatArray()) {
            assertThat(value).as(attack.name()).isBetween(0f, 1f);
          }
        }
        assertSame("the images after poisoning", clean.toFloatArray(), pixels);
      }
      assertThat(compute.liveArrays()).as("arrays, all that were made closed").isEqualTo(before);
    }
  }

  /**
   * The plan that the attack makes of the sample images.
   *
   * @param stop the step after which other objects go on from a saved state; 0: none
   */
  private static <P extends Record> Tensors plan(Attack<P> attack, long seed, long stop) {
    P parameters = quick(attack);
    Timing timing = attack.published() == Labelling.CLEAN ? Timing.STATIC : Timing.DYNAMIC;
    var aim =
        new PoisonPlan.Aim(0.3, 1, attack.published(), timing, Samples.labels(), Samples.CLASSES);
    var randomness = Randomness.of(seed);
    if (attack instanceof DrawnAttack<P>) {
      return PoisonPlan.draw(
              attack, parameters, aim, Samples.CHANNELS, Samples.SIDE, Samples.SIDE, randomness)
          .toTensors();
    }
    int[] chosen = aim.chosen(randomness);
    try (Compute compute = Compute.open("cpu", 1);
        Images data = Samples.images(compute)) {
      int before = compute.liveArrays();
      Optional<Tensors> saved = Optional.empty();
      if (stop > 0) {
        try (Net net = Samples.net(compute);
            Crafting work = start(attack, parameters, net, data, aim, chosen, randomness)) {
          while (work.done() < Math.min(stop, work.total() - 1)) {
            work.step();
          }
          saved = Optional.of(work.state());
        }
      }
      Tensors plan;
      try (Net net = Samples.net(compute);
          Crafting work = start(attack, parameters, net, data, aim, chosen, randomness)) {
        float[] weights = net.weights().toFloatArray();
        assertThat(work.total()).isBetween(2L, STEPS);
        saved.ifPresent(work::restore);
        while (!work.finished()) {
          work.step();
        }
        assertThat(work.gradientEvaluations()).isPositive();
        if (attack instanceof CraftedAttack) {
          assertThat(net.weights().toFloatArray()).as("the surrogate").isEqualTo(weights);
        } else {
          assertThat(net.weights().toFloatArray()).as("the network").isNotEqualTo(weights);
        }
        plan = PoisonPlan.of(attack, parameters, aim, chosen, work.crafted()).toTensors();
      }
      assertThat(compute.liveArrays()).as("arrays, all that were made closed").isEqualTo(before);
      return plan;
    }
  }

  private static <P extends Record> Crafting start(
      Attack<P> attack,
      P parameters,
      Net net,
      Images data,
      PoisonPlan.Aim aim,
      int[] chosen,
      Randomness randomness) {
    return switch (attack) {
      case CraftedAttack<P> crafted ->
          crafted.craft(parameters, net, data, aim, chosen, randomness);
      case CoTrainedAttack<P> trained ->
          trained.train(
              parameters,
              net,
              data,
              Recipe.of(2, 10, Sgd.Settings.of(0.01, 0.9, 5e-4)),
              aim,
              randomness);
      default -> throw new AssertionError("is an attack of nothing known");
    };
  }

  private static void assertSame(String what, float[] actual, float[] expected) {
    assertThat(Arrays.mismatch(actual, expected))
        .as("the first value of %s that differs", what)
        .isEqualTo(-1);
  }

  @TestFactory
  Stream<DynamicTest> everyDrawnTriggerFitsImagesOfAnyShape() {
    return drawn().flatMap(AttackContractTest::shapes);
  }

  private static <P extends Record> Stream<DynamicTest> shapes(DrawnAttack<P> attack) {
    return SHAPES.stream()
        .map(shape ->
            named(
                attack.name() + " " + shape,
                () -> stamped(attack, Samples.defaults(attack), shape)));
  }

  @TestFactory
  Stream<DynamicTest> everyDrawnTriggerWorksAtTheEndsOfItsRangesOrSaysWhyNot() {
    return drawn().flatMap(attack -> ends(attack).stream());
  }

  private static Stream<DrawnAttack<?>> drawn() {
    return METHODS.all(Kind.ATTACK).stream()
        .filter(method -> method instanceof DrawnAttack)
        .map(method -> (DrawnAttack<?>) method);
  }

  private static <P extends Record> List<DynamicTest> ends(DrawnAttack<P> attack) {
    var tests = new ArrayList<DynamicTest>();
    for (Field field : Fields.of(attack.parameters())) {
      for (double end : Stream.of(field.min(), field.max()).flatMap(Optional::stream).toList()) {
        JsonNode number = Json.tree(field.type().equals("integer") ? (Object) (int) end : end);
        tests.add(
            named(
                attack.name() + ", " + field.name() + " " + number,
                () -> {
                  try {
                    var json = Json.object().set(field.name(), number);
                    var choice = new Choice(attack.name(), (ObjectNode) json);
                    stamped(attack, METHODS.bind(attack, choice), SHAPES.getFirst());
                  } catch (Mistake e) {
                    assertThat(e).hasMessageEndingWith(".");
                  }
                }));
      }
    }
    return tests;
  }

  /** Draws a trigger, puts it on two images, and looks at what comes out. */
  private static <P extends Record> void stamped(
      DrawnAttack<P> attack, P parameters, List<Integer> shape) {
    int channels = shape.get(0);
    int height = shape.get(1);
    int width = shape.get(2);
    Tensors trigger =
        attack.draw(parameters, channels, height, width, Randomness.of(1).stream("trigger"));
    try (Compute compute = Compute.open("cpu", 1);
        Stamp stamp = attack.stamp(trigger, compute, Precision.F32);
        Scope scope = Scope.open()) {
      double[] values = new double[2 * channels * height * width];
      Arrays.setAll(values, i -> i % 7 / 6.0);
      NDArray images = compute.array(Tensor.of(values, 2, channels, height, width), Precision.F32);
      NDArray stamped = stamp.apply(images);
      assertThat(stamped.getShape()).isEqualTo(images.getShape());
      for (float value : stamped.toFloatArray()) {
        assertThat(value).isBetween(0f, 1f);
      }
    }
  }

  private static void assertSame(String attack, Tensors actual, Tensors expected) {
    assertThat(actual.metadata()).as(attack).isEqualTo(expected.metadata());
    assertThat(actual.tensors().keySet()).as(attack).isEqualTo(expected.tensors().keySet());
    expected
        .tensors()
        .forEach((name, tensor) ->
            assertThat(actual.get(name).data())
                .as("%s: tensor '%s' has the same bytes again", attack, name)
                .isEqualTo(tensor.data()));
  }
}
