package dev.palimpsest.methods.golden;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Initial;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Pass;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.rectifiers.AuxiliaryExtractor;
import dev.palimpsest.methods.rectifiers.Chain;
import dev.palimpsest.methods.rectifiers.GatedRectifier;
import dev.palimpsest.methods.rectifiers.Heads;
import dev.palimpsest.methods.rectifiers.Losses;
import dev.palimpsest.methods.rectifiers.Path;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Retrospective feature estimation against the numbers of its published code, in float64. */
class RfeModulesGoldenTest {
  private static final int FEATURES = 12;
  private static final int TASKS = 3;

  private final JsonNode golden = Golden.read("rfe_modules");
  private final JsonNode inputs = golden.get("inputs");
  private final JsonNode expected = golden.get("expected");
  private final AuxiliaryExtractor extractor =
      new AuxiliaryExtractor(golden.get("parameters").get("d_aux").intValue());
  private final Chain chain =
      new Chain(
          new GatedRectifier()
              .link(
                  new GatedRectifier.Parameters(
                      golden.get("parameters").get("d_projection").intValue())),
          Path.CHAIN);

  private final Compute compute = Compute.open("cpu", 1);
  private final Scope scope = Scope.open();
  private final NDArray images = images("images_bytes");
  private final NDArray current = array(inputs.get("features_current"));
  private final NDArray former = array(inputs.get("features_previous"));
  private final Net modules =
      Net.loaded(compute, Precision.F64, declaration(), moduleState(), 3, 32, 32);

  @BeforeEach
  void namesAreThoseOfTheFile() {
    assertThat(modules.state().tensors().keySet())
        .containsExactlyInAnyOrderElementsOf(moduleState().tensors().keySet());
  }

  @AfterEach
  void close() {
    modules.close();
    scope.close();
    compute.close();
  }

  private Forward declaration() {
    return (pass, x) -> {
      NDArray features = x.getManager().zeros(new Shape(1, FEATURES));
      chain.spaces(pass, 1, 2, TASKS, features, task -> extractor.apply(pass, task, x));
      NDArray third = extractor.apply(pass, TASKS, x);
      return Out.of(pass.linear("adapter", third, FEATURES), features);
    };
  }

  private Tensors moduleState() {
    var state = new Tensors.Builder();
    named(state, "aux", "aux.");
    named(state, "retrospector", "rectifier.");
    inputs
        .get("adapter")
        .properties()
        .forEach(entry -> state.put("adapter." + entry.getKey(), Golden.tensor(entry.getValue())));
    return state.build();
  }

  private void named(Tensors.Builder state, String kind, String prefix) {
    for (var module : inputs.get(kind).properties()) {
      for (var parameter : module.getValue().properties()) {
        state.put(
            prefix + module.getKey() + "." + parameter.getKey(),
            Golden.tensor(parameter.getValue()));
      }
    }
  }

  private NDArray images(String name) {
    return compute.array(Golden.bytes(inputs.get(name)), Precision.F64).div(255);
  }

  private NDArray array(JsonNode json) {
    return compute.array(Golden.tensor(json));
  }

  private NDArray rows(NDArray from, int... rows) {
    long[] places = IntStream.of(rows).asLongStream().toArray();
    return from.get(new NDIndex("{}", compute.array(places)));
  }

  /** 1e-10 absolute plus 1e-9 relative, as the file says. */
  private static void close(double[] actual, JsonNode expected, String what) {
    double[] wanted =
        expected.isNumber() ? new double[] {expected.doubleValue()} : Golden.doubles(expected);
    assertThat(actual).as(what).hasSameSizeAs(wanted);
    for (int i = 0; i < wanted.length; i++) {
      double tolerance = 1e-10 + 1e-9 * Math.abs(wanted[i]);
      if (!(Math.abs(actual[i] - wanted[i]) <= tolerance)) {
        throw new AssertionError(what + "[" + i + "] is " + actual[i] + ", expected " + wanted[i]);
      }
    }
  }

  private IntFunction<NDArray> frozenAux(Pass pass, NDArray x) {
    return task -> Ops.detached(extractor.apply(pass, task, x));
  }

  @Test
  void auxiliaryExtractorsFollowTheReferenceAtBothImageSizes() {
    NDArray large = images("image64_bytes");
    modules.pass(
        Mode.EVAL,
        pass -> {
          for (var one : expected.get("aux_forward").properties()) {
            NDArray said = extractor.apply(pass, Integer.parseInt(one.getKey()), images);
            close(said.toDoubleArray(), one.getValue(), "aux " + one.getKey());
          }
          for (var one : expected.get("aux_forward_64").properties()) {
            NDArray said = extractor.apply(pass, Integer.parseInt(one.getKey()), large);
            close(said.toDoubleArray(), one.getValue(), "aux of 64 pixels " + one.getKey());
          }
          return pass;
        });
  }

