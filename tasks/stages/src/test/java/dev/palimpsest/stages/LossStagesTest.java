package dev.palimpsest.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** The stages that look at the loss around a backdoored network, or between two. */
class LossStagesTest {
  private static final BackdooredNetwork NETWORK = BackdooredNetwork.trained();
  private static final Tensors TUNED = tuned().written("checkpoint");
  private static final Tensors CLEAN = BackdooredNetwork.clean();

  private static MemoryContext tuned() {
    return BackdooredNetwork.run(
        new Defend(),
        "{'defence': {'method': 'ft', 'epochs': 3, 'lr': 0.05, 'batch': 20}, 'augmentation': {}}",
        NETWORK.context().with("clean", BackdooredNetwork.images(3)));
  }

  private static JsonNode evaluated(Tensors checkpoint) {
    return BackdooredNetwork.run(
            new Evaluate(), "{}", NETWORK.context().with("checkpoint", checkpoint))
        .writtenDocument("result");
  }

  @Test
  void anEvaluationHoldsTheConfusionOfClasses() {
    MemoryContext context = BackdooredNetwork.run(new Evaluate(), "{}", NETWORK.context());
    JsonNode result = context.writtenDocument("result");
    double accuracy = result.path("measures").path("cleanAccuracy").doubleValue();
    assertThat(accuracy).isGreaterThan(0.9);
    assertThat(result.path("measures").path("asr").doubleValue()).isGreaterThan(0.8);
    double right = 0;
    for (int i = 0; i < BackdooredNetwork.CLASSES; i++) {
      assertThat(sum(result.path("confusion").path(i))).isEqualTo(20);
      assertThat(result.path("classes").path(i).path("images").intValue()).isEqualTo(20);
      right += result.path("confusion").path(i).path(i).doubleValue();
      assertThat(result.path("classes").path(i).path("accuracy").doubleValue())
          .isEqualTo(result.path("confusion").path(i).path(i).doubleValue() / 20);
    }
    assertThat(right / BackdooredNetwork.IMAGES).isEqualTo(accuracy);
    assertThat(result.path("measures").has("der")).isFalse();
    JsonNode defended =
        BackdooredNetwork.run(
                new Evaluate(),
                "{}",
                NETWORK.context().with("checkpoint", TUNED).with("before", result))
            .writtenDocument("result")
            .path("measures");
    double lost = Math.max(0, accuracy - defended.path("cleanAccuracy").doubleValue());
    double won =
        Math.max(
            0,
            result.path("measures").path("asr").doubleValue() - defended.path("asr").doubleValue());
    assertThat(defended.path("der").doubleValue()).isCloseTo((won - lost + 1) / 2, within(1e-12));
    double kept =
        Math.max(
            0,
            defended.path("robustAccuracy").doubleValue()
                - result.path("measures").path("robustAccuracy").doubleValue());
    assertThat(defended.path("rir").doubleValue()).isCloseTo((kept - lost + 1) / 2, within(1e-12));
    // With the trigger most images of the other classes are taken for the target.
    assertThat(result.path("triggered").path(2).path(0).intValue()).isGreaterThan(10);
    assertThat(context.writtenFigure("confusion"))
        .contains("3 lower right", "Images with the trigger");
  }

  @Test
  void theEffectOfADefenceNeedsTheSameTestImages() {
    ObjectNode other = evaluated(NETWORK.checkpoint()).deepCopy();
    other.put("images", 7);
    assertThatThrownBy(() ->
            BackdooredNetwork.run(new Evaluate(), "{}", NETWORK.context().with("before", other)))
        .isInstanceOf(Mistake.class)
        .hasMessage(
            "the evaluation 'before' is of 7 images; expected one of the same "
                + BackdooredNetwork.IMAGES
                + " test images.");
  }

  private static int sum(JsonNode row) {
    return StreamSupport.stream(row.spliterator(), false).mapToInt(JsonNode::intValue).sum();
  }

