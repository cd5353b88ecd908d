package dev.palimpsest.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A stream of two tasks, two classes each, turn by turn. */
final class StreamStagesTest {
  private static final int CLASSES = 4;
  private static final int IMAGES = 40;
  private static final int SIDE = 8;

  /** The dark and the bright half of an image tell its class, so that little training suffices. */
  private static Tensors data() {
    RandomStream stream = Randomness.of(1).stream("images");
    byte[] bytes = new byte[IMAGES * SIDE * SIDE];
    long[] labels = new long[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
      labels[i] = i * CLASSES / IMAGES;
      for (int j = 0; j < SIDE * SIDE; j++) {
        int quarter = j / SIDE / (SIDE / 2) * 2 + j % SIDE / (SIDE / 2);
        bytes[i * SIDE * SIDE + j] = (byte) ((quarter == labels[i] ? 200 : 0) + stream.below(40));
      }
    }
    return new Tensors.Builder()
        .put("images", Tensor.of(bytes, IMAGES, 1, SIDE, SIDE))
        .put("labels", Tensor.of(labels, IMAGES))
        .text("name", "quarters")
        .text("classes", "[\"a\",\"b\",\"c\",\"d\"]")
        .text("tasks", "[2,2]")
        .build();
  }

  private static <P extends Record> MemoryContext run(
      Stage<P> stage, ObjectNode parameters, MemoryContext context) {
    stage.run(
        new Parameters(Methods.load()).bind(stage.name(), stage.parameters(), parameters), context);
    return context;
  }

  private static ObjectNode json(String text) {
    return Json.read("the parameters", text.replace('\'', '"'), ObjectNode.class);
  }

  private static MemoryContext begun(String heads) {
    return run(
        new BeginStream(),
        json("{'heads': '" + heads + "'}"),
        new MemoryContext(7).with("data", data()));
  }

  /** The stages of a turn; the last one's context has the row. */
  private static MemoryContext turn(
      int task, String learner, String heads, Tensors checkpoint, Tensors memory) {
    String common =
        "'learner': "
            + choice(learner)
            + ", 'augmentation': {'padding': 0, 'flip': false}, 'task': "
            + task;
    MemoryContext learned =
        run(
            new ContinualLearning(),
            json(
                "{"
                    + common
                    + ", 'heads': '"
                    + heads
                    + "', 'training': {'epochs': 15, 'lr': 0.01, 'batch': 10, 'optimiser': 'adam',"
                    + " 'weightDecay': 0, 'schedule': 'plateau'}}"),
            new MemoryContext(7)
                .with("checkpoint", checkpoint)
                .with("memory", memory)
                .with("data", data())
                .with("validation", data()));
    MemoryContext consolidated =
        run(
            new Consolidate(),
            json("{" + common + "}"),
            new MemoryContext(7)
                .with("checkpoint", learned.written("checkpoint"))
                .with("memory", learned.written("memory"))
                .with("former", checkpoint)
                .with("data", data()));
    MemoryContext evaluated =
        new MemoryContext(7)
            .with("checkpoint", consolidated.written("checkpoint"))
            .with("memory", consolidated.written("memory"))
            .with("test", data());
    return run(
        new EvaluateTasks(),
        json("{'learner': " + choice(learner) + ", 'task': " + task + "}"),
        evaluated);
  }

  /** Pruning wants a training after it that is as long as the one before. */
  private static String choice(String learner) {
    return learner.equals("packnet")
        ? "{'method': 'packnet', 'epochs': 15, 'batch': 10}"
        : "'" + learner + "'";
  }

  @ParameterizedTest
  @CsvSource({
    "naive, fixed",
    "naive, growing",
    "ewc, fixed",
    "ewc, growing",
    "joint, growing",
    "online-ewc, growing",
    "si, fixed",
    "mas, growing",
    "lwf, growing",
    "packnet, fixed"
  })
  void aStreamIsLearnedTaskByTask(String learner, String heads) {
    MemoryContext begun = begun(heads);
    MemoryContext first =
        turn(1, learner, heads, begun.written("checkpoint"), begun.written("memory"));
    JsonNode row = first.writtenDocument("row");
    assertThat(row.path("heads").asText()).isEqualTo(heads);
    assertThat(row.path("classIncremental")).hasSize(1);
    assertThat(row.path("classIncremental").path(0).asDouble()).isGreaterThan(0.9);
    assertThat(row.path("ahead")).hasSize(heads.equals("fixed") ? 1 : 0);

    MemoryContext second =
        turn(2, learner, heads, first.tensors("checkpoint"), first.tensors("memory"));
    row = second.writtenDocument("row");
    assertThat(row.path("taskIncremental")).hasSize(2);
    assertThat(row.path("taskIncremental").path(1).asDouble()).isGreaterThan(0.9);
    assertThat(row.path("images").toString()).isEqualTo("[20,20]");
    assertThat(row.path("heads").asText()).isEqualTo("fixed");
    assertThat(second.tensors("checkpoint").get("linear.weight").shape()[0]).isEqualTo(4);
    if (learner.equals("ewc")) {
      assertThat(row.path("kept").findValuesAsText("part"))
          .containsExactly("network", "fisher", "anchor");
      assertThat(second.tensors("memory").tensors().keySet())
          .contains("fisher.1.conv1.weight", "fisher.2.linear.bias", "anchor.2.conv1.weight");
    }
  }

