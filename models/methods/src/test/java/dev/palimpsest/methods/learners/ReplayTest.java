package dev.palimpsest.methods.learners;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Penalty;
import dev.palimpsest.engine.Poisoner;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Sam;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Training;
import dev.palimpsest.methods.LearnerRun;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensors;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Learners that replay samples, with buffers that overflow and other options than the defaults. */
class ReplayTest {
  private static final Methods METHODS = Methods.load();
  private static final String SMALL = "{size: 6, batch: 4, policy: 'balanced'}";

  static Stream<Arguments> learners() {
    return Stream.of(
        Arguments.of("er", "{buffer: " + SMALL + "}"),
        Arguments.of("er-ace", "{buffer: " + SMALL + ", taskFree: true}"),
        Arguments.of("a-gem", "{buffer: " + SMALL + "}"),
        Arguments.of("der", "{buffer: " + SMALL + ", alpha: 2}"),
        Arguments.of("derpp", "{buffer: " + SMALL + ", alpha: 1, beta: 2}"),
        Arguments.of("icarl", "{size: 8}"),
        Arguments.of("cls-er", "{buffer: " + SMALL + ", stableFrequency: 0.3, plasticAlpha: 0.5}"));
  }

  @ParameterizedTest
  @MethodSource("learners")
  void itCarriesOnFromASavedState(String name, String options) {
    carriesOn(learner(name), options);
  }

  private static <P extends Record> void carriesOn(Learner<P> learner, String options) {
    P parameters = bound(learner, options);
    var sam = new LearnerRun.Way(LearnerRun.Way.PLAIN.recipe().with(new Sam(0.05, false)), true);
    for (LearnerRun.Way way : List.of(LearnerRun.Way.PLAIN, sam)) {
      var whole = LearnerRun.of(learner, parameters, way, false);
      var interrupted = LearnerRun.of(learner, parameters, way, true);
      assertSame(interrupted.network(), whole.network());
      assertSame(interrupted.memory().tensors(), whole.memory().tensors());
      assertThat(interrupted.scores()).isEqualTo(whole.scores()).doesNotContain(Double.NaN);
      assertThat(whole.arraysLeft()).isZero();
    }
  }

  private static void assertSame(Tensors actual, Tensors expected) {
    assertThat(actual.tensors().keySet()).isEqualTo(expected.tensors().keySet());
    expected
        .tensors()
        .forEach((name, tensor) ->
            assertThat(actual.get(name).data()).as(name).isEqualTo(tensor.data()));
  }

  @ParameterizedTest
  @MethodSource("learners")
  void itKeepsNoMoreSamplesThanItSaysAndOfBothTasks(String name, String options) {
    keeps(learner(name), options);
  }

  private static <P extends Record> void keeps(Learner<P> learner, String options) {
    P parameters = bound(learner, options);
    var buffer = LearnerRun.of(learner, parameters, false).memory().part(Buffer.PART);
    assertThat(buffer.get("labels").longs())
        .hasSize(learner.samplesKept(parameters))
        .contains(0, 1, 2, 3);
    assertThat(buffer.get("tasks").longs()).contains(1, 2);
  }

  @Test
  void whatWasOfferedInTrainingIsNotOfferedAgainAfterTheTask() {
    var run = LearnerRun.of(new Er(), false);
    // Five images of each class, two epochs.
    assertThat(run.memory().part(Buffer.PART).get("seen").longs()).containsExactly(10, 10, 10, 10);
  }

  @Test
  void exemplarsOfFewerThanAllClassesAreRefused() {
    assertThatThrownBy(() -> LearnerRun.of(new ICarl(), new ICarl.Parameters(3), false))
        .isInstanceOf(Mistake.class)
        .hasMessage(
            "learner 'icarl' has size 3 and after task 2 there are 4 classes; expected at least an"
                + " exemplar of each.");
  }

  /** As in SBL: a further task of the same classes, after one that the learner did not train. */
  @ParameterizedTest
  @MethodSource("learners")
  void aTaskThatItDidNotTrainIsReplayedInTheNext(String name, String options) {
    further(learner(name), options);
  }

  private static <P extends Record> void further(Learner<P> learner, String options) {
    P parameters = bound(learner, options);
    try (Compute compute = Compute.open("cpu", 1);
        Images images = Samples.images(compute);
        Net replaying = Samples.net(compute);
        Net plain = Samples.net(compute)) {
      int before = compute.liveArrays();
      TaskContext first = context(Task.only(Samples.CLASSES), replaying, images, Memory.EMPTY);
      Memory filled = Memory.EMPTY;
      try (Consolidation consolidation = learner.consolidation(parameters, first)) {
        consolidation.step();
        filled = consolidation.memory();
      }
      assertThat(filled.part(Buffer.PART).get("tasks").longs())
          .hasSize(learner.samplesKept(parameters))
          .containsOnly(1);
      Task task = Task.further(Samples.CLASSES);
      trained(
          learner.lesson(parameters, context(task, replaying, images, filled)), replaying, images);
      trained(TaskLesson.of(Penalty.NONE, filled), plain, images);
      assertThat(replaying.weights().toFloatArray()).isNotEqualTo(plain.weights().toFloatArray());
      assertThat(compute.liveArrays()).isEqualTo(before);
    }
  }

  private static void trained(TaskLesson lesson, Net net, Images images) {
    Recipe recipe = Recipe.of(1, 5, Sgd.Settings.of(0.05, 0.9, 0));
    try (lesson;
        Training training =
            Training.of(net, images, recipe, Poisoner.NONE, lesson, Randomness.of(1))) {
      while (!training.finished()) {
        training.step();
      }
    }
  }

  private static TaskContext context(Task task, Net net, Images images, Memory memory) {
    return new TaskContext(
        task,
        net,
        Optional.empty(),
        images,
        Optional.empty(),
        memory,
        Augmentation.NONE,
        Randomness.of(2));
  }

  private static Learner<?> learner(String name) {
    return METHODS.get(Kind.LEARNER, name, Learner.class);
  }

  private static <P extends Record> P bound(Learner<P> learner, String options) {
    String json = options.replaceAll("(\\w+):", "\"$1\":").replace('\'', '"');
    var object =
        (com.fasterxml.jackson.databind.node.ObjectNode)
            Json.parse("options", json.getBytes(StandardCharsets.UTF_8));
    return METHODS.bind(learner, new Choice(learner.name(), object));
  }
}
