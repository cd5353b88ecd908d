package dev.palimpsest.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Plans that are drawn, crafted and trained, and a network that is trained and measured with each.
 */
final class PoisonStagesTest {
  private static final int CLASSES = 4;
  private static final int IMAGES = 80;
  private static final int SIDE = 8;
  private static final String TRAINING =
      "'training': {'epochs': 12, 'lr': 0.05, 'batch': 20}, 'augmentation': {'padding': 0, 'flip':"
          + " false}";

  /** The bright quarter of an image tells its class, so that little training suffices. */
  private static Tensors data() {
    RandomStream stream = Randomness.of(1).stream("images");
    byte[] bytes = new byte[IMAGES * SIDE * SIDE];
    long[] labels = new long[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
      labels[i] = i % CLASSES;
      for (int j = 0; j < SIDE * SIDE; j++) {
        int quarter = j / SIDE / (SIDE / 2) * 2 + j % SIDE / (SIDE / 2);
        bytes[i * SIDE * SIDE + j] = (byte) ((quarter == labels[i] ? 140 : 40) + stream.below(60));
      }
    }
    return new Tensors.Builder()
        .put("images", Tensor.of(bytes, IMAGES, 1, SIDE, SIDE))
        .put("labels", Tensor.of(labels, IMAGES))
        .text("name", "quarters")
        .text("classes", "[\"a\",\"b\",\"c\",\"d\"]")
        .build();
  }

  private static <P extends Record> P bind(Stage<P> stage, String parameters) {
    return new Parameters(Methods.load()).bind(stage.name(), stage.parameters(), json(parameters));
  }

  private static ObjectNode json(String text) {
    return Json.read("the parameters", text.replace('\'', '"'), ObjectNode.class);
  }

  private static <P extends Record> MemoryContext run(
      Stage<P> stage, String parameters, MemoryContext context) {
    stage.run(bind(stage, parameters), context);
    return context;
  }

  private static MemoryContext context() {
    return new MemoryContext(7).with("data", data());
  }

  private static Tensors trained(MemoryContext context) {
    return run(new Train(), "{" + TRAINING + "}", context).written("checkpoint");
  }

  private static double measure(Tensors checkpoint, Tensors plan, String measure) {
    MemoryContext context =
        new MemoryContext(7).with("checkpoint", checkpoint).with("test", data()).with("plan", plan);
    return run(new Evaluate(), "{}", context)
        .writtenDocument("result")
        .path("measures")
        .path(measure)
        .asDouble();
  }

  @ParameterizedTest
  @CsvSource({
    "badnets, dynamic, all-to-one, 0.9",
    "badnets, static, all-to-all, 0.9",
    "blended, dynamic, as-published, 0.9",
    "sig, dynamic, all-to-one, 0.9",
    "wanet, dynamic, as-published, 0.1"
  })
  void aDrawnPlanIsTrainedAndMeasured(String attack, String timing, String labels, double least) {
    MemoryContext planned =
        run(
            new PlanPoison(),
            "{'attack': '"
                + attack
                + "', 'rate': 0.3, 'target': 1, 'timing': '"
                + timing
                + "', 'labels': '"
                + labels
                + "'}",
            context());
    Tensors plan = planned.written("plan");
    assertThat(planned.writtenFigure("preview")).contains("Poison plan: " + attack);
    Tensors checkpoint = trained(context().with("plan", plan));
    assertThat(measure(checkpoint, plan, "asr")).isBetween(least, 1.0);
    assertThat(measure(trained(context()), plan, "asr")).as("without it").isLessThan(least);
    assertThat(measure(checkpoint, plan, "cleanAccuracy")).isGreaterThan(0.5);
  }

  @Test
  void aPlanOfCleanLabelsIsRefusedOnOtherDataAndTrainsOnItsOwn() {
    Tensors plan =
        run(
                new PlanPoison(),
                "{'attack': 'sig', 'rate': 0.5, 'target': 1, 'timing': 'static'}",
                context())
            .written("plan");
    assertThat(plan.text("label")).isEqualTo("clean");
    assertThat(measure(trained(context().with("plan", plan)), plan, "cleanAccuracy"))
        .isGreaterThan(0.5);
    Tensors half = new DataSet(data()).pick(new int[] {0, 1, 2, 3, 4, 5}).tensors();
    MemoryContext other = new MemoryContext(7).with("data", half).with("plan", plan);
    assertThatThrownBy(() -> trained(other))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("images and is given 6; expected the data that it was made for");
  }

  @Test
  void aRateThatLeavesNoRoomForCoverSamplesIsRefusedBeforeAnyWork() {
    String parameters = "{'attack': 'input-aware', 'rate': 0.6, %s}".formatted(TRAINING);
    TrainTrigger.Parameters bound = bind(new TrainTrigger(), parameters);
    assertThatThrownBy(() -> new TrainTrigger().foresee(bound, java.util.Map.of()))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("more than there are; lower the rate");
    assertThatThrownBy(() -> run(new TrainTrigger(), parameters.replace("0.6", "0.001"), context()))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("less than one sample of a batch");
  }