  @Test
  void aConsolidationOfOneStepThatIsKilledBehindItTellsItsLineOnce() {
    ObjectNode parameters = json("{'learner': 'naive', 'augmentation': {}, 'task': 1}");
    Tensors checkpoint = begun("fixed").written("checkpoint");
    MemoryContext undisturbed = run(new Consolidate(), parameters, consolidating(checkpoint));
    MemoryContext again =
        run(new Consolidate(), parameters, consolidating(checkpoint).from(undisturbed.saved()));
    assertThat(undisturbed.writtenDocument("metrics")).hasSize(1);
    assertThat(again.writtenDocument("metrics")).isEqualTo(undisturbed.writtenDocument("metrics"));
  }

  private static MemoryContext consolidating(Tensors checkpoint) {
    return new MemoryContext(7).with("checkpoint", checkpoint).with("data", data());
  }

  @Test
  void theUntrainedNetworkIsMeasuredOnAllTasksToCome() {
    MemoryContext context =
        new MemoryContext(7).with("checkpoint", begun("fixed").written("checkpoint"));
    JsonNode row =
        run(new EvaluateTasks(), json("{'task': 0}"), context.with("test", data()))
            .writtenDocument("row");
    assertThat(row.path("ahead")).hasSize(2);
    assertThat(row.path("classIncremental")).isEmpty();
  }

  @Test
  void aGrownClassifierKeepsItsFirstRows() {
    MemoryContext begun = begun("growing");
    Tensors small = begun.written("checkpoint");
    assertThat(small.get("linear.weight").shape()[0]).isEqualTo(2);
    assertThat(small.text("classes")).isEqualTo("2");
    MemoryContext learned =
        run(
            new ContinualLearning(),
            json(
                "{'learner': 'naive', 'task': 2, 'heads': 'growing', 'augmentation': {},"
                    + " 'training': {'epochs': 1, 'lr': 0, 'weightDecay': 0}}"),
            new MemoryContext(7).with("checkpoint", small).with("data", data()));
    Tensor grown = learned.written("checkpoint").get("linear.weight");
    assertThat(grown.shape()[0]).isEqualTo(4);
    float[] first = small.get("linear.weight").floats();
    assertThat(grown.floats()).startsWith(first);
    assertThat(learned.written("checkpoint").text("classes")).isEqualTo("4");
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Tensors small = begun("growing").written("checkpoint");
    assertThatThrownBy(() -> turn(2, "naive", "fixed", small, begun("fixed").written("memory")))
        .isInstanceOf(Mistake.class)
        .hasMessage(
            "heads is fixed and the checkpoint has 2 classes; task 2 needs 4 of the data set's 4.");
    Tensors whole = begun("fixed").written("checkpoint");
    assertThatThrownBy(() -> turn(3, "naive", "fixed", whole, begun("fixed").written("memory")))
        .isInstanceOf(Mistake.class)
        .hasMessage("task 3 does not exist; expected 1 to 2.");
    assertThatThrownBy(() -> turn(2, "ewc", "fixed", whole, begun("fixed").written("memory")))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("learner 'ewc' has no memory of the former task");
  }

  @Test
  void aLearnerThatMeasuresInTrainingKeepsNothingOfATaskTrainedWithoutIt() {
    Consolidate.Parameters si =
        new Parameters(Methods.load())
            .bind("consolidate", Consolidate.Parameters.class, json("{'learner': 'si'}"));
    String sentence =
        "learner 'si' measures what matters while it trains, and this task was trained without it;"
            + " expected a learner that measures afterwards, such as ewc or mas.";
    assertThatThrownBy(() -> new Consolidate().foresee(si, Map.of()))
        .isInstanceOf(Mistake.class)
        .hasMessage(sentence);
    MemoryContext context =
        new MemoryContext(7)
            .with("checkpoint", begun("fixed").written("checkpoint"))
            .with("data", data());
    assertThatThrownBy(() -> new Consolidate().run(si, context))
        .isInstanceOf(Mistake.class)
        .hasMessage(sentence);
  }
}
