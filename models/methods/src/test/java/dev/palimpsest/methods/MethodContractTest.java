package dev.palimpsest.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Adam;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Sam;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.detectors.Detection;
import dev.palimpsest.methods.detectors.Detector;
import dev.palimpsest.methods.detectors.Finding;
import dev.palimpsest.methods.learners.Learner;
import dev.palimpsest.methods.measures.AccuracyMatrix;
import dev.palimpsest.methods.measures.Measure;
import dev.palimpsest.methods.measures.Outcome;
import dev.palimpsest.methods.measures.StageMeasure;
import dev.palimpsest.methods.measures.StreamMeasure;
import dev.palimpsest.methods.networks.Network;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What every registered method must keep to, whoever adds it. */
class MethodContractTest {
  private static final Methods METHODS = Methods.load();

  /** More than a detector reads in one step. */
  private static final int SUSPECTS = 520;

  private static Stream<DynamicTest> each(Kind kind, Consumer<Method<?>> check) {
    return METHODS.all(kind).stream()
        .map(method -> DynamicTest.dynamicTest(method.name(), () -> checked(method, check)));
  }

  /** Reports of a build number the tests of a factory, so each failure names its method. */
  private static void checked(Method<?> method, Consumer<Method<?>> check) {
    try {
      check.accept(method);
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(
          method.kind().label() + " '" + method.name() + "': " + e.getMessage(), e);
    }
  }