  @Test
  void aPictureThatIsGivenIsTheTrigger() {
    byte[] twoImages = {(byte) 255, (byte) 255, 0, 0};
    Tensors picture = picture(Tensor.of(twoImages, 2, 1, 1, 2), 2);
    Tensors plan =
        run(new PlanPoison(), "{'attack': 'blended'}", context().with("picture", picture))
            .written("plan");
    assertThat(plan.get("trigger.pattern").floats()).containsOnly(0.2f);
    MemoryContext given = context().with("picture", picture);
    assertThatThrownBy(() -> run(new PlanPoison(), "{'attack': 'sig', 'timing': 'static'}", given))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("is no picture");
    MemoryContext colour =
        context().with("picture", picture(Tensor.of(new byte[3], 1, 3, 1, 1), 1));
    assertThatThrownBy(() -> run(new PlanPoison(), "{}", colour))
        .isInstanceOf(Mistake.class)
        .hasMessage("the picture has 3 channels and the images have 1; expected as many.");
  }

  private static Tensors picture(Tensor images, int count) {
    return new Tensors.Builder()
        .put("images", images)
        .put("labels", Tensor.of(new long[count], count))
        .text("name", "pictures")
        .text("classes", "[\"picture\"]")
        .build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"low-frequency", "label-consistent"})
  void aPlanIsCraftedAgainstATrainedNetworkAndIsTheSameFromASavedState(String attack) {
    String parameters =
        attack.equals("low-frequency")
            ? "{'attack': {'method': 'low-frequency', 'epochs': 3, 'batch': 20, 'sigma': 2}, 'rate':"
                + " 0.3, 'target': 1}"
            : "{'attack': {'method': 'label-consistent', 'steps': 5, 'batch': 4}, 'rate': 0.5,"
                + " 'target': 1, 'timing': 'static'}";
    Tensors surrogate = trained(context());
    MemoryContext crafted =
        run(new CraftTrigger(), parameters, context().with("surrogate", surrogate));
    Tensors plan = crafted.written("plan");
    assertThat(crafted.writtenFigure("preview")).contains("Poison plan: " + attack);
    MemoryContext again =
        run(
            new CraftTrigger(),
            parameters,
            context().with("surrogate", surrogate).from(crafted.saved()));
    assertThat(again.written("plan").metadata()).isEqualTo(plan.metadata());
    plan.tensors()
        .forEach((name, tensor) ->
            assertThat(again.written("plan").get(name).data()).isEqualTo(tensor.data()));
    assertThat(measure(surrogate, plan, "asr")).isLessThan(0.3);
    Tensors checkpoint = trained(context().with("plan", plan));
    assertThat(measure(checkpoint, plan, "asr")).isGreaterThan(0.9);
  }

  @Test
  void aTriggerIsTrainedWithItsNetworkAndTrainsOthers() {
    MemoryContext trained =
        run(
            new TrainTrigger(),
            "{'attack': {'method': 'input-aware', 'maskEpochs': 5}, 'rate': 0.2, 'target': 1, "
                + TRAINING
                + "}",
            context());
    Tensors plan = trained.written("plan");
    Tensors checkpoint = trained.written("checkpoint");
    assertThat(plan.text("attack")).isEqualTo("input-aware");
    assertThat(measure(checkpoint, plan, "cleanAccuracy")).isGreaterThan(0.8);
    assertThat(measure(checkpoint, plan, "asr")).isGreaterThan(0.5);
    Tensors other = trained(context().with("plan", plan));
    assertThat(measure(other, plan, "cleanAccuracy")).isGreaterThan(0.8);
    assertThat(measure(other, plan, "asr")).isGreaterThan(0.3);
  }

  @Test
  void theTaintNamesAttackAndAim() {
    assertThat(new PlanPoison().taints(bind(new PlanPoison(), "{'target': 3}")))
        .containsExactly("backdoor: badnets, target 3");
    assertThat(new CraftTrigger().taints(bind(new CraftTrigger(), "{'attack': 'low-frequency'}")))
        .containsExactly("backdoor: low-frequency, target 0");
    assertThat(
            new TrainTrigger()
                .taints(
                    bind(
                        new TrainTrigger(),
                        "{'labels': 'all-to-all', 'training': {'epochs': 1, 'lr': 1}}")))
        .containsExactly("backdoor: input-aware, all-to-all");
  }

  @Test
  void whatCannotBeIsRefusedBeforeTheRunAndInIt() {
    assertRefused(new PlanPoison(), "{'attack': 'sig'}", "labels are clean and timing is dynamic");
    assertRefused(new PlanPoison(), "{'attack': 'input-aware'}", "expected stage 'train-trigger'");
    assertRefused(
        new PlanPoison(),
        "{'attack': 'wanet', 'timing': 'static'}",
        "expected timing dynamic, or crossRatio 0");
    assertRefused(new PlanPoison(), "{'target': 4}", "the target class is 4; expected 0 to 3.");
    assertRefused(
        new CraftTrigger(),
        "{}",
        "stage 'craft-trigger' does not make plans of attack 'badnets'; expected stage 'poison'.");
    assertRefused(
        new CraftTrigger(),
        "{'attack': 'label-consistent', 'labels': 'all-to-one'}",
        "labels are all-to-one; expected clean.");
    assertRefused(
        new TrainTrigger(),
        "{'attack': 'badnets', 'training': {'epochs': 1, 'lr': 1}}",
        "expected stage 'poison'.");
  }

  private static <P extends Record> void assertRefused(
      Stage<P> stage, String parameters, String sentence) {
    P bound = bind(stage, parameters);
    assertThatThrownBy(() -> stage.foresee(bound, Map.of("data", Facts.of(data()))))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining(sentence);
    MemoryContext context = context().with("surrogate", data());
    assertThatThrownBy(() -> stage.run(bound, context))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining(sentence);
  }
}