  @Test
  void rectifiersAndTheChainFollowTheReference() {
    modules.pass(
        Mode.EVAL,
        pass -> {
          for (var one : expected.get("retrospector_forward").properties()) {
            int task = Integer.parseInt(one.getKey());
            NDArray aux = extractor.apply(pass, task, images);
            close(
                chain.rectified(pass, task, current, aux).toDoubleArray(),
                one.getValue(),
                "rectifier " + task);
          }
          var spaces = chain.spaces(pass, 1, 2, TASKS, current, frozenAux(pass, images));
          JsonNode stages = expected.get("inference").get("chain_features");
          close(spaces.of(3).toDoubleArray(), stages.get("stage_0"), "space of task 3");
          close(
              spaces.of(2).toDoubleArray(),
              stages.get("stage_1_space_of_task_2"),
              "space of task 2");
          close(
              spaces.of(1).toDoubleArray(),
              stages.get("stage_2_space_of_task_1"),
              "space of task 1");
          return pass;
        });
  }

  @Test
  void lossesOfTheModulesAndAllGradientsFollowTheReference() {
    JsonNode wanted = expected.get("module_losses");
    var aux =
        slope(
            modules,
            Mode.EVAL,
            pass ->
                Losses.distance(
                    pass.linear("adapter", extractor.apply(pass, 3, images), FEATURES), current));
    var rectifier = slope(modules, Mode.EVAL, pass -> rectifierLoss(pass, images, current, former));
    close(new double[] {aux.value()}, wanted.get("loss_aux"), "loss of the auxiliary extractor");
    close(
        new double[] {rectifier.value()}, wanted.get("loss_retrospector"), "loss of the rectifier");
    Map<String, JsonNode> gradients =
        Map.of(
            "aux.3.", wanted.get("grad_aux_3"),
            "adapter.", wanted.get("grad_adapter"),
            "rectifier.2.", wanted.get("grad_retrospector_2"));
    checkGradients(aux.vector().add(rectifier.vector()), gradients);
  }

  private NDArray rectifierLoss(Pass pass, NDArray x, NDArray now, NDArray target) {
    return Losses.distance(chain.rectified(pass, 2, now, frozenAux(pass, x).apply(2)), target);
  }

  /** The gradients of the named modules; all others are zero. */
  private void checkGradients(NDArray vector, Map<String, JsonNode> modulesWithGradient) {
    Tensors named = modules.byParameter(vector);
    int compared = 0;
    for (var entry : named.tensors().entrySet()) {
      double[] actual = entry.getValue().doubles();
      String name = entry.getKey();
      var module =
          modulesWithGradient.entrySet().stream()
              .filter(each -> name.startsWith(each.getKey()))
              .findFirst();
      if (module.isPresent()) {
        String parameter = name.substring(module.get().getKey().length());
        close(actual, module.get().getValue().get(parameter), "gradient of " + name);
        compared++;
      } else {
        assertThat(actual).as("gradient of " + name).containsOnly(0.0);
      }
    }
    assertThat(compared)
        .isEqualTo(modulesWithGradient.values().stream().mapToInt(JsonNode::size).sum());
  }

  /** Heads of tasks 1 to {@code tasks} as one layer. */
  private Heads heads(int tasks) {
    List<Integer> sizes = new ArrayList<>();
    NDArray weight = array(inputs.get("heads").get("1").get("weight"));
    NDArray bias = array(inputs.get("heads").get("1").get("bias"));
    sizes.add((int) bias.size());
    for (int task = 2; task <= tasks; task++) {
      JsonNode head = inputs.get("heads").get(Integer.toString(task));
      weight = weight.concat(array(head.get("weight")), 0);
      NDArray more = array(head.get("bias"));
      bias = bias.concat(more, 0);
      sizes.add((int) more.size());
    }
    return new Heads(weight, bias, Heads.Columns.consecutive(sizes));
  }

  private record Situation(int heads, int seen, int links) {}

