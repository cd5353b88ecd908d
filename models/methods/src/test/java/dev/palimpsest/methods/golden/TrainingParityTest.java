package dev.palimpsest.methods.golden;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Poisoner;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Sam;
import dev.palimpsest.engine.Schedule;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Training;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.methods.attacks.BadNets;
import dev.palimpsest.methods.attacks.Poison;
import dev.palimpsest.methods.attacks.PoisonPlan;
import dev.palimpsest.methods.attacks.Timing;
import dev.palimpsest.methods.learners.FisherInformation;
import dev.palimpsest.methods.learners.Importance;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.QuadraticPenalty;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Twenty steps of each method against an independent implementation in PyTorch, {@code
 * src/test/parity/training.py}, which is run here: the same network, first weights, images, batches
 * and triggers. In float64 the whole course agrees; in float32 each step from a common state does.
 */
@EnabledIfEnvironmentVariable(named = TorchScript.PYTHON, matches = ".+")
class TrainingParityTest {
  private static final int STEPS = 20;
  private static final int IMAGES = 48;
  private static final int BATCH = 12;
  private static final int SIDE = 16;
  private static final int TARGET = 1;
  private static final double LAMBDA = 50;
  private static final double RHO = 0.05;
  private static final Map<String, Double> TOLERANCES = Map.of("f64", 1e-8, "f32", 1e-5);

  private final Randomness randomness = Randomness.of(7);
  private final PoisonPlan plan =
      PoisonPlan.draw(
          new BadNets(),
          Samples.defaults(new BadNets()),
          new PoisonPlan.Aim(0.25, TARGET, Timing.DYNAMIC, IMAGES, Samples.CLASSES),
          3,
          SIDE,
          SIDE,
          randomness);
  private final Tensor bytes = bytes(randomness.stream("images"));
  private final Tensors.Builder given = new Tensors.Builder();
  private final ObjectNode courses = Json.object();
  private final Map<String, Tensor> ours = new LinkedHashMap<>();

