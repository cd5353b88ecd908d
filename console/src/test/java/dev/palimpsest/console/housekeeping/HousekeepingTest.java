package dev.palimpsest.console.housekeeping;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.console.Served;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.RunNotes.Notes;
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

final class HousekeepingTest {
  private static final String DONE = "0f1c5a2e-8f0b-4d0e-9a5f-3f6a9a1c7b11";
  private static final String OPEN = "a0b1c2d3-8f0b-4d0e-9a5f-3f6a9a1c7b11";

  @TempDir Path folder;
  private Served served;
  private RunJournal journal;
  private Reference made;

  @BeforeEach
  void twoRuns() throws IOException {
    served = Served.in(folder);
    journal = served.services.journal();
    made =
        served
            .services
            .artifacts()
            .put("checkpoint", Files.writeString(folder.resolve("w"), "weights"), List.of());
    for (String run : List.of(DONE, OPEN)) {
      journal.write(
          new RunJournal.Run(
              run,
              "sbl",
              Optional.of("my <study>"),
              Json.object(),
              Json.object().put("seed", 7),
              Map.of(),
              "2026-03-01T00:00:00Z",
              Optional.empty()));
    }
    journal.write(
        DONE,
        new RunJournal.StageEntry(
            "train",
            "train",
            Digest.of("key"),
            0,
            false,
            1,
            1,
            "w",
            Map.of(),
            Map.of("network", made),
            "2026-03-01T00:01:00Z"));
    journal.write(
        DONE, new RunJournal.End(RunJournal.Outcome.COMPLETED, "2026-03-01T00:01:00Z", 1, 0));
  }

  @AfterEach
  void close() {
    served.close();
  }

  /** The page once nothing is looked at any more. */
  private String page(String path) throws InterruptedException {
    String page = served.get(path).body();
    while (page.contains("data-reload=")) {
      Thread.sleep(20);
      page = served.get(path).body();
    }
    return page;
  }

  private static String chosen(String run) {
    return "name=\"run\" value=\"" + run + "\"";
  }

  @Test
  void thePageIsThereAtOnceAndShowsRoomOnceItWasLookedAt() throws InterruptedException {
    assertThat(served.get("/housekeeping").statusCode()).isEqualTo(200);
    String page = page("/housekeeping");
    assertThat(page)
        .contains("As of ", "0f1c5a2e", "7 B", "checkpoint", "my &lt;study&gt;", chosen(DONE))
        .doesNotContain("my <study>");
    assertThat(page.substring(page.indexOf(chosen(OPEN))).split(">", 2)[0]).contains("disabled");
    assertThat(page.substring(page.indexOf(chosen(DONE))).split(">", 2)[0])
        .doesNotContain("disabled");
  }

  @Test
  void runsAreFoundByTagAndByPin() throws InterruptedException {
    served.services.notes().write(DONE, new Notes("", List.of("paper"), false));
    served.post("/runs/" + OPEN + "/pin", Map.of("pinned", "on"));
    assertThat(page("/housekeeping?q=PAPER")).contains(chosen(DONE)).doesNotContain(chosen(OPEN));
    assertThat(page("/housekeeping?pinned=on")).contains(chosen(OPEN)).doesNotContain(chosen(DONE));
    assertThat(page("/housekeeping?q=nothing&page=7")).contains("No run fits.");
  }

  @Test
  void aRunIsRemovedOnceItWasAskedForAndStaysWhilePinned() {
    served.post("/runs/" + DONE + "/pin", Map.of("pinned", "on"));
    HttpResponse<String> pinned = served.get("/housekeeping/remove?run=" + DONE);
    assertThat(pinned.statusCode()).isEqualTo(400);
    assertThat(pinned.body()).contains("is pinned; unpin it first");
    assertThat(served.post("/housekeeping/remove", Map.of("run", DONE)).statusCode())
        .isEqualTo(400);
    assertThat(journal.runs()).contains(DONE);

    served.post("/runs/" + DONE + "/pin", Map.of());
    assertThat(served.get("/housekeeping/remove?run=" + DONE).body())
        .contains("Remove 1 run?", "It cannot be brought back.");
    assertThat(journal.runs()).contains(DONE);
    assertThat(served.post("/housekeeping/remove", Map.of("run", DONE)).statusCode())
        .isEqualTo(303);
    assertThat(journal.runs()).containsExactly(OPEN);
    assertThat(served.services.artifacts().present(made)).isTrue();
  }

  @Test
  void aRunThatGoesOnIsNotRemoved() {
    served.conductorAnswers.put(
        "GET /api/workflow/" + OPEN,
        "{\"workflowDefinition\": {\"name\": \"sbl\"}, \"status\": \"RUNNING\", \"tasks\": []}");
    HttpResponse<String> refused = served.post("/housekeeping/remove", Map.of("run", OPEN));
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("goes on; cancel it first");
    assertThat(journal.runs()).contains(OPEN);
    assertThat(served.get("/housekeeping/remove").body()).contains("No run is chosen");
    assertThat(served.get("/housekeeping/remove?run=../imports").statusCode()).isEqualTo(400);
  }

  @Test
  void whatNothingRefersToIsShownBeforeItGoes() throws InterruptedException {
    assertThat(served.post("/housekeeping/unused", Map.of("grace", "0 s")).body())
        .contains("The grace time is '0 s'; expected one of 24 hours");
    served.post("/housekeeping/unused", Map.of("grace", "7 days"));
    assertThat(page("/housekeeping")).contains("Nothing would go", "younger than 7 days");
    served.post("/housekeeping/collect", Map.of("grace", "24 hours"));
    assertThat(page("/housekeeping")).contains("Removed 0 objects, 0 B");
    assertThat(served.services.artifacts().present(made)).isTrue();
  }

  @Test
  void notesAreShownEscapedAndWhatIsRefusedIsNotLost() {
    String path = "/runs/" + DONE + "/notes";
    assertThat(
            served
                .post(path, Map.of("text", "<b>best</b>", "tags", "Paper, v2", "pinned", "on"))
                .headers()
                .firstValue("Location"))
        .contains("/runs/" + DONE);
    assertThat(served.services.notes().of(DONE))
        .isEqualTo(new Notes("<b>best</b>", List.of("paper", "v2"), true));
    assertThat(served.get(path).body())
        .contains("<title>my &lt;study&gt; 0f1c5a2e, notes", "href=\"/runs/" + DONE + "\"")
        .contains("<h1>my &lt;study&gt;</h1>", "href=\"/runs?text=paper\"");
    HttpResponse<String> piece = served.get(path, "HX-Request", "true");
    assertThat(piece.body()).startsWith("<section").contains("&lt;b&gt;best&lt;/b&gt;", "Pinned");

    HttpResponse<String> refused = served.post(path, Map.of("text", "new words", "tags", "<x>"));
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("The tag '&lt;x&gt;' is none", ">new words</textarea>");
    assertThat(served.services.notes().of(DONE).text()).isEqualTo("<b>best</b>");
    assertThat(served.get("/runs/none/notes").statusCode()).isEqualTo(400);
  }
}