  @Test
  void allSituationsOfInferenceFollowTheReference() {
    Map<String, Situation> situations =
        Map.of(
            "fixed_all_done", new Situation(3, 3, 2),
            "fixed_with_unseen_task4_head", new Situation(4, 3, 2),
            "expanding_all_done", new Situation(3, 3, 2),
            "fixed_during_task3_training", new Situation(3, 3, 1),
            "fixed_during_task2_training", new Situation(3, 2, 0),
            "expanding_during_task2_training", new Situation(2, 2, 0),
            "fixed_after_task1", new Situation(3, 1, 0));
    JsonNode inference = expected.get("inference");
    assertThat(inference.size()).as("with chain_features").isEqualTo(situations.size() + 1);
    situations.forEach((name, situation) -> inference(name, inference.get(name), situation));
  }

  private void inference(String name, JsonNode wanted, Situation situation) {
    Heads heads = heads(situation.heads());
    var spaces =
        modules.pass(
            Mode.EVAL,
            pass ->
                chain.spaces(
                    pass,
                    1,
                    situation.links(),
                    situation.seen(),
                    current,
                    frozenAux(pass, images)));
    assertThat(wanted.get("task_incremental").size()).isEqualTo(situation.seen());
    for (var one : wanted.get("task_incremental").properties()) {
      int task = Integer.parseInt(one.getKey());
      NDArray probabilities = heads.ofTask(task, spaces.of(task));
      String what = name + ", task " + task;
      close(probabilities.toDoubleArray(), one.getValue().get("probs"), what);
      long[] targets = Golden.longs(one.getValue().get("targets_local"));
      close(likelihood(probabilities, targets), one.getValue().get("nll"), what + ", loss");
    }
    NDArray all = heads.ofAll(spaces);
    JsonNode classIncremental = wanted.get("class_incremental");
    close(all.toDoubleArray(), classIncremental.get("probs"), name + ", all classes");
    assertThat(all.argMax(1).toLongArray()).isEqualTo(Golden.longs(classIncremental.get("argmax")));
    if (classIncremental.has("nll")) {
      long[] targets = Golden.longs(inputs.get("targets_mixed"));
      close(likelihood(all, targets), classIncremental.get("nll"), name + ", loss");
    }
  }

  private double[] likelihood(NDArray probabilities, long... targets) {
    return new double[] {
      -probabilities.gather(compute.array(targets).expandDims(1), 1).log().mean().getDouble()
    };
  }

  @Test
  void theIncrementsLossAndItsGradientsFollowTheReference() {
    double lambda = golden.get("parameters").get("lambda_main").doubleValue();
    increment("fixed_task1_no_regulariser", 3, 1, 0);
    increment("fixed_task2_of_3", 3, 2, lambda);
    increment("fixed_task3_of_3", 3, 3, lambda);
    increment("fixed_task2_of_3_lambda0", 3, 2, 0);
    increment("expanding_task1", 1, 1, 0);
    assertThat(expected.get("main_loss").size()).as("with the reference's error").isEqualTo(6);
  }

  private void increment(String name, int tasks, int task, double lambda) {
    JsonNode wanted = expected.get("main_loss").get(name);
    Heads heads = heads(tasks);
    int first = heads.columns().get(task - 1).first();
    NDArray labels = compute.array(Golden.longs(wanted.get("targets")));
    var tables = new Tensors.Builder();
    tables.put("features", Compute.tensor(current));
    tables.put("heads.weight", Compute.tensor(heads.weight()));
    tables.put("heads.bias", Compute.tensor(heads.bias()));
    try (Net net = table(tables.build())) {
      var slope =
          slope(
              net,
              Mode.TRAIN,
              pass -> {
                NDArray features = parameter(pass, net, "features");
                NDArray logits = logits(pass, net, features);
                NDArray loss = Losses.ofTask(logits, labels, first);
                return loss.add(Losses.distance(features, former).mul(lambda));
              });
      close(new double[] {slope.value()}, wanted.get("loss"), name + ", loss");
      Tensors gradient = net.byParameter(slope.vector());
      close(
          gradient.get("features").doubles(),
          wanted.get("grad_features"),
          name + ", gradient of the features");
      double[] weight = gradient.get("heads.weight").doubles();
      double[] bias = gradient.get("heads.bias").doubles();
      for (int k = 1; k <= tasks; k++) {
        Heads.Columns own = heads.columns().get(k - 1);
        int from = own.first();
        int to = own.end();
        JsonNode head = wanted.get("grad_heads").get(Integer.toString(k));
        frozenOrClose(weight, from * FEATURES, to * FEATURES, head.get("weight"), name + k);
        frozenOrClose(bias, from, to, head.get("bias"), name + k);
      }
    }
    NDArray logits = Ops.linear(current, heads.weight(), heads.bias());
    close(logits.toDoubleArray(), wanted.get("logits"), name + ", logits");
    try (Net net = table(new Tensors.Builder().put("logits", Compute.tensor(logits)).build())) {
      var slope =
          slope(
              net,
              Mode.TRAIN,
              pass -> Losses.ofTask(parameter(pass, net, "logits"), labels, first));
      close(slope.vector().toDoubleArray(), wanted.get("grad_logits"), name + ", by logits");
    }
  }