  @Test
  void distancesAreThoseOfTheParameters() {
    Tensors other = TUNED;
    MemoryContext context =
        BackdooredNetwork.run(
            new Distances(),
            "{}",
            new MemoryContext(1)
                .with("from", NETWORK.checkpoint())
                .with("to", other)
                .tainted("to", "badnets, rate 0.1", "defended by ft", "defended by nad"));
    JsonNode result = context.writtenDocument("result");
    double greatest = 0;
    for (String name : other.tensors().keySet()) {
      if (other.get(name).type() == Tensor.Type.F32 && !name.contains("running_")) {
        float[] a = other.get(name).floats();
        float[] b = NETWORK.checkpoint().get(name).floats();
        for (int i = 0; i < a.length; i++) {
          greatest = Math.max(greatest, Math.abs((double) a[i] - b[i]));
        }
      }
    }
    assertThat(result.path("distance").path("linf").doubleValue()).isEqualTo(greatest);
    assertThat(result.path("distance").path("l2").doubleValue()).isPositive();
    assertThat(result.path("from").path("l2").doubleValue()).isPositive();
    assertThat(context.writtenDocument("table").path("title").asText())
        .isEqualTo("Distance: resnet-small to resnet-small, defended by nad");
    JsonNode rows = context.writtenDocument("table").path("rows");
    assertThat(rows.path(0).path(1).intValue())
        .isEqualTo(result.path("distance").path("l0").intValue());
    assertThat(Double.parseDouble(rows.path(2).path(3).asText()))
        .as("L2 norm of the other network")
        .isCloseTo(result.path("to").path("l2").doubleValue(), withinPercentage(0.05));
    assertThat(Double.parseDouble(rows.path(3).path(1).asText()))
        .isCloseTo(greatest, withinPercentage(0.05));
  }

  private static MemoryContext line() {
    return new MemoryContext(BackdooredNetwork.SEED)
        .with("from", NETWORK.checkpoint())
        .with("to/ft", TUNED)
        .with("to/itself", NETWORK.checkpoint())
        .with("test", BackdooredNetwork.images(2))
        .with("plan", NETWORK.plan());
  }

  @Test
  void theEndsOfALineMeasureAsTheNetworksDo() {
    MemoryContext context = BackdooredNetwork.run(new Interpolate(), "{'points': 5}", line());
    JsonNode lines = context.writtenDocument("metrics");
    assertThat(lines).hasSize(10);
    assertThat(lines.path(0).path("to").asText()).isEqualTo("ft");
    assertThat(lines.path(1).path("alpha").doubleValue()).isEqualTo(0.25);
    JsonNode start = evaluated(NETWORK.checkpoint()).path("measures");
    JsonNode end = evaluated(TUNED).path("measures");
    assertThat(lines.path(0).path("asr")).isEqualTo(start.path("asr"));
    assertThat(lines.path(4).path("asr")).isEqualTo(end.path("asr"));
    assertThat(lines.path(4).path("cleanAccuracy")).isEqualTo(end.path("cleanAccuracy"));
    assertThat(lines.path(7).path("cleanLoss").doubleValue())
        .as("the line from a network to itself is level")
        .isCloseTo(lines.path(5).path("cleanLoss").doubleValue(), within(1e-6));
    assertThat(context.writtenFigure("figure"))
        .contains("Attack success rate", "Backdoor loss", "running statistics interpolated");
  }

  @Test
  void aKilledInterpolationGoesOnToTheSameLines() {
    MemoryContext whole = BackdooredNetwork.run(new Interpolate(), "{'points': 3}", line());
    Tensors half = stopped(new Interpolate(), "{'points': 3}", line(), 4);
    MemoryContext rest =
        BackdooredNetwork.run(new Interpolate(), "{'points': 3}", line().from(half));
    assertThat(rest.writtenDocument("metrics")).isEqualTo(whole.writtenDocument("metrics"));
  }

  /** The state that a stage had saved when it was stopped after this many checkpoints. */
  private static <P extends Record> Tensors stopped(
      Stage<P> stage, String parameters, MemoryContext context, int after) {
    context.killedAt(after);
    assertThatThrownBy(() -> BackdooredNetwork.run(stage, parameters, context))
        .isInstanceOf(StageContext.Stopped.class);
    return context.saved();
  }

  @Test
  void runningStatisticsMayBeReestimated() {
    String parameters = "{'points': 3, 'last': 1.5, 'statistics': 'reestimated'}";
    assertThatThrownBy(() -> BackdooredNetwork.run(new Interpolate(), parameters, line()))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("no images 'statistics' are given");
    MemoryContext context =
        BackdooredNetwork.run(
            new Interpolate(), parameters, line().with("statistics", BackdooredNetwork.images(3)));
    assertThat(context.writtenDocument("metrics").path(0).path("cleanAccuracy").doubleValue())
        .isGreaterThan(0.8);
    assertThat(context.writtenFigure("figure")).contains("re-estimated");
  }

