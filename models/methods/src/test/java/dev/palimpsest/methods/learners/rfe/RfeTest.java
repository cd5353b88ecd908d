package dev.palimpsest.methods.learners.rfe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Poisoner;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Training;
import dev.palimpsest.methods.LearnerRun;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.methods.learners.Consolidation;
import dev.palimpsest.methods.learners.Learner;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.Recall;
import dev.palimpsest.methods.learners.Task;
import dev.palimpsest.methods.learners.TaskContext;
import dev.palimpsest.methods.learners.TaskLesson;
import dev.palimpsest.methods.networks.ResNetSmall;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RfeTest {
  private static final Methods METHODS = Methods.load();
  private static final Recipe RECIPE = Recipe.of(1, 5, Sgd.Settings.of(0.1, 0.9, 0.1));
  private static final ResNetSmall.Parameters PLAIN = ResNetSmall.Parameters.plain();

  private static <P extends Record> LearnerRun run(
      Learner<P> learner, String parameters, boolean interrupted) {
    return LearnerRun.of(learner, parameters(learner, parameters), interrupted);
  }

  private static <P extends Record> P parameters(Learner<P> learner, String parameters) {
    byte[] json = parameters.replace('\'', '"').getBytes(UTF_8);
    var given = (ObjectNode) Json.parse("the parameters", json);
    return METHODS.bind(learner, new Choice(learner.name(), given));
  }

  private static LearnerRun run(String parameters) {
    return run(new Rfe(), parameters, false);
  }

  private static void assertSame(Tensors actual, Tensors expected) {
    assertThat(actual.tensors().keySet()).isEqualTo(expected.tensors().keySet());
    expected
        .tensors()
        .forEach((name, tensor) ->
            assertThat(actual.get(name).data()).as(name).isEqualTo(tensor.data()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'drift': true, 'modules': {'epochs': 2}}",
        "{'modules': {'epochs': 2, 'features': 'each-step'}}",
        "{'modules': {'epochs': 2, 'path': 'direct'}}",
        "{'modules': {'endToEnd': true}}",
        "{'modules': {'epochs': 2, 'rectifier': {'method': 'mlp', 'hidden': 8}}}"
      })
  void everyVariantGoesOnFromASavedState(String parameters) {
    LearnerRun whole = run(parameters);
    LearnerRun interrupted = run(new Rfe(), parameters, true);
    assertSame(interrupted.network(), whole.network());
    assertSame(interrupted.memory().tensors(), whole.memory().tensors());
    assertThat(interrupted.scores()).isEqualTo(whole.scores()).doesNotContain(Double.NaN);
    assertThat(whole.arraysLeft()).as("arrays, all that were made closed").isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rfe-p", "rfe-b"})
  void storedSamplesGoOnFromASavedStateAlsoInEveryStep(String name) {
    Learner<?> learner = name.equals("rfe-p") ? new RfeP() : new RfeB();
    for (String path : new String[] {"chain", "direct"}) {
      String parameters =
          "{'buffer': {'size': 6, 'batch': 4}, 'modules': {'epochs': 2, 'batch': 4, 'features': 'each-step', 'path': '"
              + path
              + "'}}";
      LearnerRun whole = run(learner, parameters, false);
      LearnerRun interrupted = run(learner, parameters, true);
      assertSame(interrupted.memory().tensors(), whole.memory().tensors());
      assertThat(interrupted.scores()).isEqualTo(whole.scores());
      assertThat(whole.arraysLeft()).isZero();
    }
  }

  @Test
  void whatIsKeptAreTheModulesOfTheChainAndNoSamples() {
    Tensors memory = run("{'modules': {'epochs': 1}}").memory().tensors();
    assertThat(memory.tensors().keySet())
        .allMatch(name -> name.matches("(aux\\.[12]|rectifier\\.1|tasks)\\..*"))
        .contains("aux.2.conv1.weight", "rectifier.1.main_score.bias");
    assertThat(memory.get("tasks.columns").longs()).containsExactly(0, 2, 2, 4);
  }

  @Test
  void aBufferHoldsImagesOfItsTasksWithTheFeaturesOfTheirDay() {
    Tensors last =
        run(new RfeP(), "{'buffer': {'size': 6}, 'modules': {'epochs': 1}}", false)
            .memory()
            .tensors();
    assertThat(last.get("buffer.tasks").longs()).hasSize(6).containsOnly(2);
    assertThat(last.get("buffer.labels").longs()).containsOnly(2, 3);
    Tensors all =
        run(new RfeB(), "{'buffer': {'size': 15}, 'modules': {'epochs': 1}}", false)
            .memory()
            .tensors();
    assertThat(all.get("buffer.tasks").longs()).hasSize(15).contains(1, 2);
    assertThat(all.get("buffer.images").shape()).containsExactly(15, 3, 8, 8);
    assertThat(all.get("buffer.features").shape()).containsExactly(15, 64);
    assertThat(all.get("buffer.seen").longs()).containsExactly(5, 5, 5, 5);
  }

  @Test
  void headsOfFormerTasksAreHeldAlsoAgainstWeightDecay() {
    long[] labels = Arrays.stream(Samples.labels()).map(label -> 2 + label % 2).toArray();
    try (Compute compute = Compute.open("cpu", 1);
        Net net = Samples.net(compute);
        Images images = Images.of(compute, Samples.bytes(), Tensor.of(labels, labels.length), 4)) {
      var context =
          new TaskContext(
              Task.of(List.of(2, 2), 2),
              net,
              Optional.empty(),
              images,
              Optional.empty(),
              Memory.EMPTY,
              Augmentation.NONE,
              Randomness.of(1));
      float[] weight = net.state().get("linear.weight").floats();
      float[] bias = net.state().get("linear.bias").floats();
      try (TaskLesson lesson = new Rfe().lesson(Samples.defaults(new Rfe()), context);
          Training training =
              Training.of(net, images, RECIPE, Poisoner.NONE, lesson, Randomness.of(1))) {
        while (!training.finished()) {
          training.step();
        }
      }
      float[] moved = net.state().get("linear.weight").floats();
      assertThat(Arrays.copyOf(moved, 2 * 64)).isEqualTo(Arrays.copyOf(weight, 2 * 64));
      assertThat(Arrays.copyOf(net.state().get("linear.bias").floats(), 2))
          .isEqualTo(Arrays.copyOf(bias, 2));
      for (int i = 2 * 64; i < moved.length; i++) {
        assertThat(moved[i]).isNotEqualTo(weight[i]);
      }
    }
  }

  @Test
  void aClassifierMayGrowBetweenTasksAlsoWhileStatisticsDrift() {
    Rfe rfe = new Rfe();
    Rfe.Parameters parameters = parameters(rfe, "{'drift': true, 'modules': {'epochs': 1}}");
    long[] labels = Samples.labels();
    try (Compute compute = Compute.open("cpu", 1);
        Images first = images(compute, Arrays.stream(labels).map(label -> label % 2).toArray());
        Images second =
            images(compute, Arrays.stream(labels).map(label -> 2 + label % 2).toArray());
        Net small = Samples.net(compute, new ResNetSmall().forward(PLAIN, 2), Randomness.of(5));
        Net grown = Samples.net(compute)) {
      Memory memory = learned(rfe, parameters, small, Optional.empty(), first, 1, Memory.EMPTY);
      var state = new Tensors.Builder();
      small
          .state()
          .tensors()
          .forEach((name, tensor) ->
              state.put(name, name.startsWith("linear") ? tensor.withRows(4) : tensor));
      grown.load(state.build());
      memory = learned(rfe, parameters, grown, Optional.of(small), second, 2, memory);
      assertThat(memory.has(RfeLesson.FORMER)).as("drifted statistics, once they served").isFalse();
      try (Recall recall = rfe.recall(parameters, grown, memory, task(2));
          Scope scope = Scope.open()) {
        var scores = recall.scores(first.batch(Precision.F32, 0, 1).images(), task(1));
        assertThat(scores.classIncremental().getShape().getShape()).containsExactly(2, 4);
        for (double score : scores.classIncremental().toDoubleArray()) {
          assertThat(score).isFinite().isNegative();
        }
      }
    }
  }

  private static Task task(int number) {
    return Task.of(List.of(2, 2), number);
  }

  private static Images images(Compute compute, long... labels) {
    return Images.of(compute, Samples.bytes(), Tensor.of(labels, labels.length), 4);
  }

  /** The memory after a task was learned and consolidated. */
  private static Memory learned(
      Rfe rfe,
      Rfe.Parameters parameters,
      Net net,
      Optional<Net> former,
      Images images,
      int number,
      Memory memory) {
    var before =
        new TaskContext(
            task(number),
            net,
            Optional.empty(),
            images,
            Optional.empty(),
            memory,
            Augmentation.NONE,
            Randomness.of(1));
    Memory kept;
    try (TaskLesson lesson = rfe.lesson(parameters, before);
        Training training =
            Training.of(net, images, RECIPE, Poisoner.NONE, lesson, Randomness.of(1))) {
      while (!training.finished()) {
        training.step();
      }
      kept = lesson.memory();
    }
    var after =
        new TaskContext(
            task(number),
            net,
            former,
            images,
            Optional.empty(),
            kept,
            Augmentation.NONE,
            Randomness.of(1));
    try (Consolidation work = rfe.consolidation(parameters, after)) {
      while (!work.finished()) {
        work.step();
      }
      return work.memory();
    }
  }

  @Test
  void driftAndTheFeaturesOnWhichModulesLearnChangeTheRectifier() {
    float[] plain = rectifier("{'modules': {'epochs': 2}}");
    assertThat(rectifier("{'drift': true, 'modules': {'epochs': 2}}")).isNotEqualTo(plain);
    assertThat(rectifier("{'modules': {'epochs': 2, 'features': 'each-step'}}"))
        .isNotEqualTo(plain);
    assertThat(rectifier("{'modules': {'epochs': 2, 'features': 'once'}}")).isEqualTo(plain);
  }

  private static float[] rectifier(String parameters) {
    return run(parameters).memory().tensors().get("rectifier.1.main_score.weight").floats();
  }

  @Test
  void aMemoryThatDoesNotKnowTheFormerTasksIsRefused() {
    Rfe rfe = new Rfe();
    try (Compute compute = Compute.open("cpu", 1);
        Net net = Samples.net(compute)) {
      assertThatThrownBy(() -> rfe.recall(Samples.defaults(rfe), net, Memory.EMPTY, task(2)))
          .isInstanceOf(Mistake.class)
          .hasMessage(
              "the memory knows the classes of 0 tasks before task 2; expected the memory that this"
                  + " learner left after task 1.");
    }
  }

  @Test
  void endToEndTrainingOfADirectPathIsRefused() {
    assertThatThrownBy(() -> run("{'modules': {'endToEnd': true, 'path': 'direct'}}"))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("endToEnd trains the newest rectifier only, and path is direct");
  }
}
