package dev.palimpsest.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.tasks.StageContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DetectTest {
  private static final BackdooredNetwork NETWORK = BackdooredNetwork.trained();

  private static MemoryContext context() {
    return NETWORK
        .context()
        .with("clean", BackdooredNetwork.images(3))
        .with("suspects", BackdooredNetwork.images(4));
  }

  @Test
  void neuralCleanseScoresClassesAndShowsTheRecoveredTrigger() {
    MemoryContext context =
        BackdooredNetwork.run(
            new Detect(),
            "{'detector': {'method': 'neural-cleanse', 'epochs': 30, 'batch': 40}}",
            context());
    JsonNode result = context.writtenDocument("result");
    assertThat(result.path("subject").asText()).isEqualTo("classes");
    assertThat(result.path("scores")).hasSize(BackdooredNetwork.CLASSES);
    assertThat(result.path("poisoned").toString()).isEqualTo("[true,false,false,false]");
    assertThat(result.path("byClass").path("maskNorm")).hasSize(BackdooredNetwork.CLASSES);
    assertThat(result.path("truth").path("auroc").doubleValue())
        .as("the target's patch is the smallest")
        .isEqualTo(1);
    assertThat(context.writtenFigure("figure"))
        .contains("<image", "mask × pattern", "upper left", " *");
    JsonNode table = context.writtenDocument("table");
    assertThat(table.path("rows").path(0).path(0).asText()).isEqualTo("neural-cleanse");
    assertThat(table.path("rows").path(0).path(3).doubleValue()).as("AUROC").isEqualTo(1);
    assertThat(table.path("notes").toString()).contains("Flagged: ", "Targets by the plan: 1.");
  }

  @ParameterizedTest
  @CsvSource({
    "strip, inputs",
    "strip, training",
    "spectral-signatures, training",
    "activation-clustering, training",
    "spectral-signatures, inputs"
  })
  void imagesAreScoredAgainstWhatThePlanKnows(String detector, String suspects) {
    MemoryContext context =
        BackdooredNetwork.run(
            new Detect(),
            "{'detector': '" + detector + "', 'suspects': '" + suspects + "'}",
            context());
    JsonNode result = context.writtenDocument("result");
    assertThat(result.path("scores")).hasSize(BackdooredNetwork.IMAGES);
    assertThat(result.path("flags")).hasSize(BackdooredNetwork.IMAGES);
    int poisoned = 0;
    for (JsonNode flag : result.path("poisoned")) {
      poisoned += flag.booleanValue() ? 1 : 0;
    }
    assertThat(poisoned).isBetween(10, 45);
    assertThat(result.path("truth").path("poisoned").intValue()).isEqualTo(poisoned);
    assertThat(result.path("truth").path("auroc").doubleValue())
        .as("better than a guess")
        .isBetween(0.55, 1.0);
    assertThat(context.writtenFigure("figure")).contains("AUROC", "poisoned", "clean");
    JsonNode row = context.writtenDocument("table").path("rows").path(0);
    assertThat(row.path(2).intValue()).isEqualTo(result.path("flagged").intValue());
    assertThat(row.path(4).doubleValue())
        .as("true positives in per cent")
        .isEqualTo(100 * result.path("truth").path("truePositiveRate").doubleValue());
    assertThat(context.writtenDocument("table").path("notes").toString())
        .isEqualTo("[\"Poisoned by the plan: " + poisoned + ".\"]");
  }

  @Test
  void withoutAPlanThereAreScoresAndNoTruth() {
    MemoryContext context =
        BackdooredNetwork.run(
            new Detect(),
            "{'detector': 'spectral-signatures'}",
            new MemoryContext(1)
                .with("checkpoint", NETWORK.checkpoint())
                .with("suspects", BackdooredNetwork.images(4)));
    JsonNode result = context.writtenDocument("result");
    assertThat(result.path("truth").isNull() || result.path("truth").isMissingNode()).isTrue();
    assertThat(result.path("poisoned")).isEmpty();
    assertThat(result.path("flagged").intValue()).isPositive();
    assertThat(context.writtenFigure("figure")).contains("suspects").doesNotContain("AUROC");
    JsonNode table = context.writtenDocument("table");
    assertThat(table.path("rows").path(0).path(3).asText()).isEmpty();
    assertThat(table.path("notes")).isEmpty();
  }

  @Test
  void aDetectorWithoutItsImagesSaysWhatItNeeds() {
    assertThatThrownBy(
            () -> BackdooredNetwork.run(new Detect(), "{'detector': 'strip'}", NETWORK.context()))
        .isInstanceOf(Mistake.class)
        .hasMessage("detector 'strip' needs clean images, and there are none; give some.");
    assertThat(new Detect().needed(parameters("strip"))).containsExactly("clean", "suspects");
    assertThat(new Detect().needed(parameters("neural-cleanse"))).containsExactly("clean");
  }

  private static Detect.Parameters parameters(String detector) {
    return new Parameters(Methods.load())
        .bind("stage 'detect'", Detect.Parameters.class, Json.object().put("detector", detector));
  }

  @Test
  void aKilledDetectionGoesOnToTheSameResult() {
    String parameters = "{'detector': {'method': 'strip', 'overlays': 20}, 'suspects': 'inputs'}";
    MemoryContext stopped = context();
    stopped.killedAt(5);
    assertThatThrownBy(() -> BackdooredNetwork.run(new Detect(), parameters, stopped))
        .isInstanceOf(StageContext.Stopped.class);
    assertThat(
            BackdooredNetwork.run(new Detect(), parameters, context().from(stopped.saved()))
                .writtenDocument("result"))
        .isEqualTo(
            BackdooredNetwork.run(new Detect(), parameters, context()).writtenDocument("result"));
  }
}
