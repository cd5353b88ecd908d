package dev.palimpsest.methods.golden;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Poisoner;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Training;
import dev.palimpsest.methods.learners.Consolidation;
import dev.palimpsest.methods.learners.Learner;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.Recall;
import dev.palimpsest.methods.learners.Task;
import dev.palimpsest.methods.learners.TaskContext;
import dev.palimpsest.methods.learners.TaskLesson;
import dev.palimpsest.methods.learners.rfe.Rfe;
import dev.palimpsest.methods.learners.rfe.RfeB;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One task change in float64 against an independent PyTorch script, {@code
 * src/test/parity/one_task_change.py}: 20 steps of the increment, 20 of the modules, then the
 * reading of all three tasks.
 */
class OneTaskChangeParityTest {
  private static final double TOLERANCE = 1e-8;
  private static final Task TASK = Task.of(List.of(2, 2, 2), 3);

  private final JsonNode file = Json.parse("the parity file", bytes());
  private final JsonNode inputs = file.get("inputs");
  private final JsonNode constants = file.get("parameters");

  private static byte[] bytes() {
    try (InputStream in =
        OneTaskChangeParityTest.class.getResourceAsStream("/parity/one_task_change.json")) {
      return Objects.requireNonNull(in).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Forward forward() {
    return (pass, images) -> {
      NDArray x = pass.convolution("conv1", images, 4, 3, 2, 1);
      x = Ops.relu(pass.batchNorm("bn1", x));
      x = pass.convolution("conv2", x, 6, 3, 2, 1);
      x = Ops.relu(pass.batchNorm("bn2", x));
      NDArray embedding = Ops.meanOverSpace(x);
      return Out.of(pass.linear("linear", embedding, 6), embedding);
    };
  }

  @ParameterizedTest
  @CsvSource({"rfe,once", "rfe,each-step", "rfe-b,once", "rfe-b,each-step", "drift,once"})
  void twentyStepsOfTheIncrementAndTwentyOfTheModulesFollowTorch(String variant, String features) {
    JsonNode expected = file.get("expected").get(variant);
    var json = Json.object();
    json.put("lambda", constants.get("lambda").doubleValue());
    json.put("drift", variant.equals("drift"));
    json.set("modules", modules(features));
    if (variant.equals("rfe-b")) {
      json.putObject("buffer").put("size", 6);
      check(new RfeB(), json, expected);
    } else {
      check(new Rfe(), json, expected);
    }
  }

  private ObjectNode modules(String features) {
    ObjectNode modules = Json.object();
    ObjectNode rectifier = modules.putObject("rectifier");
    rectifier.put("method", "gated").put("dProject", constants.get("dProject").intValue());
    return modules
        .put("dAux", constants.get("dAux").intValue())
        .put("epochs", constants.get("steps").intValue())
        .put("lr", constants.get("adamRate").doubleValue())
        .put("features", features);
  }

  private <P extends Record> void check(Learner<P> learner, ObjectNode json, JsonNode expected) {
    P parameters = Methods.load().bind(learner, new Choice(learner.name(), json));
    try (Compute compute = Compute.open("cpu", 1);
        Images train = images(compute, "train", Golden.longs(inputs.get("labels")));
        Images validation = images(compute, "validation", 4, 4, 4, 4);
        Net net =
            Net.loaded(
                compute, Precision.F64, forward(), tensors(inputs.get("network")), 2, 20, 20);
        Net former = net.twin()) {
      var context =
          new TaskContext(
              TASK,
              net,
              Optional.empty(),
              train,
              Optional.of(validation),
              memory(learner.samplesKept(parameters) > 0),
              Augmentation.NONE,
              Randomness.of(1));
      Memory learned = increment(learner, parameters, context, expected);
      Memory kept =
          consolidated(learner, parameters, learned, context, Optional.of(former), expected);
      read(learner, parameters, context, kept, validation, expected);
    }
  }

  private <P extends Record> Memory increment(
      Learner<P> learner, P parameters, TaskContext context, JsonNode expected) {
    Recipe recipe =
        Recipe.of(
            constants.get("steps").intValue(),
            context.data().size(),
            Sgd.Settings.of(
                constants.get("sgdRate").doubleValue(),
                constants.get("momentum").doubleValue(),
                constants.get("weightDecay").doubleValue()));
    try (TaskLesson lesson = learner.lesson(parameters, context);
        Training training =
            Training.of(
                context.net(),
                context.data(),
                recipe,
                Poisoner.NONE,
                lesson,
                context.randomness())) {
      double[] losses = Golden.doubles(expected.get("losses"));
      for (int step = 0; step < losses.length; step++) {
        close(training.step().metric("loss"), losses[step], "loss of step " + (step + 1));
      }
      assertThat(training.finished()).isTrue();
      close(context.net().state(), expected.get("network"));
      return lesson.memory();
    }
  }

  private static <P extends Record> Memory consolidated(
      Learner<P> learner,
      P parameters,
      Memory memory,
      TaskContext context,
      Optional<Net> former,
      JsonNode expected) {
    var after =
        new TaskContext(
            context.task(),
            context.net(),
            former,
            context.data(),
            context.validation(),
            memory,
            context.augmentation(),
            context.randomness());
    JsonNode course = expected.get("course");
    int epochs = 0;
    try (Consolidation work = learner.consolidation(parameters, after)) {
      while (!work.finished()) {
        var progress = work.step();
        if (progress.endsEpoch()) {
          String of = " of epoch " + progress.epoch();
          close(progress.metric("auxiliaryLoss"), course, "auxiliary", epochs, of);
          close(progress.metric("rectifierLoss"), course, "rectifier", epochs, of);
          close(progress.metric("validationLoss"), course, "validation", epochs, of);
          close(progress.metric("rate"), course, "rate", epochs, of);
          epochs++;
        }
      }
      assertThat(epochs).isEqualTo(course.get("rate").size());
      Memory kept = work.memory();
      JsonNode modules = expected.get("modules");
      assertThat(modules.size()).isEqualTo(4 + 10 + 10);
      for (var module : modules.properties()) {
        close(kept.tensors().get(module.getKey()), module.getValue(), module.getKey());
      }
      return kept;
    }
  }

  private static <P extends Record> void read(
      Learner<P> learner,
      P parameters,
      TaskContext context,
      Memory memory,
      Images images,
      JsonNode expected) {
    try (Recall recall = learner.recall(parameters, context.net(), memory, TASK);
        Scope scope = Scope.open()) {
      var all = IntStream.range(0, images.size()).toArray();
      NDArray scores =
          recall.scores(images.batch(Precision.F64, all).images(), TASK).classIncremental();
      close(Compute.tensor(scores), expected.get("scores"), "scores");
    }
  }

  private Images images(Compute compute, String name, long... labels) {
    return Images.of(
        compute,
        Golden.bytes(inputs.get("images").get(name)),
        Tensor.of(labels, labels.length),
        TASK.end());
  }

  private Memory memory(boolean buffered) {
    var memory = new Tensors.Builder();
    tensors(inputs.get("modules")).tensors().forEach(memory::put);
    memory.put("tasks.columns", Tensor.of(new long[] {0, 2, 2, 4}, 2, 2));
    if (buffered) {
      long[] tasks = Golden.longs(inputs.get("storedTasks"));
      memory.put("buffer.images", Golden.bytes(inputs.get("images").get("buffer")));
      memory.put("buffer.labels", Tensor.of(new long[tasks.length], tasks.length));
      memory.put("buffer.tasks", Tensor.of(tasks, tasks.length));
      memory.put("buffer.features", singles(inputs.get("storedFeatures")));
      memory.put("buffer.seen", Tensor.of(new long[] {tasks.length}, 1));
    }
    return new Memory(memory.build());
  }

  /** Numbers that single precision holds exactly. */
  private static Tensor singles(JsonNode array) {
    double[] values = Golden.doubles(array);
    float[] singles = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      singles[i] = (float) values[i];
      assertThat((double) singles[i]).isEqualTo(values[i]);
    }
    return Tensor.of(singles, Golden.shape(array));
  }

  private static Tensors tensors(JsonNode named) {
    var tensors = new Tensors.Builder();
    named
        .properties()
        .forEach(entry -> tensors.put(entry.getKey(), Golden.tensor(entry.getValue())));
    return tensors.build();
  }

  private static void close(Tensors actual, JsonNode expected) {
    for (var entry : expected.properties()) {
      close(actual.get(entry.getKey()), entry.getValue(), entry.getKey());
    }
  }

  private static void close(Tensor actual, JsonNode expected, String what) {
    Golden.assertClose(actual.doubles(), Golden.doubles(expected), TOLERANCE, what);
  }

  private static void close(double actual, JsonNode course, String name, int epoch, String when) {
    close(actual, course.get(name).get(epoch).doubleValue(), name + when);
  }

  private static void close(double actual, double expected, String what) {
    Golden.assertClose(new double[] {actual}, new double[] {expected}, TOLERANCE, what);
  }
}
