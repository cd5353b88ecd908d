package dev.palimpsest.console.runs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.console.Served;
import dev.palimpsest.report.Table;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.Formats;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.RunNotes;
import dev.palimpsest.tasks.StageContext;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunPagesTest {
  private static final String RUN = "0f1c5a2e-8f0b-4d0e-9a5f-3f6a9a1c7b11";
  private static final String OTHER = "a0b1c2d3-8f0b-4d0e-9a5f-3f6a9a1c7b11";
  private static final String DEFINITION =
      """
      {"name": "small", "version": 1, "inputParameters": ["seed"], "tasks": [
        {"name": "train", "taskReferenceName": "first", "type": "SIMPLE",
         "inputParameters": {"seed": "${workflow.input.seed}"}},
        {"name": "summarise", "taskReferenceName": "end", "type": "SIMPLE",
         "inputParameters": {"inputs": {"a": "${first.output.metrics}"}}}],
       "outputParameters": {}}
      """;

  @TempDir Path folder;
  private Served served;

  @BeforeEach
  void open() {
    served = Served.in(folder);
  }

  @AfterEach
  void close() {
    served.close();
  }

  private RunJournal journal() {
    return served.services.journal();
  }

  private void submit(String run, String title, String submitted, int seed) {
    journal()
        .write(
            new RunJournal.Run(
                run,
                "small",
                Optional.of(title),
                Json.read("a definition", DEFINITION, JsonNode.class),
                Json.object().put("seed", seed),
                Map.of("commit", "d23b1b2aaaaaa"),
                submitted,
                Optional.empty()));
  }

  private void end(String run, RunJournal.Outcome outcome) {
    journal().write(run, new RunJournal.End(outcome, "2026-03-01T00:01:00Z", 2, 1));
  }

  private Reference stored(String type, byte[] bytes) throws IOException {
    Path file = Files.write(folder.resolve("stored"), bytes);
    return served.services.artifacts().put(type, file, List.of());
  }

  private void answer(String task, String stage, boolean cached, Map<String, Reference> outputs) {
    journal().write(RUN, entry(task, stage, cached, 1, outputs));
  }

  private static RunJournal.StageEntry entry(
      String task, String stage, boolean cached, int attempts, Map<String, Reference> outputs) {
    return new RunJournal.StageEntry(
        task,
        stage,
        Digest.of(task),
        0,
        cached,
        4.3,
        attempts,
        "local-1",
        Map.of("processor", "abacus"),
        outputs,
        "2026-03-01T00:00:59Z");
  }

  /** What Conductor tells of the run, whose first task is so. */
  private void conductor(String status, String task, String reason) {
    ObjectNode workflow = Json.object().put("workflowId", RUN).put("status", status);
    workflow.putObject("workflowDefinition").put("name", "small").put("version", 1);
    workflow.put("endTime", status.equals("RUNNING") ? 0 : 1_772_323_260_000L);
    workflow
        .putArray("tasks")
        .addObject()
        .put("taskId", "t-1")
        .put("referenceTaskName", "first")
        .put("taskDefName", "train")
        .put("taskType", "train")
        .put("status", task)
        .put("reasonForIncompletion", reason);
    served.conductorAnswers.put("GET /api/workflow/" + RUN, workflow.toString());
    served.conductorAnswers.put(
        "GET /api/tasks/t-1/log",
        "[{\"log\": \"epoch 1/3 loss 2\", \"taskId\": \"t-1\", \"createdTime\": 1772323205000},"
            + " {\"log\": \"java.lang.Error: <lost>\\n\\tat here\", \"createdTime\":"
            + " 1772323206000}]");
  }

  @Test
  void anEmptyStoreLeadsToTheFirstRun() {
    assertThat(served.get("/runs").body()).contains("Nothing was run yet", "Start the first run");
  }

  @Test
  void runsAreFilteredByStudyStateAndText() {
    submit(RUN, "red", "2026-03-01T00:00:00Z", 1);
    submit(OTHER, "<blue>", "2026-03-02T00:00:00Z", 7);
    end(RUN, RunJournal.Outcome.FAILED);
    end(OTHER, RunJournal.Outcome.COMPLETED);
    assertThat(served.get("/runs").body())
        .contains("row-" + RUN, "row-" + OTHER, "&lt;blue&gt;")
        .doesNotContain("<blue>");
    for (String query : List.of("study=red", "state=failed", "text=seed+1", "text=0F1C")) {
      assertThat(served.get("/runs?" + query).body())
          .as(query)
          .contains("row-" + RUN)
          .doesNotContain("row-" + OTHER);
    }
    assertThat(served.get("/runs?text=nowhere").body()).contains("No run is like that");
    HttpResponse<String> wrong = served.get("/runs?state=tired");
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.body()).contains("expected one of running, completed, failed");
  }

  @Test
  void aPageHoldsFiftyRunsAndLeadsToTheOlderOnes() {
    for (int i = 0; i < 60; i++) {
      String run = "%08d-8f0b-4d0e-9a5f-3f6a9a1c7b11".formatted(i);
      submit(run, "red", "2026-03-01T00:%02d:00Z".formatted(i), 1);
      end(run, RunJournal.Outcome.COMPLETED);
    }
    assertThat(served.get("/runs?study=red").body())
        .contains("row-00000059", "row-00000010", "/runs?study=red&amp;page=2")
        .doesNotContain("row-00000009");
    assertThat(served.get("/runs?study=red&page=2").body())
        .contains("row-00000009", "row-00000000", "Newer")
        .doesNotContain("row-00000010", "Older");
  }

  @Test
  void thoseThatAreTickedAreCompared() {
    submit(RUN, "red", "2026-03-01T00:00:00Z", 1);
    submit(OTHER, "red", "2026-03-02T00:00:00Z", 2);
    HttpResponse<String> answer = served.get("/runs?compare=1&run=" + RUN + "&run=" + OTHER);
    assertThat(answer.headers().firstValue("Location"))
        .contains("/compare?ticked=on&run=" + RUN + "&run=" + OTHER);
    assertThat(served.get("/runs?compare=1&run=" + RUN).headers().firstValue("Location"))
        .as("also one alone: the choice of others says what is missing")
        .contains("/compare?ticked=on&run=" + RUN);
  }

  @Test
  void aFinishedRunShowsItsResultsFirstAndNeedsNoConductor() throws IOException {
    submit(RUN, "red", "2026-03-01T00:00:00Z", 3);
    var table =
        new Table(
            "Rates <all>",
            List.of(Table.Column.text("model"), Table.Column.number("", "acc", "%", 1)),
            List.of(List.of(Table.Cell.of("sbl"), Table.Cell.of(81.25))),
            List.of());
    Reference metrics =
        stored(
            "metrics",
            Formats.lines(
                List.of(
                    Map.of("epoch", 1, "loss", 2.0, "accuracy", 0.5),
                    Map.of("epoch", 2, "loss", 1.0, "accuracy", 0.75))));
    answer("first", "train", true, Map.of("metrics", metrics));
    answer("end", "summarise", false, Map.of("table", stored("table", Formats.document(table))));
    end(RUN, RunJournal.Outcome.COMPLETED);
    String page = served.get("/runs/" + RUN + "?task=first").body();
    assertThat(page.indexOf("Rates &lt;all&gt;")).isPositive().isLessThan(page.indexOf("Workflow"));
    assertThat(page)
        .contains("seed 3", "<code>d23b1b2</code>", "81.2", "data-series=\"accuracy\"")
        .contains("/artifacts/" + metrics.sha256().hex(), "abacus", "Start again")
        .doesNotContain("Retry", "do-cancel\">Cancel");
    assertThat(served.conductorAsked.stream().filter(asked -> !asked.contains("/log")))
        .noneMatch(asked -> asked.startsWith("POST"));
  }

  @Test
  void aRunningStageShowsItsProgressItsCurveAndItsLog() {
    submit(RUN, "red", "2026-03-01T00:00:00Z", 3);
    conductor("RUNNING", "IN_PROGRESS", "");
    journal()
        .write(
            RUN,
            new RunJournal.Live(
                "first",
                "local-1",
                new StageContext.Progress(50, 200, "epoch 3/10", Map.of("loss", 0.5, "asr", 0.25)),
                12));
    journal()
        .write(
            RUN,
            new RunJournal.Curve(
                "first",
                List.of(
                    new RunJournal.Curve.Point(1, Map.of("loss", 2.0)),
                    new RunJournal.Curve.Point(2, Map.of("loss", 1.0)))));
    assertThat(served.get("/runs/" + RUN).body())
        .contains("<dd>25 % <small>epoch 3/10</small>", "<dt>ASR</dt><dd>25.0 %</dd>")
        .contains("data-series=\"loss\"", "epoch 1/3 loss 2", "Cancel this run");
  }

  @Test
  void aFailedStageShowsItsSentenceFirstAndItsTraceFolded() {
    submit(RUN, "red", "2026-03-01T00:00:00Z", 3);
    conductor("FAILED", "FAILED", "Stage 'train' failed: it lost <b>.");
    String page = served.get("/runs/" + RUN).body();
    assertThat(page.indexOf("it lost &lt;b&gt;."))
        .isPositive()
        .isLessThan(page.indexOf("Workflow"));
    assertThat(page)
        .contains("Retry from the failed stage", "<pre>\tat here</pre></details>")
        .contains("java.lang.Error: &lt;lost&gt;");
  }

  @Test
  void aFailedRunIsRetriedAndGoesOn() {
    submit(RUN, "red", "2026-03-01T00:00:00Z", 3);
    conductor("FAILED", "FAILED", "Stage 'train' failed.");
    served.get("/runs/" + RUN);
    assertThat(journal().end(RUN).orElseThrow().outcome()).isEqualTo(RunJournal.Outcome.FAILED);
    served.conductorAnswers.put("POST /api/workflow/" + RUN + "/retry", "");
    assertThat(served.post("/runs/" + RUN + "/retry", Map.of()).statusCode()).isEqualTo(303);
    assertThat(served.conductorAsked)
        .anyMatch(asked -> asked.startsWith("POST /api/workflow/" + RUN + "/retry"));
    assertThat(journal().end(RUN)).isEmpty();
    conductor("RUNNING", "SCHEDULED", "");
    assertThat(served.get("/runs").body()).contains("class=\"state running\"");
  }

  @Test
  void aCancelledRunShowsTheStageThatWasCancelled() {
    submit(RUN, "red", "2026-03-01T00:00:00Z", 3);
    conductor("TERMINATED", "CANCELED", "");
    assertThat(served.get("/runs/" + RUN).body())
        .contains("<h2 id=\"task\">first</h2><span class=\"state cancelled\">", ">Go on</button>")
        .doesNotContain("Time left");
  }

  @Test
  void aRunThatGoesOnSaysHowToGoOnOnceItIsCancelled() {
    submit(RUN, "red", "2026-03-01T00:00:00Z", 3);
    conductor("RUNNING", "IN_PROGRESS", "");
    assertThat(served.get("/runs/" + RUN).body()).contains("“Go on” continues from there");
  }

  @Test
  void timeOfAStageThatWasResumedIsThatOfItsLastAttempt() throws IOException {
    submit(RUN, "red", "2026-03-01T00:00:00Z", 3);
    Reference metrics = stored("metrics", Formats.lines(List.of(Map.of("epoch", 1, "loss", 2.0))));
    journal().write(RUN, entry("first", "train", false, 2, Map.of("metrics", metrics)));
    answer("end", "summarise", false, Map.of());
    end(RUN, RunJournal.Outcome.COMPLETED);
    assertThat(served.get("/runs/" + RUN + "?task=first").body())
        .contains("4.3 s in the last attempt");
    assertThat(served.get("/runs/" + RUN + "?task=end").body()).doesNotContain("last attempt");
  }

  @Test
  void tagsAndTheNoteAreShownAndTagsAreFound() {
    submit(RUN, "red", "2026-03-01T00:00:00Z", 1);
    submit(OTHER, "red", "2026-03-02T00:00:00Z", 2);
    end(RUN, RunJournal.Outcome.COMPLETED);
    end(OTHER, RunJournal.Outcome.COMPLETED);
    served
        .services
        .notes()
        .write(RUN, new RunNotes.Notes("The <first> line\nand another", List.of("paper"), true));
    assertThat(served.get("/runs/" + RUN).body())
        .contains("href=\"/runs?text=paper\">paper</a>", "The &lt;first&gt; line", "Pinned")
        .doesNotContain("and another");
    assertThat(served.get("/runs/" + OTHER).body()).doesNotContain("paper", "Pinned");
    assertThat(served.get("/runs?text=PAPER").body())
        .contains("row-" + RUN, ">paper</span>")
        .doesNotContain("row-" + OTHER);
  }

  @Test
  void whatCannotBeRetriedSaysWhy() {
    submit(RUN, "red", "2026-03-01T00:00:00Z", 3);
    end(RUN, RunJournal.Outcome.FAILED);
    assertThat(served.get("/runs/" + RUN).body())
        .contains("it cannot be retried, but started again", "Start again")
        .doesNotContain("form=\"do-retry\"");
    HttpResponse<String> refused = served.post("/runs/" + RUN + "/retry", Map.of());
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("does not know run", "started again");
  }

  @Test
  void whatIsNoRunOrNoTaskIsRefused() {
    submit(RUN, "red", "2026-03-01T00:00:00Z", 3);
    conductor("RUNNING", "SCHEDULED", "");
    assertThat(served.get("/runs/zzzz1234").statusCode()).isEqualTo(400);
    assertThat(served.get("/runs/..%2f..%2findex").statusCode()).isEqualTo(400);
    assertThat(served.get("/runs/" + RUN + "?task=../../run").body()).contains("has no task");
  }
}
