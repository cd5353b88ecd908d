package dev.palimpsest.methods.learners;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Adam;
import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Optimiser;
import dev.palimpsest.engine.Poisoner;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Sam;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Training;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PackNetTest {
  private static final PackNet.Parameters HALF = new PackNet.Parameters(0.5, 2, 0.05, 0.9, 5);
  private static final List<Integer> SIZES = List.of(2, 2);
  private static final Sgd.Settings SGD = Sgd.Settings.of(0.05, 0.9, 0.01);
  private final PackNet packnet = new PackNet();
  private final Compute compute = Compute.open("cpu", 1);
  private final Net net = Samples.net(compute);

  @AfterEach
  void close() {
    net.close();
    compute.close();
  }

  /** The sample images of these classes. */
  private Images images(Task task) {
    long[] labels = Samples.labels();
    byte[] all = Samples.bytes().bytes();
    int stride = all.length / labels.length;
    int[] places =
        IntStream.range(0, labels.length)
            .filter(i -> labels[i] >= task.first() && labels[i] < task.end())
            .toArray();
    byte[] bytes = new byte[places.length * stride];
    for (int i = 0; i < places.length; i++) {
      System.arraycopy(all, places[i] * stride, bytes, i * stride, stride);
    }
    return Images.of(
        compute,
        Tensor.of(bytes, places.length, Samples.CHANNELS, Samples.SIDE, Samples.SIDE),
        Tensor.of(IntStream.of(places).mapToLong(i -> labels[i]).toArray(), places.length),
        Samples.CLASSES);
  }

  private TaskContext context(Task task, Images images, Memory memory) {
    return new TaskContext(
        task,
        net,
        Optional.empty(),
        images,
        Optional.empty(),
        memory,
        new Augmentation(1, true),
        Randomness.of(1).within("task-" + task.number()));
  }

  private Memory trained(Task task, Memory memory, Recipe recipe) {
    try (Images images = images(task);
        TaskLesson lesson = packnet.lesson(HALF, context(task, images, memory));
        Training training =
            Training.of(net, images, recipe, Poisoner.NONE, lesson, Randomness.of(task.number()))) {
      while (!training.finished()) {
        training.step();
      }
      return lesson.memory();
    }
  }

  private Memory consolidated(Task task, Memory memory) {
    try (Images images = images(task);
        Consolidation work = packnet.consolidation(HALF, context(task, images, memory))) {
      while (!work.finished()) {
        work.step();
      }
      return work.memory();
    }
  }

  private Memory learned(int number, Memory memory, Recipe recipe) {
    Task task = Task.of(SIZES, number);
    return consolidated(task, trained(task, memory, recipe));
  }

  private static Recipe recipe(Optimiser.Settings optimiser) {
    return Recipe.of(2, 5, optimiser);
  }

  private record Answers(double[] told, double[] untold) {}

  private Answers answers(Memory memory, int asked, int last) {
    Task task = Task.of(SIZES, asked);
    try (Images images = images(task);
        Recall recall = packnet.recall(HALF, net, memory, Task.of(SIZES, last));
        Scope scope = Scope.open()) {
      Batch batch = images.batch(net.precision(), IntStream.range(0, images.size()).toArray());
      Recall.Scores scores = recall.scores(batch.images(), task);
      return new Answers(
          scores.taskIncremental().get(":, " + task.first() + ":" + task.end()).toDoubleArray(),
          scores.classIncremental().toDoubleArray());
    }
  }

  @Test
  void aTasksAnswersStayBitForBitWhateverTheOptimiser() {
    Memory one = learned(1, Memory.EMPTY, recipe(SGD));
    double[] before = answers(one, 1, 1).told();
    Tensors start = net.state();
    for (Recipe recipe :
        List.of(
            recipe(SGD), recipe(Adam.Settings.of(0.01)), recipe(SGD).with(new Sam(0.05, false)))) {
      net.load(start);
      Memory two = learned(2, one, recipe);
      assertThat(answers(two, 1, 2).told()).as(recipe.toString()).isEqualTo(before);
      assertThat(net.state().get("layer2.0.conv1.weight").floats())
          .isNotEqualTo(start.get("layer2.0.conv1.weight").floats());
    }
  }

  @Test
  void eachLayerKeepsTheGreaterHalfAndFreesTheRest() {
    Task task = Task.of(SIZES, 1);
    Memory trained = trained(task, Memory.EMPTY, recipe(SGD));
    float[] before = net.state().get("layer1.0.conv1.weight").floats();
    try (Images images = images(task);
        Consolidation work = packnet.consolidation(HALF, context(task, images, trained))) {
      byte[] owners = work.memory().tensors().get("owner.layer1.0.conv1.weight").bytes();
      float[] pruned = net.state().get("layer1.0.conv1.weight").floats();
      double kept = Double.MAX_VALUE;
      double freed = 0;
      int owned = 0;
      for (int i = 0; i < owners.length; i++) {
        if (owners[i] == 1) {
          owned++;
          kept = Math.min(kept, Math.abs(before[i]));
          assertThat(pruned[i]).isEqualTo(before[i]);
        } else {
          freed = Math.max(freed, Math.abs(before[i]));
          assertThat(pruned[i]).isZero();
        }
      }
      assertThat(owned).isEqualTo(owners.length / 2);
      assertThat(kept).isGreaterThanOrEqualTo(freed);
    }
  }

  @Test
  void tasksTakeHalfOfWhatIsFreeAndTheirOwnRows() {
    Memory one = learned(1, Memory.EMPTY, recipe(SGD));
    assertThat(Ownership.free(one)).isEqualTo(0.5);
    assertThat(one.tensors().get("owner.linear.bias").bytes()).containsExactly(1, 1, 0, 0);
    Memory two = learned(2, one, recipe(SGD));
    assertThat(Ownership.free(two)).isEqualTo(0.25);
    assertThat(two.tensors().get("owner.linear.bias").bytes()).containsExactly(1, 1, 2, 2);
    assertThat(two.has("owner.linear.weight")).isFalse();
    assertThat(two.has("owner.bn1.weight")).isFalse();
  }

  @Test
  void ofEqualWeightsTheFirstAreFreed() {
    net.weights().muli(0).addi(1);
    var ownership = Ownership.of(net, Memory.EMPTY);
    ownership.claim(Task.of(SIZES, 1), 0.75);
    byte[] owners = ownership.in(Memory.EMPTY).tensors().get("owner.layer1.0.conv1.weight").bytes();
    for (int i = 0; i < owners.length; i++) {
      assertThat(owners[i]).isEqualTo((byte) (i < owners.length * 3 / 4 ? 0 : 1));
    }
  }

  @Test
  void normalisationStaysAsTheFirstTaskLeftIt() {
    Memory one = learned(1, Memory.EMPTY, recipe(SGD));
    Tensors before = net.state();
    learned(2, one, recipe(SGD));
    Tensors after = net.state();
    for (String name : List.of("bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var")) {
      assertThat(after.get(name).floats()).as(name).isEqualTo(before.get(name).floats());
    }
    assertThat(after.get("bn1.num_batches_tracked").longs())
        .isEqualTo(before.get("bn1.num_batches_tracked").longs());
  }

  @Test
  void untoldOfTheTaskEachTaskAnswersAmongItsOwnClassesWithItsOwnWeights() {
    Memory one = learned(1, Memory.EMPTY, recipe(SGD));
    assertThat(answers(one, 1, 1).untold()[2]).as("a class to come").isZero();
    double[] alone = answers(one, 2, 1).untold();
    Memory two = learned(2, one, recipe(SGD));
    double[] both = answers(two, 2, 2).untold();
    for (int i = 0; i < both.length; i += Samples.CLASSES) {
      assertThat(both[i] + both[i + 1]).isCloseTo(1, within(1e-12));
      assertThat(both[i + 2] + both[i + 3]).isCloseTo(1, within(1e-12));
      assertThat(both[i]).as("the first task's answer").isEqualTo(alone[i]);
    }
  }

  @Test
  void aFurtherTaskOfTheSameClassesLeavesTheirRows() {
    Task only = Task.only(Samples.CLASSES);
    Memory one = consolidated(only, Memory.EMPTY);
    Tensors before = net.state();
    trained(Task.further(Samples.CLASSES), one, recipe(SGD));
    Tensors after = net.state();
    assertThat(after.get("linear.weight").floats()).isEqualTo(before.get("linear.weight").floats());
    assertThat(after.get("linear.bias").floats()).isEqualTo(before.get("linear.bias").floats());
    assertThat(after.get("conv1.weight").floats())
        .isNotEqualTo(before.get("conv1.weight").floats());
  }

  @Test
  void scarceWeightsAreWarnedOf() {
    Memory one = learned(1, Memory.EMPTY, recipe(SGD));
    assertThat(packnet.warning(HALF, one, SGD)).isEmpty();
    byte[] owners = new byte[400];
    Arrays.fill(owners, (byte) 1);
    owners[0] = 0;
    var kept = new Tensors.Builder().put("conv1.weight", Tensor.of(owners, 20, 20)).build();
    assertThat(packnet.warning(HALF, Memory.EMPTY.with("owner", kept), SGD))
        .hasValue(
            "packnet has 0.25 % of its weights left for this task: a greater prune in the former"
                + " tasks would have left more.");
  }

  @Test
  void theMemoryOfAnotherNetworkAndTooManyTasksAreRefused() {
    var kept = new Tensors.Builder().put("conv1.weight", Tensor.of(new byte[4], 2, 2)).build();
    assertThatThrownBy(() -> Ownership.of(net, Memory.EMPTY.with("owner", kept)))
        .isInstanceOf(Mistake.class)
        .hasMessage(
            "the memory says nothing of 'conv1.weight' that fits it; expected packnet's memory of"
                + " this network.");
    assertThatThrownBy(() -> Ownership.of(net, Memory.EMPTY).claim(new Task(256, 0, 2, 0), 0.5))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("has number 256");
  }
}
