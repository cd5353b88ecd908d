package dev.palimpsest.cli.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.RunView.StageView;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run that unfolds while it goes on: sweeps over a sub-workflow and over a stage, a loop that
 * carries the last checkpoint, a switch.
 */
final class UnfoldingTest {
  private static final Path STUDY = Path.of("src/test/studies/unfolding");

  /** What a run shows once it has ended, in this order. */
  private static final List<String> STAGES =
      List.of(
          "prepare",
          "cell_1.prepare",
          "cell_1.train",
          "cell_1.evaluate",
          "cell_2.prepare",
          "cell_2.train",
          "cell_2.evaluate",
          "first",
          "learn__1",
          "learn__2",
          "measure",
          "probe_1",
          "probe_2",
          "again.prepare",
          "again.train",
          "again.evaluate");

  @TempDir Path home;

  @Test
  void everyKindOfTaskRunsAndIsShownWhereItStands() throws Exception {
    try (var system = LocalSystem.up(home, 1)) {
      String run = system.start(STUDY);
      Map<String, Digest> made = system.digests(run);
      RunView view = system.runs().view(run);
      assertThat(view.stages()).extracting(StageView::task).containsExactlyElementsOf(STAGES);
      assertThat(view.stages()).extracting(StageView::state).containsOnly(RunView.StageState.DONE);

      // Everything is in the run's own journal, under the same names.
      var journal = new RunJournal(system.store());
      assertThat(journal.stages(run))
          .extracting(RunJournal.StageEntry::task)
          .containsExactlyInAnyOrderElementsOf(STAGES);

      JsonNode outputs = outputs(system, run);
      for (String cell : List.of("cell_1", "cell_2")) {
        assertThat(sha256(outputs.path("results").path(cell)))
            .isEqualTo(made.get(cell + ".evaluate/result"));
      }
      assertThat(outputs.path("cells").path(1).path("cell").asText()).isEqualTo("cell_2");
      assertThat(outputs.path("cells").path(1).path("splitSeed").asInt()).isEqualTo(2);
      assertThat(sha256(outputs.path("curves").path("2"))).isEqualTo(made.get("learn__2/metrics"));
      assertThat(sha256(outputs.path("again"))).isEqualTo(made.get("again.evaluate/result"));

      // The sub-workflow with another seed is another computation; its data are the same.
      assertThat(made.get("again.prepare/mixed")).isEqualTo(made.get("cell_1.prepare/mixed"));
      assertThat(made.get("again.train/checkpoint"))
          .isNotEqualTo(made.get("cell_1.train/checkpoint"));
      // The second task goes on from the first, and the variable holds the last.
      assertThat(made.get("learn__2/checkpoint")).isNotEqualTo(made.get("learn__1/checkpoint"));
      assertThat(journal.stage(run, "probe_1").orElseThrow().key())
          .as("each probe evaluates a network of its own")
          .isNotEqualTo(journal.stage(run, "probe_2").orElseThrow().key());

      String other = system.start(STUDY, "last=held");
      system.digests(other);
      assertThat(system.runs().view(other).stages())
          .extracting(StageView::task)
          .contains("hold")
          .doesNotContain("measure");
    }
  }

  private static JsonNode outputs(LocalSystem system, String run)
      throws IOException, InterruptedException {
    URI uri = URI.create(system.services().running().conductor() + "/api/workflow/" + run);
    try (var client = HttpClient.newHttpClient()) {
      byte[] body =
          client
              .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofByteArray())
              .body();
      return Json.parse("the run", body).path("output");
    }
  }

  private static Digest sha256(JsonNode reference) {
    return new Digest(reference.path("sha256").asText());
  }
}
