package dev.palimpsest.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.methods.learners.Task;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SplitTasksTest {
  private static final List<String> NAMES = List.of("shirt", "boot", "bag", "coat", "dress", "hat");

  /** Of each class as many images; image i holds the bytes (class, i). */
  static Tensors data(int... counts) {
    int size = IntStream.of(counts).sum();
    long[] labels = new long[size];
    int[] left = counts.clone();
    for (int i = 0, label = 0; i < size; label = (label + 1) % counts.length) {
      if (left[label]-- > 0) {
        labels[i++] = label;
      }
    }
    return labelled(labels, NAMES.subList(0, counts.length));
  }

  private static Tensors labelled(long[] labels, List<String> names) {
    byte[] pixels = new byte[2 * labels.length];
    for (int i = 0; i < labels.length; i++) {
      pixels[2 * i] = (byte) labels[i];
      pixels[2 * i + 1] = (byte) i;
    }
    return new Tensors.Builder()
        .put("images", Tensor.of(pixels, labels.length, 1, 1, 2))
        .put("labels", Tensor.of(labels, labels.length))
        .text("name", "clothes")
        .text("classes", Json.line(names))
        .build();
  }

  private static SplitTasks.Parameters parameters(String json) {
    return new Parameters(Methods.load())
        .bind(
            "stage 'split-tasks'",
            SplitTasks.Parameters.class,
            Json.parse("test", json.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
  }

  private static MemoryContext split(String parameters, long seed, Tensors train, Tensors test) {
    var context = new MemoryContext(seed).with("train", train).with("test", test);
    new SplitTasks().run(parameters(parameters), context);
    return context;
  }

  private static MemoryContext split(String parameters, long seed) {
    return split(parameters, seed, data(10, 10, 10, 10, 10, 10), data(2, 2, 2, 2, 2, 2));
  }

  private static DataSet part(MemoryContext context, String name) {
    return new DataSet(context.written(name));
  }

  /** What the images say their class was, in their order, by the names of the original. */
  private static List<String> truth(DataSet data) {
    byte[] pixels = data.images().bytes();
    return IntStream.range(0, data.size()).mapToObj(i -> NAMES.get(pixels[2 * i])).toList();
  }

  private static List<String> told(DataSet data) {
    return LongStream.of(data.labels().longs())
        .mapToObj(label -> data.classes().get((int) label))
        .toList();
  }

  /** Which of the original's images these are. */
  private static List<Integer> images(DataSet data) {
    byte[] pixels = data.images().bytes();
    return IntStream.range(0, data.size()).mapToObj(i -> (int) pixels[2 * i + 1]).toList();
  }

  @Test
  void imagesLieByTaskAndKeepTheirClassUnderItsNewLabel() {
    var context = split("{'tasks': 3, 'order': 'drawn'}", 3);
    for (String name : List.of("train", "validation", "test")) {
      DataSet part = part(context, name);
      assertThat(part.tasks()).containsExactly(2, 2, 2);
      assertThat(part.tensors().text("name")).isEqualTo("clothes");
      assertThat(told(part)).isEqualTo(truth(part));
      assertThat(LongStream.of(part.labels().longs()).map(label -> label / 2)).isSorted();
    }
    assertThat(part(context, "train").classes())
        .isNotEqualTo(NAMES)
        .containsExactlyInAnyOrderElementsOf(NAMES);
    assertThat(part(context, "test").size()).isEqualTo(12);
  }

  @Test
  void everyTrainingImageIsInTrainingOrInValidation() {
    var context = split("{'tasks': 2, 'validation': 0.25}", 1, data(7, 9, 3, 1), data(1, 1, 1, 1));
    List<Integer> training = images(part(context, "train"));
    List<Integer> validation = images(part(context, "validation"));
    Set<Integer> all = new HashSet<>(training);
    all.addAll(validation);
    assertThat(all).hasSize(20);
    assertThat(validation).hasSize(5);
    assertThat(training).hasSize(15);
  }

  @Test
  void validationTakesEachClassItsShareUpToOneImage() {
    DataSet validation =
        part(
            split("{'tasks': 2, 'validation': 0.3}", 1, data(20, 5, 11, 9), data(1, 1, 1, 1)),
            "validation");
    assertThat(validation.task(1).size()).isEqualTo(7);
    assertThat(validation.task(2).size()).isEqualTo(6);
    long[] counts = new long[4];
    Arrays.stream(validation.labels().longs()).forEach(label -> counts[(int) label]++);
    assertThat(counts).containsExactly(6, 1, 3, 3);
  }

  @Test
  void validationMayBeEmpty(@TempDir Path folder) {
    var context = split("{'tasks': 2, 'validation': 0}", 1, data(1, 1), data(1, 1));
    Tensors validation = context.written("validation");
    assertThat(validation.get("images").shape()).containsExactly(0, 1, 1, 2);
    Path file = folder.resolve("validation");
    Safetensors.write(file, validation);
    assertThat(new DataSet(Safetensors.read(file, "it")).task(2).size()).isZero();
  }

  @Test
  void aShareThatTakesATasksLastImageIsRefused() {
    assertThatThrownBy(() -> split("{'tasks': 2, 'validation': 0.9}", 1, data(1, 1), data(1, 1)))
        .isInstanceOf(Mistake.class)
        .hasMessage(
            "validation is 0.9, which leaves task 2 no training image; expected a smaller share.");
  }

  @Test
  void theSeedDrawsWhichImagesAreKeptAndHowTheOthersAreShuffled() {
    DataSet one = part(split("{'tasks': 3}", 1), "train");
    assertThat(images(part(split("{'tasks': 3}", 1), "train"))).isEqualTo(images(one));
    assertThat(images(part(split("{'tasks': 3}", 2), "train"))).isNotEqualTo(images(one));
    assertThat(images(one.task(1))).isNotEqualTo(images(one.task(1)).stream().sorted().toList());
    assertThat(one.classes()).isEqualTo(NAMES);
  }

  @Test
  void groupsSayWhichClassesATaskHas() {
    DataSet train =
        part(
            split("{'tasks': 2, 'groups': [['boot'], ['shirt','hat','bag','coat','dress']]}", 1),
            "train");
    assertThat(train.tasks()).containsExactly(1, 5);
    assertThat(train.classes()).containsExactly("boot", "shirt", "hat", "bag", "coat", "dress");
    assertThat(truth(train.task(1))).containsOnly("boot").hasSize(9);
    assertThat(train.imagesOf(2)).isEqualTo(new DataSet.Range(9, 54));
    assertThat(train.facts().task(2)).isEqualTo(new Task(2, 1, 6, 1));
  }

  @Test
  void theFirstTasksAreTheBeginningOfTheStream() {
    DataSet test = part(split("{'tasks': 3}", 1), "test");
    assertThat(test.task(2).labels().longs()).containsExactly(2, 3, 2, 3);
    assertThat(images(test.task(2))).containsExactly(2, 3, 8, 9);
    assertThat(test.upTo(2).labels().longs()).containsExactly(0, 1, 0, 1, 2, 3, 2, 3);
    assertThat(test.upTo(2).task(2))
        .extracting(SplitTasksTest::images)
        .isEqualTo(images(test.task(2)));
    assertThat(test.upTo(3)).extracting(SplitTasksTest::images).isEqualTo(images(test));
    assertThat(test.task(2).pick(new int[] {3, 0}).labels().longs()).containsExactly(3, 2);
  }

  @Test
  void whatWasNotSplitIsOneTask() {
    var whole = new DataSet(data(3, 2));
    assertThat(whole.tasks()).containsExactly(2);
    assertThat(images(whole.task(1))).isEqualTo(images(whole));
    assertThatThrownBy(() -> whole.task(2))
        .isInstanceOf(Mistake.class)
        .hasMessage("task 2 does not exist; expected 1 to 1.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'tasks': 4} | tasks is 4, which does not divide the 6 classes; expected one of 1, 2, 3, 6, or groups.
          {'tasks': 2, 'groups': [['boot','hat'],['shirt','bag','coat','dres']]} | groups: unknown class 'dres'; did you mean 'dress'?
          {'tasks': 2, 'groups': [['boot','hat'],['shirt','coat','dress']]} | groups leaves out 'bag'; expected each class once.
          {'tasks': 2, 'groups': [['boot','hat'],['boot','coat','dress']]} | stage 'split-tasks': groups names class 'boot' twice; expected each class once.
          {'tasks': 2, 'groups': [['boot','hat'],[]]} | stage 'split-tasks': groups has a task without classes; expected names of classes in each.
          {'groups': [['boot','hat']]} | stage 'split-tasks': groups has 1 task, and tasks is 5; expected the same number.
          {'tasks': 1, 'order': 'drawn', 'groups': [['boot','hat']]} | stage 'split-tasks': order is 'drawn', and groups give an order too; expected one of the two.
          {'groups': ['boot']} | stage 'split-tasks', field 'groups[0]': expected a list.
          {'validation': 1} | stage 'split-tasks': parameter 'validation' is 1; expected a number from 0 to 0.9.
          """)
  void aSplitThatDoesNotSuitTheClassesIsRefused(String parameters, String sentence) {
    assertThatThrownBy(() -> split(parameters, 1)).isInstanceOf(Mistake.class).hasMessage(sentence);
  }

  @ParameterizedTest
  @ValueSource(strings = {"natural", "drawn"})
  void whatIsForeseenHolds(String order) {
    String json = "{'tasks': 2, 'validation': 0.25, 'order': '" + order + "'}";
    Tensors train = data(7, 9, 3, 2);
    Tensors test = data(1, 2, 1, 1);
    Map<String, Facts> foreseen =
        new SplitTasks()
            .foresee(parameters(json), Map.of("train", Facts.of(train), "test", Facts.of(test)));
    var context = split(json, 1, train, test);
    assertThat(foreseen.keySet()).containsExactlyInAnyOrder("train", "validation", "test");
    foreseen.forEach((name, facts) -> {
      var told = new DataFacts(facts);
      DataFacts is = part(context, name).facts();
      assertThat(told.tasks()).isEqualTo(is.tasks());
      assertThat(told.classes()).containsExactlyInAnyOrderElementsOf(is.classes());
      assertThat(told.shape().subList(1, 4)).isEqualTo(is.shape().subList(1, 4));
      assertThat(told.size()).isEqualTo(is.size());
    });
  }

  @Test
  void aTaskWithoutImagesIsRefused() {
    assertThatThrownBy(() -> split("{'tasks': 2}", 1, data(1, 1, 0, 0), data(1, 1, 1, 1)))
        .isInstanceOf(Mistake.class)
        .hasMessage(
            "task 2 has no training image: the data set has none of bag, coat; expected at least"
                + " one.");
    assertThatThrownBy(() -> split("{'tasks': 2}", 1, data(1, 1, 1, 1), data(1, 1, 0, 0)))
        .hasMessageStartingWith("task 2 has no test image");
  }

  @Test
  void partsOfDifferentDataSetsAreRefused() {
    assertThatThrownBy(() -> split("{'tasks': 2}", 1, data(1, 1, 1, 1), data(1, 1, 1)))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("in 4 classes")
        .hasMessageContaining("in 3 do not belong together");
  }
}
