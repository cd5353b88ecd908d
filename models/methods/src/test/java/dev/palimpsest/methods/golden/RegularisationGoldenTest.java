package dev.palimpsest.methods.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Initial;
import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Penalty;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.methods.learners.Importance;
import dev.palimpsest.methods.learners.Lwf;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.QuadraticPenalty;
import dev.palimpsest.methods.learners.Si;
import dev.palimpsest.methods.learners.Task;
import dev.palimpsest.methods.learners.TaskContext;
import dev.palimpsest.methods.learners.TaskLesson;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Online EWC, SI and LwF on networks without layers: their only parameter is the vector of weights
 * or the table of logits that the vectors speak of.
 */
class RegularisationGoldenTest {
  private static final double TOLERANCE = 1e-11;
  private final JsonNode golden = Golden.read("cl_baselines");
  private final JsonNode constants = golden.get("parameters");
  private final Compute compute = Compute.open("cpu", 1);

  @AfterEach
  void close() {
    compute.close();
  }

  private static Forward table(long... shape) {
    return (pass, images) -> {
      NDArray logits = pass.parameter("w", Initial.constant(0), shape);
      NDArray rows = logits.reshape(shape[0], -1);
      return Out.of(rows, rows);
    };
  }

  private Net net(Tensor w) {
    return Net.loaded(compute, Precision.F64, table(w.shape()), named(w), 1, 1, 1);
  }

  private static Tensors named(Tensor w) {
    return new Tensors.Builder().put("w", w).build();
  }