  @Test
  void theMethodsOfThisModuleAreRegistered() {
    List<String> names = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      METHODS.all(kind).forEach(method -> names.add(kind.label() + " " + method.name()));
    }
    assertThat(names)
        .contains(
            "network preact-resnet-18",
            "network resnet-18",
            "network resnet-20",
            "network resnet-small",
            "network vgg-11-bn",
            "network vgg-16-bn",
            "attack badnets",
            "attack blended",
            "attack input-aware",
            "attack label-consistent",
            "attack low-frequency",
            "attack sig",
            "attack wanet",
            "defence ft",
            "defence ft-sam",
            "defence nad",
            "defence fst",
            "defence super-ft",
            "defence fine-pruning",
            "defence clp",
            "defence anp",
            "defence i-bau",
            "detector neural-cleanse",
            "detector strip",
            "detector spectral-signatures",
            "detector activation-clustering",
            "learner naive",
            "learner ewc",
            "learner joint",
            "learner online-ewc",
            "learner si",
            "learner mas",
            "learner lwf",
            "learner packnet",
            "learner er",
            "learner er-ace",
            "learner a-gem",
            "learner der",
            "learner derpp",
            "learner icarl",
            "learner cls-er",
            "measure clean-accuracy",
            "measure attack-success-rate",
            "measure robust-accuracy",
            "measure defence-effectiveness",
            "measure linear-interpolation",
            "measure loss-landscape",
            "measure retuning",
            "measure sharpness");
  }

  @Test
  void aPaperHasOneEntryWhichBibtexReads() {
    var entries = new TreeMap<String, String>();
    for (Kind kind : Kind.values()) {
      for (Method<?> method : METHODS.all(kind)) {
        String entry = method.citation().bibtex();
        assertThat(entries.merge(method.citation().key(), entry, (first, second) -> first))
            .as("the entry that %s cites", method.name())
            .isEqualTo(entry);
        assertThat(entry).doesNotContainPattern("(?<!\\\\)[&%$#_]").endsWith("}\n");
        assertThat(entry.chars().filter(c -> c == '{').count())
            .isEqualTo(entry.chars().filter(c -> c == '}').count());
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> everyMethodIsNamedDescribedAndCited() {
    return Arrays.stream(Kind.values())
        .flatMap(kind ->
            each(
                kind,
                method -> {
                  assertThat(method.kind()).isEqualTo(kind);
                  assertThat(method.name()).matches("[a-z][a-z0-9]*(-[a-z0-9]+)*");
                  assertThat(method.summary()).endsWith(".");
                  assertThat(method.citation().key()).matches("[a-z]+[0-9]{4}[a-z0-9]*");
                  assertThat(method.citation().text()).matches("(?s).+\\d{4}\\.");
                  assertThat(method.citation().bibtex())
                      .startsWith("@")
                      .contains("{" + method.citation().key() + ",")
                      .contains("author = {", "title = {", "year = {");
                }));
  }

  @TestFactory
  Stream<DynamicTest> everyMethodsParametersHaveDefaultsAndRoundTripThroughJson() {
    return Arrays.stream(Kind.values()).flatMap(kind -> each(kind, method -> roundTrip(method)));
  }

  private static <P extends Record> void roundTrip(Method<P> method) {
    P defaults = Samples.defaults(method);
    JsonNode json = Json.tree(defaults);
    P again = Json.read(method.name(), json, method.parameters());
    assertThat(again).isEqualTo(defaults);
    assertThat(Json.tree(again)).isEqualTo(json);
  }

  @TestFactory
  Stream<DynamicTest> everyNetworkIsDrawnFromItsSeedAndPredictsAndLearns() {
    return each(Kind.NETWORK, method -> network((Network<?>) method));
  }

  private static <P extends Record> void network(Network<P> network) {
    Forward forward = network.forward(Samples.defaults(network), Samples.CLASSES);
    try (Compute compute = Compute.open("cpu", 1);
        Images images = Samples.images(compute)) {
      int before = compute.liveArrays();
      try (Net one = Samples.net(compute, forward, Randomness.of(1));
          Net two = Samples.net(compute, forward, Randomness.of(1));
          Net other = Samples.net(compute, forward, Randomness.of(2));
          Scope scope = Scope.open()) {
        assertThat(one.weights().toFloatArray()).isEqualTo(two.weights().toFloatArray());
        assertThat(one.weights().toFloatArray()).isNotEqualTo(other.weights().toFloatArray());
        Batch batch = images.batch(Precision.F32, 0, 1, 2, 3, 4, 5);
        float[] pixels = batch.images().toFloatArray();
        NDArray logits = one.forward(Mode.EVAL, batch.images()).logits();
        assertThat(logits.getShape().getShape()).containsExactly(6, Samples.CLASSES);
        assertThat(one.forward(Mode.EVAL, batch.images()).embedding().getShape().get(0))
            .isEqualTo(6);
        Net.Objective objective = (out, weights) -> Ops.crossEntropy(out.logits(), batch.labels());
        var gradient = one.gradient(Mode.TRAIN, batch.images(), objective);
        double norm = Ops.norm(gradient.vector());
        one.weights().subi(gradient.vector().mul(1e-3 / (norm * norm)));
        assertThat(one.gradient(Mode.TRAIN, batch.images(), objective).value())
            .as("the loss after a step along the gradient")
            .isLessThan(gradient.value());
        assertThat(batch.images().toFloatArray()).as("the images").isEqualTo(pixels);
        two.load(one.state());
        assertThat(two.weights().toFloatArray()).isEqualTo(one.weights().toFloatArray());
      }
      assertThat(compute.liveArrays()).as("arrays, all that were made closed").isEqualTo(before);
    }
  }

  private static void assertSame(Tensors actual, Tensors expected) {
    assertThat(actual.tensors().keySet()).isEqualTo(expected.tensors().keySet());
    expected
        .tensors()
        .forEach((name, tensor) ->
            assertThat(actual.get(name).data().equals(tensor.data()))
                .as("tensor '%s' has the same bytes again", name)
                .isTrue());
  }

  @TestFactory
  Stream<DynamicTest> everyDetectorFindsTheSameForTheSameSeedAlsoWhenInterrupted() {
    return each(Kind.DETECTOR, method -> detector((Detector<?>) method));
  }

  private static <P extends Record> void detector(Detector<P> detector) {
    Finding first = found(detector, false);
    Finding again = found(detector, true);
    assertThat(again.scores()).isEqualTo(first.scores());
    assertThat(again.flagged()).isEqualTo(first.flagged());
    assertThat(again.byClass()).isEqualTo(first.byClass());
    assertSame(new Tensors(again.pictures(), Map.of()), new Tensors(first.pictures(), Map.of()));
    assertThat(first.scores())
        .hasSize(detector.subject() == Detector.Subject.CLASSES ? Samples.CLASSES : SUSPECTS);
    first.byClass().forEach((name, values) -> assertThat(values).as(name).hasSize(Samples.CLASSES));
    assertThat(detector.images()).isNotEmpty();
    try (Compute compute = Compute.open("cpu", 1);
        Net net = Samples.net(compute)) {
      assertThatThrownBy(() ->
              detector.start(
                  Samples.defaults(detector),
                  net,
                  new Detector.Evidence(Optional.empty(), Optional.empty()),
                  Randomness.of(1)))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining("detector '" + detector.name() + "' needs");
    }
  }

  /**
   * What a detector finds; if interrupted, after a change of objects behind its middle, where a
   * search by classes is within one of them.
   */
  private static <P extends Record> Finding found(Detector<P> detector, boolean interrupted) {
    P parameters = Samples.defaults(detector);
    try (Compute compute = Compute.open("cpu", 1);
        Images images = Samples.images(compute);
        Images suspects = Samples.images(compute, SUSPECTS);
        Net net = Samples.net(compute)) {
      int before = compute.liveArrays();
      Tensors state = net.state();
      var evidence = new Detector.Evidence(Optional.of(images), Optional.of(suspects));
      Optional<Tensors> saved = Optional.empty();
      if (interrupted) {
        try (Detection work = detector.start(parameters, net, evidence, Randomness.of(1))) {
          assertThat(work.total()).as("steps, to be interrupted between").isGreaterThan(1);
          while (work.done() < Math.min(work.total() - 1, work.total() / 2 + 3)) {
            work.step();
          }
          saved = Optional.of(work.state());
        }
      }
      try (Detection work = detector.start(parameters, net, evidence, Randomness.of(1))) {
        saved.ifPresent(work::restore);
        while (!work.finished()) {
          work.step();
        }
        Finding finding = work.finding();
        assertSame(net.state(), state);
        return finding;
      } finally {
        assertThat(compute.liveArrays()).as("arrays, all that were made closed").isEqualTo(before);
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> everyLearnerLearnsTwoTasksTheSameWayTwiceAndGoesOnFromASavedState() {
    return each(Kind.LEARNER, method -> learner((Learner<?>) method));
  }

  /** Two tasks of the sample images: lesson, consolidation, recall; the first one interrupted. */
  private static <P extends Record> void learner(Learner<P> learner) {
    assertGoesOn(interrupted -> LearnerRun.of(learner, interrupted));
  }

  private static void assertGoesOn(Function<Boolean, LearnerRun> run) {
    var whole = run.apply(false);
    var interrupted = run.apply(true);
    assertSame(interrupted.network(), whole.network());
    assertSame(interrupted.memory().tensors(), whole.memory().tensors());
    assertThat(interrupted.scores()).isEqualTo(whole.scores()).doesNotContain(Double.NaN);
    assertThat(whole.arraysLeft()).as("arrays, all that were made closed").isZero();
  }

  @TestFactory
  Stream<DynamicTest> everyLearnerLearnsWithSamWithAdamAndWithAGrowingClassifier() {
    return each(Kind.LEARNER, method -> ways((Learner<?>) method));
  }

  private static <P extends Record> void ways(Learner<P> learner) {
    var adam = LearnerRun.Way.of(Adam.Settings.of(0.001));
    var sam = adam.recipe().with(new Sam(0.05, false));
    for (boolean growing : learner.headsMayGrow() ? List.of(false, true) : List.of(false)) {
      var way = new LearnerRun.Way(sam, growing);
      assertGoesOn(
          interrupted -> LearnerRun.of(learner, Samples.defaults(learner), way, interrupted));
    }
  }

  @TestFactory
  Stream<DynamicTest> everyLearnerThatMeasuresAfterwardsLearnsTheSameClassesAgainAsInSbl() {
    return METHODS.all(Kind.LEARNER).stream()
        .map(method -> (Learner<?>) method)
        .filter(learner -> !learner.measuresInTraining())
        .map(learner ->
            DynamicTest.dynamicTest(
                learner.name(), () -> checked(learner, method -> further((Learner<?>) method))));
  }

  private static void further(Learner<?> learner) {
    assertGoesOn(interrupted -> LearnerRun.further(learner, interrupted));
  }

  @TestFactory
  Stream<DynamicTest> everyMeasureIsAFractionOfTheOutcome() {
    return each(
        Kind.MEASURE,
        method -> {
          switch (method) {
            case Measure<?> measure -> measure(measure);
            case StreamMeasure<?> measure -> streamMeasure(measure);
            case StageMeasure<?> measure -> {}
            default -> throw new AssertionError("is a measure of nothing known");
          }
        });
  }

  private static <P extends Record> void measure(Measure<P> measure) {
    P parameters = Samples.defaults(measure);
    var outcome =
        Outcome.of(
            new long[] {0, 1, 2, 1},
            new int[] {0, 1, 1, 2},
            new int[] {0, 0, 2, 0},
            new long[] {0, 0, 0});
    OptionalDouble value = measure.of(parameters, outcome);
    assertThat(value).isPresent();
    assertThat(value.getAsDouble()).isBetween(0.0, 1.0);
    assertThat(measure.of(parameters, outcome)).isEqualTo(value);
  }

  private static <P extends Record> void streamMeasure(StreamMeasure<P> measure) {
    P parameters = Samples.defaults(measure);
    var matrix =
        new AccuracyMatrix(
            List.of(List.of(0.9), List.of(0.4, 0.8)),
            Optional.of(new AccuracyMatrix.Ahead(List.of(0.6), List.of(0.5))));
    OptionalDouble value = measure.of(parameters, matrix);
    assertThat(value).isPresent();
    assertThat(value.getAsDouble()).isBetween(-1.0, 1.0);
    assertThat(measure.of(parameters, matrix)).isEqualTo(value);
  }
}
