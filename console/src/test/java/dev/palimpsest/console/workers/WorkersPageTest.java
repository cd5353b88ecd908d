package dev.palimpsest.console.workers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.console.Served;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tasks.Workers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WorkersPageTest {
  private static final String RUN = "a0b1c2d3-8f0b-4d0e-9a5f-3f6a9a1c7b11";
  private static final String QUEUES = "GET /api/tasks/queue/all";

  @TempDir Path folder;
  private Served served;

  @BeforeEach
  void serve() {
    served = Served.in(folder);
    served.conductorAnswers.put(QUEUES, "{\"cpu:poison\": 0, \"_deciderQueue\": 3}");
  }

  @AfterEach
  void close() {
    served.close();
  }

  private void announce(String id, Digest catalogue, Duration silent, Lane... lanes) {
    Instant beat = Instant.now().minus(silent);
    new Workers(served.store, Clock.fixed(beat, ZoneOffset.UTC))
        .announce(
            new Workers.Announcement(
                id,
                "0.1.0",
                Optional.of("17545f5aaaaaaa"),
                catalogue,
                List.of(lanes),
                Numerics.PINNED_CPU,
                "host-7",
                beat.toString(),
                beat.toString()));
  }

  private Digest own() {
    return served.services.catalogue().digest();
  }

  /** A run of one training that Conductor has scheduled. */
  private void going(Numerics numerics, String status) {
    String definition =
        "{\"name\": \"w\", \"tasks\": [{\"name\": \"train\", \"taskReferenceName\": \"joint\","
            + " \"type\": \"SIMPLE\"}]}";
    served
        .services
        .journal()
        .write(
            new RunJournal.Run(
                RUN,
                "w",
                Json.parse("definition", definition.getBytes(StandardCharsets.UTF_8)),
                Json.object().set("numerics", Json.tree(numerics)),
                Map.of(),
                "2026-03-01T00:00:00Z"));
    served.conductorAnswers.put(
        "GET /api/workflow/" + RUN,
        """
        {"workflowDefinition": {"name": "w"}, "status": "RUNNING", "tasks": [
          {"taskId": "t1", "referenceTaskName": "joint", "taskDefName": "train",
           "taskType": "train", "status": "%s"}]}
        """
            .formatted(status));
  }

  @Test
  void whereNobodyServesItIsSaidHowToStartAWorker() {
    assertThat(served.get("/workers").body())
        .contains(
            "No worker serves lane cpu.",
            "No worker serves lane gpu.",
            "palimpsest worker --conductor " + served.services.conductor().url(),
            "No worker has told of itself");
  }

  @Test
  void aWorkerIsShownWithItsLanesItsCodeAndItsLastSignOfLife() {
    announce("good", own(), Duration.ZERO, Lane.CPU, Lane.GPU);
    announce("<other>", Digest.of("other"), Duration.ZERO, Lane.GPU);
    announce("gone", own(), Duration.ofMinutes(10), Lane.CPU);
    String page = served.get("/workers").body();
    assertThat(row(page, "good"))
        .contains("cpu and gpu", "host-7", "1 thread, avx2", "0.1.0 of 17545f5", "idle")
        .doesNotContain("other code");
    assertThat(row(page, "&lt;other>")).contains("other code");
    assertThat(row(page, "gone")).contains("silent", "10 min ago");
    assertThat(page).contains("<dd>2 <small>alive").doesNotContain("No worker serves", "<other>");
  }

  private static String row(String page, String id) {
    String from = page.substring(page.indexOf("id=\"worker-" + id + "\""));
    return from.substring(0, from.indexOf("</tr>"));
  }

  @Test
  void tasksOfALaneThatNobodyServesAreCounted() {
    announce("good", own(), Duration.ZERO, Lane.CPU);
    served.conductorAnswers.put(QUEUES, "{\"gpu:train\": 2, \"train\": 1, \"cpu:poison\": 1}");
    assertThat(served.get("/workers").body())
        .contains("3 tasks wait in lane gpu, which no living worker serves.", "--lanes gpu")
        .doesNotContain("lane cpu,");
  }

  @Test
  void whatAWorkerComputesIsShownFromTheRunsThatGoOn() {
    announce("good", own(), Duration.ZERO, Lane.CPU, Lane.GPU);
    going(Numerics.PINNED_CPU, "IN_PROGRESS");
    var progress = new StageContext.Progress(3, 12, "epoch 3/12", Map.of());
    served.services.journal().write(RUN, new RunJournal.Live("joint", "good", progress, 42));
    assertThat(row(served.get("/workers").body(), "good"))
        .contains("computing", "/runs/" + RUN + "?task=joint", "value=\"25\"", "epoch 3/12, 42 s");
    served
        .services
        .journal()
        .write(
            RUN, new RunJournal.End(RunJournal.Outcome.CANCELLED, Instant.now().toString(), 0, 0));
    assertThat(row(served.get("/workers").body(), "good")).contains("idle");
  }

  @Test
  void aRunWhoseNumericsNobodyHasIsToldHowItGoesOn() {
    announce("good", own(), Duration.ZERO, Lane.CPU, Lane.GPU);
    going(new Numerics("cpu", 4, "avx2", "pytorch-2.7.1"), "SCHEDULED");
    assertThat(served.get("/workers").body())
        .contains(
            "Run a0b1c2d3 of w asks for cpu, 4 threads, avx2, pytorch-2.7.1; no living worker of"
                + " lane gpu computes so.",
            "OMP_NUM_THREADS=4 palimpsest worker");
    going(Numerics.ANY, "SCHEDULED");
    assertThat(served.get("/workers").body()).doesNotContain("computes so");
  }

  @Test
  void thePageIsSentAgainWhileItIsLookedAt() throws IOException, InterruptedException {
    announce("good", own(), Duration.ZERO, Lane.CPU, Lane.GPU);
    assertThat(served.get("/workers").body()).contains("data-live=\"/workers/live\"");
    HttpRequest asked =
        HttpRequest.newBuilder(served.url("/workers/live"))
            .header("Accept", "text/event-stream")
            .build();
    try (InputStream stream =
            HttpClient.newHttpClient().send(asked, BodyHandlers.ofInputStream()).body();
        var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      assertThat(lines.lines().takeWhile(line -> !line.contains("</dl>")))
          .contains("event: now")
          .anyMatch(line -> line.contains("<dd>1 <small>alive"));
    }
  }

  @Test
  void withoutConductorTheWorkersAreStillShown() {
    announce("good", own(), Duration.ZERO, Lane.CPU, Lane.GPU);
    served.stopConductor();
    var page = served.get("/workers");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body())
        .contains("Queues and running tasks are not known: Conductor at", "host-7");
  }
}