  @Test
  void aLandscapeHasTheNetworkInItsMiddle() {
    String parameters = "{'grid': 5, 'images': 40}";
    MemoryContext context = BackdooredNetwork.run(new Landscape(), parameters, NETWORK.context());
    JsonNode result = context.writtenDocument("result");
    assertThat(result.path("places").toString()).isEqualTo("[-1.0,-0.5,0.0,0.5,1.0]");
    assertThat(result.path("images").intValue()).isEqualTo(40);
    assertThat(result.path("cleanLoss")).hasSize(5);
    assertThat(result.path("cleanLoss").path(2).path(2).doubleValue()).isLessThan(0.5);
    assertThat(result.path("cleanLoss").path(0).path(0).doubleValue()).isGreaterThan(0.5);
    assertThat(result.path("asr").path(2).path(2).doubleValue()).isGreaterThan(0.8);
    assertThat(context.writtenFigure("figure")).contains("Backdoor loss", "filter-normalised");
    Tensors half = stopped(new Landscape(), parameters, NETWORK.context(), 7);
    assertThat(
            BackdooredNetwork.run(new Landscape(), parameters, NETWORK.context().from(half))
                .writtenDocument("result"))
        .isEqualTo(result);
  }

  @Test
  void sharpnessIsMeasuredOfBothLosses() {
    String parameters = "{'iterations': 60, 'radii': [0.1, 5], 'draws': 3, 'images': 30}";
    MemoryContext context =
        BackdooredNetwork.run(new MeasureSharpness(), parameters, NETWORK.context());
    JsonNode result = context.writtenDocument("result");
    for (String loss : new String[] {"clean", "backdoor"}) {
      JsonNode of = result.path(loss);
      assertThat(of.path("eigenvalue").doubleValue()).as(loss).isPositive();
      assertThat(of.path("rises")).hasSize(2);
      JsonNode far = of.path("rises").path(1);
      assertThat(far.path("max").doubleValue()).isGreaterThan(far.path("mean").doubleValue());
      assertThat(far.path("mean").doubleValue())
          .as("far away the loss is higher than nearby")
          .isGreaterThan(of.path("rises").path(0).path("mean").doubleValue());
    }
    JsonNode row = context.writtenDocument("table").path("rows").path(1);
    assertThat(row.path(0).asText()).isEqualTo("backdoor");
    assertThat(Double.parseDouble(row.path(2).asText()))
        .isCloseTo(result.path("backdoor").path("eigenvalue").doubleValue(), withinPercentage(0.5));
    assertThat(Double.parseDouble(row.path(5).asText()))
        .isCloseTo(
            result.path("backdoor").path("rises").path(1).path("mean").doubleValue(),
            withinPercentage(0.5));
    Tensors half = stopped(new MeasureSharpness(), parameters, NETWORK.context(), 25);
    assertThat(
            BackdooredNetwork.run(new MeasureSharpness(), parameters, NETWORK.context().from(half))
                .writtenDocument("result"))
        .isEqualTo(result);
  }

  @Test
  void aFewPoisonedSamplesBringTheBackdoorBack() {
    String parameters =
        "{'retuning': {'poisoned': 40, 'clean': 39, 'epochs': 15, 'lr': 0.1, 'batch': 20},"
            + " 'augmentation': {'padding': 0, 'flip': false}}";
    MemoryContext context = BackdooredNetwork.run(new ReAttack(), parameters, attacked());
    JsonNode course = context.writtenDocument("course");
    assertThat(course).hasSize(16);
    assertThat(course.path(15).path("asr").doubleValue())
        .isGreaterThan(course.path(0).path("asr").doubleValue());
    assertThat(course.path(15).path("cleanAccuracy").doubleValue()).isGreaterThan(0.8);
    assertThat(context.writtenFigure("figure"))
        .contains("40 poisoned and 39 clean samples", "ASR", "accuracy");
    Tensors half = stopped(new ReAttack(), parameters, attacked(), 9);
    assertThat(
            BackdooredNetwork.run(new ReAttack(), parameters, attacked().from(half))
                .writtenDocument("course")
                .toString())
        .isEqualTo(course.toString());
    assertThatThrownBy(() ->
            BackdooredNetwork.run(
                new ReAttack(), "{'retuning': {'poisoned': 61}, 'augmentation': {}}", attacked()))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("of 80 samples 60 can be poisoned");
  }

  /** A network that never saw the trigger. */
  private static MemoryContext attacked() {
    return NETWORK.context().with("checkpoint", CLEAN).with("data", BackdooredNetwork.images(3));
  }
}
