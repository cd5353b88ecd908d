package dev.palimpsest.methods.learners;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.methods.LearnerRun;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Joint training, online EWC, SI, MAS and LwF beyond the reference's vectors. */
class RegularisationTest {
  private final Compute compute = Compute.open("cpu", 1);
  private final Images images = Samples.images(compute);
  private final Net net = Samples.net(compute);

  @AfterEach
  void close() {
    net.close();
    images.close();
    compute.close();
  }

  private TaskContext context(Task task, Memory memory) {
    return new TaskContext(
        task,
        net,
        Optional.empty(),
        images,
        Optional.empty(),
        memory,
        Augmentation.NONE,
        Randomness.of(1));
  }

  private static Memory done(Consolidation consolidation) {
    try (consolidation) {
      while (!consolidation.finished()) {
        consolidation.step();
      }
      return consolidation.memory();
    }
  }

  private static double[] flat(Tensors named) {
    return named.tensors().values().stream()
        .map(Tensor::floats)
        .flatMapToDouble(values -> IntStream.range(0, values.length).mapToDouble(i -> values[i]))
        .toArray();
  }

  private static <P extends Record> void assertGoesOn(Learner<P> learner, P parameters) {
    var whole = LearnerRun.of(learner, parameters, false);
    var interrupted = LearnerRun.of(learner, parameters, true);
    assertThat(flat(parametersOf(interrupted))).isEqualTo(flat(parametersOf(whole)));
    assertThat(interrupted.memory().tensors().tensors().keySet())
        .isEqualTo(whole.memory().tensors().tensors().keySet());
    assertThat(whole.arraysLeft()).isZero();
  }

  private static Tensors parametersOf(LearnerRun run) {
    var floats = new Tensors.Builder();
    run.network()
        .tensors()
        .forEach((name, tensor) -> {
          if (tensor.type() == Tensor.Type.F32) {
            floats.put(name, tensor);
          }
        });
    return floats.build();
  }

  @Test
  void jointTrainingIsPlainTrainingOnTheFormerImagesToo() {
    var naive = LearnerRun.of(new Naive(), false);
    var joint = LearnerRun.of(new Joint(), false);
    assertThat(flat(parametersOf(joint))).isNotEqualTo(flat(parametersOf(naive)));
    assertThat(joint.memory()).isEqualTo(Memory.EMPTY);
  }

  @Test
  void onlineEwcKeepsOneFisherWhichFades() {
    var learner = new OnlineEwc();
    var half = new OnlineEwc.Parameters(10, 0.5, 0);
    Memory one =
        done(learner.consolidation(half, context(Task.of(List.of(2, 2), 1), Memory.EMPTY)));
    Memory two = done(learner.consolidation(half, context(Task.of(List.of(2, 2), 2), one)));
    assertThat(two.has("fisher.1")).isFalse();
    assertThat(two.has("anchor.1")).isFalse();
    double[] once = flat(one.part("fisher.1"));
    double[] both = flat(two.part("fisher.2"));
    // The network and the images are the same, so the second Fisher is the first once more.
    for (int i = 0; i < once.length; i++) {
      assertThat(both[i]).isCloseTo(1.5 * once[i], within(1e-6 * once[i] + 1e-12));
    }
    assertThat(Arrays.stream(once).sum()).isPositive();
  }

  @Test
  void masFeelsTheClassesSeenOnlyAndNoLabels() {
    var all = new Mas.Parameters(1, 0);
    Task first = Task.of(List.of(2, 2), 1);
    Tensors omega =
        done(new Mas().consolidation(all, context(first, Memory.EMPTY))).part("omega.1");
    float[] bias = omega.get("linear.bias").floats();
    // d (f_0^2 + f_1^2) / d bias = (2 f_0, 2 f_1, 0, 0), so its mean is that of 2 |f|.
    double[] expected = new double[Samples.CLASSES];
    for (int i = 0; i < images.size(); i++) {
      try (Scope scope = Scope.open()) {
        Batch one = images.batch(net.precision(), i);
        float[] logits = net.forward(Mode.EVAL, one.images()).logits().toFloatArray();
        for (int c = 0; c < 2; c++) {
          expected[c] += 2 * Math.abs(logits[c]) / images.size();
        }
      }
    }
    for (int c = 0; c < Samples.CLASSES; c++) {
      assertThat((double) bias[c]).isCloseTo(expected[c], within(1e-5));
    }
    assertThat(expected[0]).isPositive();
  }

  @Test
  void masAddsTheImportancesOfTasks() {
    var learner = new Mas();
    var all = new Mas.Parameters(1, 0);
    Task only = Task.only(Samples.CLASSES);
    Memory one = done(learner.consolidation(all, context(only, Memory.EMPTY)));
    Memory two = done(learner.consolidation(all, context(Task.further(Samples.CLASSES), one)));
    double[] once = flat(one.part("omega.1"));
    double[] both = flat(two.part("omega.2"));
    for (int i = 0; i < once.length; i++) {
      assertThat(both[i]).isCloseTo(2 * once[i], within(1e-5 * once[i] + 1e-12));
    }
    assertThat(two.has("omega.1")).isFalse();
  }