  private static TaskContext context(Net net, Images images, Task task, Memory memory) {
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

  /** Black images of one pixel. */
  private Images images(long... labels) {
    return Images.of(
        compute,
        Tensor.of(new byte[labels.length], labels.length, 1, 1, 1),
        Tensor.of(labels, labels.length),
        6);
  }

  private static double[] values(JsonNode node) {
    return Golden.doubles(node);
  }

  @Test
  void onlineEwcFollowsTheReference() {
    JsonNode inputs = golden.get("inputs").get("ewc_on");
    JsonNode expected = golden.get("expected").get("ewc_on");
    Tensors fisher = named(Golden.tensor(inputs.get("fisher")));
    Memory memory =
        Memory.EMPTY
            .with("fisher.3", fisher)
            .with("anchor.3", named(Golden.tensor(inputs.get("checkpoint"))));
    double lambda = constants.get("e_lambda").doubleValue();
    try (Net net = net(Golden.tensor(inputs.get("weights")));
        Penalty penalty = QuadraticPenalty.of(lambda, "fisher", net, memory);
        Images images = images(0);
        Scope scope = Scope.open()) {
      Batch batch = images.batch(Precision.F64, 0);
      NDArray zero = net.weights().sum().mul(0);
      var gradient =
          net.gradient(
              Mode.EVAL,
              batch.images(),
              (out, weights) -> penalty.added(zero, batch, out, weights));
      assertThat(gradient.value())
          .isCloseTo(expected.get("penalty").doubleValue(), within(TOLERANCE));
      Golden.assertClose(
          gradient.vector().toDoubleArray(),
          values(expected.get("penalty_gradient")),
          TOLERANCE,
          "gradient of the penalty");
    }
    Tensors latest = named(Golden.tensor(inputs.get("new_fisher")));
    Tensors next = Importance.accumulated(fisher, constants.get("gamma").doubleValue(), latest);
    Golden.assertClose(
        next.get("w").doubles(),
        values(expected.get("fisher_after_next_task")),
        TOLERANCE,
        "Fisher after the next task");
  }

  @Test
  void synapticIntelligenceFollowsTheReference() {
    JsonNode inputs = golden.get("inputs").get("si");
    JsonNode expected = golden.get("expected").get("si");
    var si = new Si();
    var parameters =
        new Si.Parameters(
            constants.get("si_c").doubleValue(), constants.get("si_xi").doubleValue(), true);
    double rate = inputs.get("lr").doubleValue();
    Memory memory = Memory.EMPTY;
    int steps = 0;
    int ends = 0;
    try (Net net = net(Golden.tensor(inputs.get("w0")));
        Images images = images(0);
        Sgd sgd = new Sgd(Sgd.Settings.of(rate, inputs.get("momentum").doubleValue(), 0))) {
      for (int task = 0; task < inputs.get("targets").size(); task++) {
        Task now = Task.of(List.of(3, 3), task + 1);
        try (TaskLesson lesson = si.lesson(parameters, context(net, images, now, memory))) {
          for (JsonNode entry : expected.get("history")) {
            if (entry.get("task").intValue() != task) {
              continue;
            }
            if (entry.has("end_task")) {
              memory = lesson.memory();
              Golden.assertClose(
                  memory.part("omega." + now.number()).get("w").doubles(),
                  values(entry.get("big_omega")),
                  TOLERANCE,
                  "importances after task " + now.number());
              ends++;
            } else {
              siStep(net, lesson, sgd, inputs, task);
              Golden.assertClose(
                  net.weights().toDoubleArray(),
                  values(entry.get("weights")),
                  TOLERANCE,
                  "weights, step " + steps);
              Golden.assertClose(
                  lesson.state().get("path").doubles(),
                  values(entry.get("small_omega")),
                  TOLERANCE,
                  "path integral, step " + steps);
              steps++;
            }
          }
        }
      }
      assertThat(List.of(steps, ends)).isEqualTo(List.of(6, 2));
      siPenalty(net, memory, parameters.c(), expected);
    }
  }

  private void siStep(Net net, Lesson lesson, Sgd sgd, JsonNode inputs, int task) {
    try (Scope scope = Scope.open()) {
      NDArray target = compute.array(Golden.tensor(inputs.get("targets").get(task)));
      NDArray curvature = compute.array(Golden.tensor(inputs.get("curvature")));
      NDArray gradient = net.weights().sub(target).mul(curvature);
      sgd.step(net.weights(), lesson.adjusted(gradient), sgd.settings().rate());
      lesson.moved();
    }
  }

  private void siPenalty(Net net, Memory memory, double c, JsonNode expected) {
    try (Scope scope = Scope.open();
        Images images = images(0);
        Penalty penalty = QuadraticPenalty.of(c, "omega", net, memory)) {
      Batch batch = images.batch(Precision.F64, 0);
      net.weights().addi(0.1);
      NDArray zero = net.weights().sum().mul(0);
      var gradient =
          net.gradient(
              Mode.EVAL,
              batch.images(),
              (out, weights) -> penalty.added(zero, batch, out, weights));
      double value = expected.get("penalty_after_moving_all_weights_by_0.1").doubleValue();
      assertThat(gradient.value()).isCloseTo(c * value, within(TOLERANCE));
      Golden.assertClose(
          gradient.vector().toDoubleArray(),
          values(expected.get("penalty_gradient")),
          TOLERANCE,
          "gradient of the penalty");
    }
  }

  @Test
  void learningWithoutForgettingFollowsTheReference() {
    JsonNode expected = golden.get("expected").get("lwf");
    double alpha = constants.get("alpha").doubleValue();
    var whole = lwf(alpha);
    assertThat(whole.value()).isCloseTo(expected.get("loss").doubleValue(), within(TOLERANCE));
    Golden.assertClose(
        whole.slope(), values(expected.get("gradient_outputs")), TOLERANCE, "gradient");
    double own = expected.get("cross_entropy").doubleValue();
    assertThat(lwf(0).value()).isCloseTo(own, within(TOLERANCE));
    assertThat(lwf(1).value() - own)
        .isCloseTo(expected.get("distillation").doubleValue(), within(TOLERANCE));
  }

  private record Valued(double value, double[] slope) {}

  private Valued lwf(double alpha) {
    JsonNode inputs = golden.get("inputs").get("lwf");
    long[] labels = Golden.longs(inputs.get("labels"));
    int past = inputs.get("n_past_classes").intValue();
    int seen = inputs.get("n_seen_classes").intValue();
    var parameters = new Lwf.Parameters(alpha, constants.get("temperature").doubleValue());
    try (Net net = net(Golden.tensor(inputs.get("old_logits")));
        Images images = images(labels);
        TaskLesson lesson =
            new Lwf()
                .lesson(
                    parameters, context(net, images, new Task(2, past, seen, past), Memory.EMPTY));
        Scope scope = Scope.open()) {
      net.load(named(Golden.tensor(inputs.get("outputs"))));
      Batch batch = images.batch(Precision.F64, 0, 1, 2, 3, 4);
      var step =
          new Lesson.Step(
              batch, batch, same -> same, Mode.TRAIN, Randomness.of(1).stream("lesson", 0));
      var gradient = net.gradient(Mode.TRAIN, lesson.loss(step));
      return new Valued(gradient.value(), gradient.vector().toDoubleArray());
    }
  }
}
