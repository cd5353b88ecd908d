package dev.palimpsest.methods.defences;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Progress;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.methods.networks.Network;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What every registered defence must keep to, whoever adds it. */
class DefenceContractTest {
  private static final int BATCH = 8;
  private static final String DIVERGED = "the .* (is|are) .*: lower .*\\.";

  private static Stream<DynamicTest> each(Consumer<Defence<?>> check) {
    return Small.all().stream().map(defence -> named(defence.name(), () -> check.accept(defence)));
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

  @TestFactory
  Stream<DynamicTest> killedAfterAnyStepAndResumedItLeavesTheSameBytes() {
    return each(DefenceContractTest::resumed);
  }

  private static <P extends Record> void resumed(Defence<P> defence) {
    var states = new ArrayList<Tensors>();
    Run whole = run(defence, 1, Optional.empty(), states);
    assertThat(states).hasSize((int) whole.steps());
    Run again = run(defence, 1, Optional.empty(), new ArrayList<>());
    assertThat(again.unlike(whole)).as("what differs in a second run").isEmpty();
    for (int i = 0; i < states.size(); i++) {
      Run rest = run(defence, 1, Optional.of(states.get(i)), new ArrayList<>());
      assertThat(rest.unlike(whole)).as("what differs after a restart at step %d", i + 1).isEmpty();
      assertThat(rest.evaluations()).isEqualTo(whole.evaluations());
      rest.last().ifPresent(last -> assertThat(last).isEqualTo(whole.last().orElseThrow()));
    }
    if (whole.evaluations() > 0) {
      assertThat(run(defence, 2, Optional.empty(), new ArrayList<>()).unlike(whole))
          .as("what differs with another seed")
          .isNotEmpty();
    }
  }

  /** How a run ended; {@code last} is what its last step reported, if it made one. */
  private record Run(
      Map<String, ByteBuffer> end, long steps, long evaluations, Optional<Progress> last) {
    /** The parameters that end otherwise than in another run. */
    List<String> unlike(Run other) {
      return end.entrySet().stream()
          .filter(each -> !each.getValue().equals(other.end.get(each.getKey())))
          .map(Map.Entry::getKey)
          .toList();
    }
  }

  /** A run to the end; the states after each of its steps are put into {@code states}. */
  private static <P extends Record> Run run(
      Defence<P> defence, long seed, Optional<Tensors> from, List<Tensors> states) {
    P parameters = Small.parameters(defence, BATCH);
    try (Compute compute = Compute.open("cpu", 1);
        Images clean = Samples.images(compute)) {
      int before = compute.liveArrays();
      Run run;
      try (Net net = Samples.net(compute)) {
        Map<String, ByteBuffer> start = bytes(net);
        // A process that was restarted has other objects.
        Defence<P> loaded = Small.loaded(defence);
        try (Stepwise work = loaded.start(parameters, Small.context(net, clean, seed))) {
          assertThat(bytes(net)).as("the network before the first step").isEqualTo(start);
          from.ifPresent(work::restore);
          Optional<Progress> last = Optional.empty();
          while (!work.finished()) {
            Progress progress = work.step();
            assertThat(progress.done()).isEqualTo(work.done());
            assertThat(progress.total()).isEqualTo(work.total());
            assertThat(progress.epoch()).isBetween(1, progress.epochs());
            last = Optional.of(progress);
            states.add(work.state());
          }
          last.ifPresent(end -> assertThat(end.endsEpoch()).as("measured at the end").isTrue());
          run = new Run(bytes(net), work.done(), work.gradientEvaluations(), last);
        }
      }
      assertThat(compute.liveArrays()).as("arrays, all that were made closed").isEqualTo(before);
      assertUntouched(compute, clean);
      return run;
    }
  }

  private static Map<String, ByteBuffer> bytes(Net net) {
    var bytes = new TreeMap<String, ByteBuffer>();
    net.state().tensors().forEach((name, tensor) -> bytes.put(name, tensor.data()));
    return bytes;
  }

  private static void assertUntouched(Compute compute, Images clean) {
    try (Images untouched = Samples.images(compute);
        Scope scope = Scope.open()) {
      assertThat(clean.labels()).isEqualTo(untouched.labels());
      assertThat(clean.batch(Precision.F32, 0, 7).images().toFloatArray())
          .isEqualTo(untouched.batch(Precision.F32, 0, 7).images().toFloatArray());
    }
  }

  @TestFactory
  Stream<DynamicTest> itDefendsEveryNetworkOfImagesInOneChannel() {
    return Methods.load().all(Kind.NETWORK).stream()
        .flatMap(network ->
            Small.all().stream()
                .map(defence ->
                    named(
                        defence.name() + ", " + network.name(),
                        () -> defends(defence, (Network<?>) network))));
  }

  private static <P extends Record, Q extends Record> void defends(
      Defence<P> defence, Network<Q> network) {
    int side = 16;
    var once = Map.of("epochs", 1.0, "teacherEpochs", 1.0, "rounds", 1.0, "k", 1.0, "steps", 1.0);
    RandomStream draws = Randomness.of(3).stream("images");
    byte[] pixels = new byte[2 * side * side];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) draws.below(256);
    }
    try (Compute compute = Compute.open("cpu", 1);
        Images clean =
            Images.of(
                compute, Tensor.of(pixels, 2, 1, side, side), Tensor.of(new long[] {0, 2}, 2), 3);
        Net net =
            Net.drawn(
                compute,
                Precision.F32,
                network.forward(Samples.defaults(network), 3),
                Randomness.of(4),
                1,
                side,
                side);
        Stepwise work =
            defence.start(
                Small.parameters(defence, 2, once),
                new DefenceContext(
                    net,
                    network.head(),
                    Optional.of(clean),
                    Augmentation.NONE,
                    Randomness.of(5)))) {
      while (!work.finished()) {
        work.step();
      }
      net.requireFinite("after " + defence.name());
    }
  }

  @TestFactory
  Stream<DynamicTest> aNetworkThatDivergedIsRefusedInASentence() {
    return each(DefenceContractTest::refuses);
  }

  private static <P extends Record> void refuses(Defence<P> defence) {
    try (Compute compute = Compute.open("cpu", 1);
        Images clean = Samples.images(compute);
        Net net = Samples.net(compute)) {
      net.load(with(net.state(), "layer1.0.bn1.weight", Float.NaN));
      assertFails(defence, Small.parameters(defence, BATCH), net, clean);
    }
  }

  private static Tensors with(Tensors state, String name, float value) {
    var changed = new Tensors.Builder();
    state
        .tensors()
        .forEach((each, tensor) -> {
          float[] values = each.equals(name) ? tensor.floats() : new float[0];
          Arrays.fill(values, value);
          changed.put(each, each.equals(name) ? Tensor.of(values, tensor.shape()) : tensor);
        });
    return changed.build();
  }

  private static <P extends Record> void assertFails(
      Defence<P> defence, P parameters, Net net, Images clean) {
    try (Stepwise work = defence.start(parameters, Small.context(net, clean, 1))) {
      assertThatThrownBy(
              () -> {
                while (!work.finished()) {
                  work.step();
                }
              })
          .isInstanceOf(Failure.class)
          .hasMessageMatching(DIVERGED);
    }
  }

  @TestFactory
  Stream<DynamicTest> aLearningRateFarTooHighDoesNoHarmOrIsSaidInASentence() {
    return each(DefenceContractTest::tooFast);
  }

  /** The masks of ANP lie in [0,1] at any rate; it takes an infinite disturbance to break them. */
  @Test
  void adversarialNeuronPruningSaysThatItsDisturbanceIsTooGreat() {
    var defence = new AdversarialNeuronPruning();
    try (Compute compute = Compute.open("cpu", 1);
        Images clean = Samples.images(compute);
        Net net = Samples.net(compute)) {
      var parameters = Small.parameters(defence, BATCH, Map.of("epsilon", 1e38));
      assertFails(defence, parameters, net, clean);
    }
  }

  private static <P extends Record> void tooFast(Defence<P> defence) {
    var fast = Map.of("lr", 1e30, "base", 1e30, "high", 1e30, "low", 1e30);
    try (Compute compute = Compute.open("cpu", 1);
        Images clean = Samples.images(compute);
        Net net = Samples.net(compute)) {
      P parameters = Small.parameters(defence, BATCH, fast);
      try (Stepwise work = defence.start(parameters, Small.context(net, clean, 1))) {
        while (!work.finished()) {
          work.step();
        }
      } catch (Failure e) {
        assertThat(e).hasMessageMatching(DIVERGED);
        return;
      }
      net.requireFinite("after " + defence.name());
    }
  }

  @TestFactory
  Stream<DynamicTest> withoutSamplesItWorksOrSaysThatItNeedsThem() {
    return each(DefenceContractTest::alone);
  }

  private static <P extends Record> void alone(Defence<P> defence) {
    P parameters = Small.parameters(defence, BATCH);
    try (Compute compute = Compute.open("cpu", 1);
        Net net = Samples.net(compute)) {
      var context =
          new DefenceContext(net, "linear", Optional.empty(), Augmentation.NONE, Randomness.of(1));
      if (defence.data() == DefenderData.NONE) {
        try (Stepwise work = defence.start(parameters, context)) {
          while (!work.finished()) {
            work.step();
          }
        }
      } else {
        assertThatThrownBy(() -> defence.start(parameters, context))
            .isInstanceOf(Mistake.class)
            .hasMessage(
                "there are no clean samples; expected clean samples with their labels, or a"
                    + " defence that needs none.");
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> aStateOfAnotherWorkIsRefused() {
    return each(defence -> {
      if (defence.data() == DefenderData.CLEAN_SAMPLES) {
        anotherWork(defence);
      }
    });
  }

  /** Batches of another size make another number of steps, and so do other numbers of them. */
  private static <P extends Record> void anotherWork(Defence<P> defence) {
    try (Compute compute = Compute.open("cpu", 1);
        Images clean = Samples.images(compute);
        Net net = Samples.net(compute);
        Stepwise one =
            defence.start(Small.parameters(defence, BATCH), Small.context(net, clean, 1));
        Stepwise other =
            defence.start(
                Small.parameters(defence, 4, Map.of("steps", 6.0)), Small.context(net, clean, 1))) {
      one.step();
      Tensors state = one.state();
      assertThatThrownBy(() -> other.restore(state))
          .isInstanceOf(Mistake.class)
          .hasMessageStartingWith("the saved state belongs to ");
    }
  }

  @Test
  void parametersThatDoNotFitEachOtherAreRefused() {
    assertThatThrownBy(() -> nad("{\"betas\": [1, 2], \"layers\": [\"layer1\"]}"))
        .hasMessageContaining("there are 2 betas and 1 layers; expected one beta a layer.");
    assertThatThrownBy(() -> nad("{\"betas\": [-1]}"))
        .hasMessageContaining("betas has -1.0; expected numbers of at least 0.");
  }

  private static Nad.Parameters nad(String json) {
    return Methods.load()
        .bind(new Nad(), new Choice("nad", Json.read("the choice", json, ObjectNode.class)));
  }

  @Test
  void layersThatTheNetworkHasNotAreRefused() {
    try (Compute compute = Compute.open("cpu", 1);
        Images clean = Samples.images(compute);
        Net net = Samples.net(compute)) {
      DefenceContext context = Small.context(net, clean, 1);
      assertThatThrownBy(
              () -> new Nad().start(nad("{\"betas\": [1], \"layers\": [\"layer4\"]}"), context))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining("feature map of the network 'layer4'");
      assertThatThrownBy(() -> new Nad().start(nad("{\"betas\": [1, 1, 1, 1]}"), context))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining(
              "there are 4 betas; expected at most one for each feature map of the network:"
                  + " layer1, layer2, layer3.");
    }
  }
}