  @Test
  void anUnclippedPathIsTakenUpToo() {
    assertGoesOn(new Si(), new Si.Parameters(0.5, 0.1, false));
    assertThat(flat(parametersOf(LearnerRun.of(new Si(), new Si.Parameters(0.5, 1, true), false))))
        .isNotEqualTo(
            flat(parametersOf(LearnerRun.of(new Si(), new Si.Parameters(0.5, 1, false), false))));
  }

  @Test
  void synapticIntelligenceIntegratesTheTasksGradientWithoutThePenalty() {
    Memory memory =
        Memory.EMPTY.with("omega.1", ones()).with("anchor.1", net.byParameter(net.weights()));
    var parameters = new Si.Parameters(100, 1, false);
    try (TaskLesson lesson =
            new Si().lesson(parameters, context(Task.further(Samples.CLASSES), memory));
        Scope scope = Scope.open()) {
      NDArray gradient = net.weights().onesLike();
      net.weights().addi(1);
      NDArray step = lesson.adjusted(gradient);
      // 1 + 2 c Omega (w - w*) = 1 + 2 * 100 * 1 * 1
      assertThat(step.toFloatArray()[0]).isCloseTo(201, within(1e-2f));
      net.weights().subi(0.25);
      lesson.moved();
      assertThat(lesson.state().get("path").floats()[0]).isCloseTo(0.25f, within(1e-5f));
    }
  }

  private Tensors ones() {
    try (NDArray ones = net.weights().onesLike()) {
      return net.byParameter(ones);
    }
  }

  @Test
  void penaltiesThatWouldDivergeAreWarnedOfUnlessTheirStepsAreClipped() {
    Sgd.Settings sgd = Sgd.Settings.of(0.01, 0.9, 0);
    // lr 2 c max Omega = 0.01 * 2 * 100 * 2 = 4 exceeds 2 (1 + 0.9) = 3.8
    Tensor two = Tensor.of(new double[] {1, 2}, 2);
    Tensors importances = new Tensors.Builder().put("w", two).build();
    Memory omega = Memory.EMPTY.with("omega.1", importances);
    Memory fisher = Memory.EMPTY.with("fisher.1", importances);
    Function<Boolean, Optional<String>> si =
        clip -> new Si().warning(new Si.Parameters(100, 1, clip), omega, sgd);
    assertThat(si.apply(true)).isEmpty();
    assertThat(si.apply(false)).get().asString().startsWith("si with c 100.0 may diverge");
    assertThat(new Mas().warning(new Mas.Parameters(100, 0), omega, sgd))
        .get()
        .asString()
        .startsWith("mas with lambda 100.0 may diverge")
        .contains("lambda should be at most 95");
    assertThat(new Mas().warning(new Mas.Parameters(94, 0), omega, sgd)).isEmpty();
    assertThat(new OnlineEwc().warning(new OnlineEwc.Parameters(100, 1, 0), fisher, sgd))
        .get()
        .asString()
        .startsWith("online-ewc with lambda 100.0");
  }

  @Test
  void theDistillationHoldsTheFormerAnswers() {
    Task second = Task.of(List.of(2, 2), 2);
    double free = kept(second, 0);
    double held = kept(second, 50);
    assertThat(held).isLessThan(free / 2);
  }

  /** How far the probabilities of the past classes go in some steps on the second task. */
  private double kept(Task task, double alpha) {
    Tensors start = net.state();
    try (TaskLesson lesson =
        new Lwf().lesson(new Lwf.Parameters(alpha, 2), context(task, Memory.EMPTY))) {
      float[] before = past(task);
      for (int i = 0; i < 20; i++) {
        try (Scope scope = Scope.open()) {
          Batch batch = images.batch(net.precision(), 2, 3, 6, 7, 10, 11);
          var random = Randomness.of(1).stream("lesson", i);
          var loss = lesson.loss(new Lesson.Step(batch, batch, same -> same, Mode.EVAL, random));
          net.weights().subi(net.gradient(Mode.EVAL, loss).vector().mul(0.01));
        }
      }
      float[] after = past(task);
      double moved = 0;
      for (int i = 0; i < after.length; i++) {
        moved += Math.abs(after[i] - before[i]);
      }
      return moved;
    } finally {
      net.load(start);
    }
  }

  private float[] past(Task task) {
    try (Scope scope = Scope.open()) {
      Batch batch = images.batch(net.precision(), 2, 3, 6, 7, 10, 11);
      return net.forward(Mode.EVAL, batch.images())
          .logits()
          .get(":, 0:" + task.known())
          .softmax(1)
          .toFloatArray();
    }
  }
}
