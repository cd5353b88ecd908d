package dev.palimpsest.methods.golden;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Sam;
import dev.palimpsest.engine.Schedule;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.engine.Training;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.methods.attacks.BadNets;
import dev.palimpsest.methods.attacks.Poison;
import dev.palimpsest.methods.attacks.PoisonPlan;
import dev.palimpsest.methods.attacks.Timing;
import dev.palimpsest.methods.defences.Defence;
import dev.palimpsest.methods.defences.DefenceContext;
import dev.palimpsest.methods.defences.FeatureShiftTuning;
import dev.palimpsest.methods.defences.Nad;
import dev.palimpsest.methods.learners.FisherInformation;
import dev.palimpsest.methods.learners.Importance;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.QuadraticPenalty;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
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

  /** Steps an epoch. */
  private static final int EPOCH = IMAGES / BATCH;

  private static final int EPOCHS = STEPS / EPOCH;
  private static final double RATE = 0.25;
  private static final int SIDE = 16;
  private static final int TARGET = 1;
  private static final double LAMBDA = 50;
  private static final double RHO = 0.05;

  private final Randomness randomness = Randomness.of(7);
  private final PoisonPlan plan =
      PoisonPlan.draw(
          new BadNets(),
          Samples.defaults(new BadNets()),
          new PoisonPlan.Aim(RATE, TARGET, Timing.DYNAMIC, IMAGES, Samples.CLASSES),
          3,
          SIDE,
          SIDE,
          randomness);
  private final Tensor bytes = bytes(randomness.stream("images"));
  private final Compute compute = Compute.open("cpu", 1);
  private final Images images = Images.of(compute, bytes, labels(), Samples.CLASSES);
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

  @AfterEach
  void close() {
    compute.close();
  }

  @Test
  void everyStepIsPytorchs(@TempDir Path folder) {
    Sgd.Settings plain = Sgd.Settings.of(0.05, 0.9, 5e-4);
    Sgd.Settings light = Sgd.Settings.of(0.05, 0.9, 0);
    Recipe sgd = Recipe.of(EPOCHS, BATCH, plain).with(Schedule.COSINE, 4);
    Recipe sam = Recipe.of(EPOCHS, BATCH, light).with(new Sam(RHO, false));
    Net start = net(Precision.F64);
    Memory memory = ewc(start);
    trained("sgd", sgd, plain, 0, Memory.EMPTY);
    trained("sam", sam, light, RHO, Memory.EMPTY);
    trained("ewc-sam", sam, light, RHO, memory).put("lambda", LAMBDA);
    var nad = Json.object().put("epochs", EPOCHS).put("teacherEpochs", 2).put("lr", 0.02);
    nad.put("batch", BATCH).put("period", 4).putArray("betas").add(80).add(40).add(20);
    defended(new Nad(), nad, 2 * EPOCH)
        .put("weightDecay", 5e-4)
        .setAll(Map.of("betas", nad.get("betas")));
    places("nad.teacher", randomness.within("teacher"), 2);
    var fst = Json.object().put("epochs", EPOCHS).put("lr", 0.05).put("batch", BATCH);
    defended(new FeatureShiftTuning(), fst, 1).put("period", EPOCHS).put("alpha", 0.2);

    start.state().tensors().forEach((name, tensor) -> given.put("net." + name, tensor));
    plan.trigger().tensors().forEach((name, tensor) -> given.put("trigger." + name, tensor));
    given.put("images", bytes).put("labels", labels()).text("courses", Json.line(courses));
    Tensors theirs = TorchScript.run("training.py", given.build(), folder);
    assertThat(theirs.tensors().keySet()).containsExactlyInAnyOrderElementsOf(ours.keySet());
    ours.forEach((name, tensor) -> {
      double tolerance = name.contains(".f32.") ? 1e-5 : 1e-8;
      close(tensor, theirs.get(name), tolerance, name);
    });
  }

  /** Closed with the device. */
  private Net net(Precision precision) {
    return Net.drawn(compute, precision, Samples.resnet(), randomness, 3, SIDE, SIDE);
  }

  private Memory ewc(Net net) {
    try (Importance fisher = FisherInformation.of(net, images, IMAGES)) {
      while (!fisher.finished()) {
        fisher.step();
      }
      Tensors mean = fisher.mean();
      mean.tensors().forEach((name, tensor) -> ours.put("ewc-sam.fisher." + name, tensor));
      return Memory.EMPTY.with("fisher.1", mean).with("anchor.1", net.byParameter(net.weights()));
    }
  }

  /** A course of training on poisoned batches. */
  private ObjectNode trained(
      String name, Recipe recipe, Sgd.Settings settings, double rho, Memory memory) {
    course(
        name,
        0,
        net ->
            Training.of(
                net,
                images,
                recipe,
                Poison.of(plan, Methods.load(), compute, net.precision()),
                Lesson.of(QuadraticPenalty.of(LAMBDA, "fisher", net, memory)),
                randomness));
    byte[] poisoned = new byte[STEPS * BATCH];
    for (int step = 0; step < STEPS; step++) {
      RandomStream draws = randomness.stream("poison", step / EPOCH, step % EPOCH);
      for (int i = 0; i < BATCH; i++) {
        poisoned[step * BATCH + i] = (byte) (draws.uniform() <= RATE ? 1 : 0);
      }
    }
    long[] shape = {STEPS, BATCH};
    given.put(name + ".poisoned", new Tensor(Tensor.Type.BOOL, shape, ByteBuffer.wrap(poisoned)));
    return constants(name, settings.rate())
        .put("weightDecay", settings.weightDecay())
        .put("schedule", recipe.schedule().label())
        .put("rho", rho);
  }

  /** A defence's course, whose first steps may prepare it. */
  private <P extends Record> ObjectNode defended(
      Defence<P> defence, ObjectNode parameters, int prepared) {
    P bound = Methods.load().bind(defence, new Choice(defence.name(), parameters));
    course(
        defence.name(),
        prepared,
        net ->
            defence.start(
                bound,
                new DefenceContext(
                    net, "linear", Optional.of(images), Augmentation.NONE, randomness)));
    return constants(defence.name(), parameters.get("lr").doubleValue());
  }

  private ObjectNode constants(String name, double rate) {
    places(name, randomness, EPOCHS);
    return courses
        .putObject(name)
        .put("steps", STEPS)
        .put("stepsAnEpoch", EPOCH)
        .put("classes", Samples.CLASSES)
        .put("target", TARGET)
        .put("lr", rate)
        .put("momentum", 0.9)
        .put("weightDecay", 0)
        .put("schedule", "cosine")
        .put("period", 4)
        .put("rho", 0);
  }

  /** Which images each batch has. */
  private void places(String name, Randomness of, int epochs) {
    long[] places =
        IntStream.range(0, epochs)
            .flatMap(epoch -> Arrays.stream(of.stream("shuffle", epoch).permutation(IMAGES)))
            .asLongStream()
            .toArray();
    given.put(name + ".places", Tensor.of(places, places.length / BATCH, BATCH));
  }

  /** The course in float64, and beside it each of its steps by itself in float32. */
  private void course(String name, int prepared, Function<Net, Stepwise> method) {
    Net whole = net(Precision.F64);
    Net single = net(Precision.F32);
    try (Stepwise course = method.apply(whole);
        Stepwise step = method.apply(single)) {
      for (int i = 0; i < prepared; i++) {
        course.step();
      }
      for (String classifier : List.of("linear.weight", "linear.bias")) {
        given.put(name + "." + classifier, whole.state().get(classifier));
      }
      for (int i = 0; i < STEPS; i++) {
        step.restore(rounded(course.state()));
        step.step();
        double loss = course.step().metric("loss");
        ours.put(name + ".f64." + i + ".loss", Tensor.of(new double[] {loss}, 1));
        keep(name + ".f64." + i, whole);
        keep(name + ".f32." + i, single);
      }
      assertThat(course.finished()).isTrue();
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
            rounded.put(name, name.endsWith("optimiser.velocity") ? rounded(tensor) : tensor));
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
}