  private static void frozenOrClose(
      double[] gradient, int from, int to, JsonNode wanted, String what) {
    double[] own = Arrays.copyOfRange(gradient, from, to);
    if (wanted.isNull()) {
      assertThat(own).as("gradient of the frozen head of " + what).containsOnly(0.0);
    } else {
      close(own, wanted, "gradient of the head of " + what);
    }
  }

  /** A network that is nothing but tables. */
  private Net table(Tensors tables) {
    Forward declaration =
        (pass, x) -> {
          tables
              .tensors()
              .forEach((name, tensor) -> pass.parameter(name, Initial.constant(0), tensor.shape()));
          return Out.of(x, x);
        };
    return Net.loaded(compute, Precision.F64, declaration, tables, 1);
  }

  private static NDArray parameter(Pass pass, Net net, String name) {
    return pass.parameter(name, Initial.constant(0), net.state().get(name).shape());
  }

  private static NDArray logits(Pass pass, Net net, NDArray features) {
    return Ops.linear(
        features, parameter(pass, net, "heads.weight"), parameter(pass, net, "heads.bias"));
  }

  @Test
  void storedSamplesPullAtTheRectifiersAsInTheReference() {
    for (var entry : expected.get("buffered").properties()) {
      JsonNode wanted = entry.getValue();
      int[] buffered = Golden.ints(inputs.get("buffer_image_index"));
      int[] tasks = keys(wanted.get("buffer_tkeys"));
      NDArray x = rows(images, buffered);
      NDArray now = rows(current, buffered);
      NDArray stored = rows(array(inputs.get("features_stored")), IntStream.range(0, 3).toArray());
      NDArray batch = rows(images, 0, 1);
      NDArray batchNow = rows(current, 0, 1);
      NDArray batchFormer = rows(former, 0, 1);
      var buffer =
          slope(
              modules,
              Mode.EVAL,
              pass -> Losses.recalled(chain, pass, 2, now, frozenAux(pass, x), stored, tasks));
      close(new double[] {buffer.value()}, wanted.get("loss_buffer"), entry.getKey());
      var base =
          slope(modules, Mode.EVAL, pass -> rectifierLoss(pass, batch, batchNow, batchFormer));
      close(new double[] {base.value()}, wanted.get("loss_base"), entry.getKey());
      close(
          new double[] {base.value() + buffer.value()},
          wanted.get("loss_retrospector_total"),
          entry.getKey());
      if (wanted.has("grad_retrospector_2")) {
        NDArray vector = base.vector().add(buffer.vector());
        checkGradients(
            vector,
            wanted.get("grad_retrospector_1").isNull()
                ? Map.of("rectifier.2.", wanted.get("grad_retrospector_2"))
                : Map.of(
                    "rectifier.1.", wanted.get("grad_retrospector_1"),
                    "rectifier.2.", wanted.get("grad_retrospector_2")));
      }
      regulariser(wanted.get("regulariser"), buffered, stored);
    }
    assertThat(expected.get("buffered").size()).isEqualTo(3);
  }

  private static int[] keys(JsonNode texts) {
    int[] keys = new int[texts.size()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = Integer.parseInt(texts.get(i).asText());
    }
    return keys;
  }

  /** By the table of all features: images 0 and 1 are the batch, image 0 is in the buffer too. */
  private void regulariser(JsonNode wanted, int[] buffered, NDArray stored) {
    double lambda = golden.get("parameters").get("lambda_buffered").doubleValue();
    Tensor table = Compute.tensor(current);
    try (Net net = table(new Tensors.Builder().put("features", table).build())) {
      var slope =
          slope(
              net,
              Mode.TRAIN,
              pass -> {
                NDArray features = parameter(pass, net, "features");
                NDArray batch =
                    Losses.distance(rows(features, 0, 1), rows(former, 0, 1)).mul(lambda);
                return batch.add(Losses.distance(rows(features, buffered), stored).mul(lambda));
              });
      close(new double[] {slope.value()}, wanted.get("value"), "regulariser");
      close(
          slope.vector().toDoubleArray(),
          wanted.get("grad_features_all_4_images"),
          "gradient of the regulariser");
    }
  }

  private static Net.Gradient slope(Net net, Mode mode, Function<Pass, NDArray> loss) {
    return net.gradient(mode, graph -> loss.apply(graph.pass()));
  }
}
