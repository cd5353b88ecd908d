package dev.palimpsest.methods.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Json;
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
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensors;
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
        .map(method -> DynamicTest.dynamicTest(method.name(), () -> keepsTo((Attack<?>) method)));
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
      try (Poison poison = Poison.of(PoisonPlan.of(plan), METHODS, compute, Precision.F32);
          Scope scope = Scope.open()) {
        int[] all = IntStream.range(0, Samples.IMAGES).toArray();
        Batch batch = images.batch(Precision.F32, all);
        NDArray clean = batch.images();
        float[] pixels = clean.toFloatArray();
        float[] triggered = poison.triggered(clean).toFloatArray();
        assertThat(triggered).as(attack.name()).isNotEqualTo(pixels);
        assertThat(poison.triggered(clean).toFloatArray()).isEqualTo(triggered);
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
        assertThat(clean.toFloatArray()).as("the images").isEqualTo(pixels);
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