  private static Tensor bytes(RandomStream stream) {
    byte[] bytes = new byte[IMAGES * 3 * SIDE * SIDE];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) stream.below(256);
    }
    return Tensor.of(bytes, IMAGES, 3, SIDE, SIDE);
  }

  private static Tensor labels() {
    long[] labels = new long[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
      labels[i] = i % Samples.CLASSES;
    }
    return Tensor.of(labels, IMAGES);
  }

  @Test
  void everyStepIsPytorchs(@TempDir Path folder) {
    Sgd.Settings plain = Sgd.Settings.of(0.05, 0.9, 5e-4);
    Sgd.Settings light = Sgd.Settings.of(0.05, 0.9, 0);
    Recipe sgd = Recipe.of(STEPS * BATCH / IMAGES, BATCH, plain).with(Schedule.COSINE, 4);
    Recipe sam = Recipe.of(STEPS * BATCH / IMAGES, BATCH, light).with(new Sam(RHO, false));
    try (Compute compute = Compute.open("cpu", 1);
        Images images = Images.of(compute, bytes, labels(), Samples.CLASSES);
        Net start = net(compute, Precision.F64)) {
      Memory memory = ewc(start, images);
      course("sgd", sgd, plain, 0, Memory.EMPTY, compute, images);
      course("sam", sam, light, RHO, Memory.EMPTY, compute, images);
      course("ewc-sam", sam, light, RHO, memory, compute, images);

      start.state().tensors().forEach((name, tensor) -> given.put("net." + name, tensor));
      plan.trigger().tensors().forEach((name, tensor) -> given.put("trigger." + name, tensor));
      given.put("images", bytes).put("labels", labels()).text("courses", Json.line(courses));
      Tensors theirs = TorchScript.run("training.py", given.build(), folder);
      assertThat(theirs.tensors().keySet()).containsExactlyInAnyOrderElementsOf(ours.keySet());
      ours.forEach((name, tensor) -> {
        String precision = name.contains(".f32.") ? "f32" : "f64";
        close(tensor, theirs.get(name), TOLERANCES.get(precision), name);
      });
    }
  }

  private Net net(Compute compute, Precision precision) {
    return Net.drawn(compute, precision, Samples.resnet(), randomness, 3, SIDE, SIDE);
  }

  private Memory ewc(Net net, Images images) {
    try (Importance fisher = FisherInformation.of(net, images, IMAGES)) {
      while (!fisher.finished()) {
        fisher.step();
      }
      Tensors mean = fisher.mean();
      mean.tensors().forEach((name, tensor) -> ours.put("ewc-sam.fisher." + name, tensor));
      return Memory.EMPTY.with("fisher.1", mean).with("anchor.1", net.byParameter(net.weights()));
    }
  }

  /** Takes the course in float64, and beside it each of its steps by itself in float32. */
  private void course(
      String name,
      Recipe recipe,
      Sgd.Settings settings,
      double rho,
      Memory memory,
      Compute compute,
      Images images) {
    courses
        .putObject(name)
        .put("steps", STEPS)
        .put("stepsAnEpoch", IMAGES / BATCH)
        .put("classes", Samples.CLASSES)
        .put("target", TARGET)
        .put("lr", settings.rate())
        .put("momentum", settings.momentum())
        .put("weightDecay", settings.weightDecay())
        .put("schedule", recipe.schedule().label())
        .put("period", recipe.period())
        .put("rho", rho)
        .put("lambda", LAMBDA);
    try (Net whole = net(compute, Precision.F64);
        Net single = net(compute, Precision.F32);
        Lesson lesson = Lesson.of(QuadraticPenalty.of(LAMBDA, "fisher", whole, memory));
        Lesson singles = Lesson.of(QuadraticPenalty.of(LAMBDA, "fisher", single, memory));
        var recording = new Recording(Poison.of(plan, Methods.load(), compute, Precision.F64));
        Poison poison = Poison.of(plan, Methods.load(), compute, Precision.F32);
        Training course = Training.of(whole, images, recipe, recording, lesson, randomness);
        Training step = Training.of(single, images, recipe, poison, singles, randomness)) {
      for (int i = 0; i < STEPS; i++) {
        step.restore(rounded(course.state()));
        step.step();
        double loss = course.step().metric("loss");
        ours.put(name + ".f64." + i + ".loss", Tensor.of(new double[] {loss}, 1));
        keep(name + ".f64." + i, whole);
        keep(name + ".f32." + i, single);
      }
      given
          .put(name + ".places", Tensor.of(recording.places(), STEPS, BATCH))
          .put(name + ".poisoned", recording.poisoned());
    }
  }

  private void keep(String step, Net net) {
    net.state().tensors().forEach((name, tensor) -> ours.put(step + ".net." + name, tensor));
  }

  /** A training's state for one in single precision. */
  private static Tensors rounded(Tensors state) {
    var rounded = new Tensors.Builder();
    state
        .tensors()
        .forEach((name, tensor) ->
            rounded.put(name, name.equals("optimiser.velocity") ? rounded(tensor) : tensor));
    return rounded.build();
  }

  private static Tensor rounded(Tensor tensor) {
    double[] values = tensor.doubles();
    float[] singles = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      singles[i] = (float) values[i];
    }
    return Tensor.of(singles, tensor.shape());
  }

  private static void close(Tensor actual, Tensor expected, double tolerance, String what) {
    assertThat(actual.type()).as(what).isEqualTo(expected.type());
    assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
    double[] values = plain(actual);
    double[] theirs = plain(expected);
    for (int i = 0; i < theirs.length; i++) {
      if (!(Math.abs(values[i] - theirs[i]) <= tolerance * Math.max(1, Math.abs(theirs[i])))) {
        throw new AssertionError(
            what + "[" + i + "] is " + values[i] + "; PyTorch says " + theirs[i]);
      }
    }
  }

  private static double[] plain(Tensor tensor) {
    return switch (tensor.type()) {
      case F64 -> tensor.doubles();
      case I64 -> Arrays.stream(tensor.longs()).asDoubleStream().toArray();
      default -> {
        float[] singles = tensor.floats();
        double[] values = new double[singles.length];
        for (int i = 0; i < values.length; i++) {
          values[i] = singles[i];
        }
        yield values;
      }
    };
  }

  /** Notes which images a batch has and which of them carry the trigger. */
  private static final class Recording implements Poisoner {
    private final Poison poison;
    private final List<Integer> places = new ArrayList<>();
    private final List<Boolean> flags = new ArrayList<>();

    Recording(Poison poison) {
      this.poison = poison;
    }

    @Override
    public Batch afterAugmentation(Batch batch, int[] indices, RandomStream stream) {
      Batch poisoned = poison.afterAugmentation(batch, indices, stream);
      for (int i = 0; i < indices.length; i++) {
        places.add(indices[i]);
        flags.add(poisoned.poisoned().toBooleanArray()[i]);
      }
      return poisoned;
    }

    long[] places() {
      return places.stream().mapToLong(Integer::longValue).toArray();
    }

    Tensor poisoned() {
      byte[] bytes = new byte[flags.size()];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (flags.get(i) ? 1 : 0);
      }
      return new Tensor(
          Tensor.Type.BOOL, new long[] {STEPS, bytes.length / STEPS}, ByteBuffer.wrap(bytes));
    }

    @Override
    public void close() {
      poison.close();
    }
  }
}
