package dev.palimpsest.console.compare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.console.Served;
import dev.palimpsest.report.Table;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.RunNotes;
import dev.palimpsest.tasks.StageContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CompareTest {
  private static final String A = "0f1c5a2e-8f0b-4d0e-9a5f-3f6a9a1c7b11";
  private static final String B = "a0b1c2d3-8f0b-4d0e-9a5f-3f6a9a1c7b11";
  private static final String C = "c0b1c2d3-8f0b-4d0e-9a5f-3f6a9a1c7b11";
  private static final String BOTH = "/compare?run=" + A + "&run=" + B;

  @TempDir Path folder;
  private Served served;
  private int files;

  @BeforeEach
  void twoRuns() throws IOException {
    served = Served.in(folder);
    run(A, 1, 0.5, 86.25, "one");
    run(B, 2, 0.25, 80, "two");
  }

  @AfterEach
  void close() {
    served.close();
  }

  private void run(String run, int seed, double loss, double accuracy, String described)
      throws IOException {
    RunJournal journal = served.services.journal();
    journal.write(
        new RunJournal.Run(
            run,
            "sbl",
            Optional.of("<study>"),
            Json.object().put("name", "sbl").put("description", described),
            Json.object().put("seed", seed).put("lr", 0.1),
            Map.of("version", "1"),
            "2026-03-01T00:00:0" + seed + "Z",
            Optional.empty()));
    var table =
        new Table(
            "Durability of <b>",
            List.of(Table.Column.text("model"), Table.Column.number("", "acc", "%", 1)),
            List.of(List.of(Table.Cell.of("<i>sbl"), Table.Cell.of(accuracy))),
            List.of());
    stage(run, "prepare", "data", put("dataset", "the same bytes"), 1);
    stage(run, "train", "metrics", put("metrics", "{\"epoch\":1,\"loss\":" + loss + "}\n"), seed);
    stage(run, "summarise", "table", put("table", Json.line(table)), 1);
    journal.write(
        run, new RunJournal.End(RunJournal.Outcome.COMPLETED, "2026-03-01T00:01:00Z", 3, 0));
  }

  private Reference put(String type, String content) throws IOException {
    Path file = Files.writeString(folder.resolve("file" + files++), content);
    return served.services.artifacts().put(type, file, List.of());
  }

  private void stage(String run, String task, String output, Reference made, double seconds) {
    served
        .services
        .journal()
        .write(
            run,
            new RunJournal.StageEntry(
                task,
                task,
                Digest.of(run + task),
                0,
                false,
                seconds,
                1,
                "w",
                Map.of(),
                Map.of(output, made),
                "2026-03-01T00:00:3" + (int) seconds + "Z"));
  }

  @Test
  void runsStandSideBySide() {
    String page = served.get(BOTH).body();
    assertThat(page)
        .contains(
            "2 runs compared",
            ">seed</th>",
            "&lt;i&gt;sbl",
            "Durability of &lt;b&gt;",
            "<span class=\"delta\">\u22126.2</span>",
            "The definition of a0b1c2d3 differs from that of 0f1c5a2e",
            "1 of 3 with the same outputs")
        .containsPattern("<td class=\"text\">1</td>\\s*<td class=\"text\">2</td>")
        .containsPattern("added\">\\+.*two.*</span>")
        .doesNotContain(">lr</th>", "<i>sbl", "<study>");
    assertThat(page.split("<svg", -1).length - 1).as("curves, wide and narrow").isEqualTo(3);
  }

  @Test
  void theFirstRunIsWhatTheOthersAreComparedWith() {
    assertThat(served.get("/compare?run=" + B + "&run=" + A).body())
        .contains("<span class=\"delta\">+6.2</span>");
  }

  @Test
  void eachTableIsThereAsText() {
    String at = BOTH + "&table=summarise/table&format=";
    var csv = served.get(at + "csv");
    assertThat(csv.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain;");
    assertThat(csv.body())
        .isEqualTo(
            "model,acc (%): 0f1c5a2e,acc (%): a0b1c2d3,acc (%): difference\r\n"
                + "<i>sbl,86.25,80,-6.25\r\n");
    assertThat(served.get(at + "markdown").body()).startsWith("**Durability of");
    assertThat(served.get(at + "latex").body()).contains("\\begin{tabular}{lrrr}");
    assertThat(served.get(BOTH + "&format=csv").body()).contains("seed,1,2\r\n");
    assertThat(served.get(BOTH + "&table=stages&format=csv").body())
        .contains("train,train,1,,2,other\r\n", "prepare,prepare,1,,1,same\r\n");
    assertThat(served.get(at + "docx").statusCode()).isEqualTo(400);
    assertThat(served.get(BOTH + "&table=imports/x&format=csv").body())
        .contains("This comparison: unknown table");
    assertThat(served.get(BOTH + "&curve=../x").statusCode()).isEqualTo(400);
  }

  @Test
  void withLessThanTwoRunsOneChooses() throws IOException {
    assertThat(served.get("/compare").body()).contains("Choose two to six", "value=\"" + A + "\"");
    assertThat(served.get("/compare?run=" + A).body())
        .contains("value=\"" + A + "\" checked")
        .doesNotContain("value=\"" + B + "\" checked");
    assertThat(served.get(BOTH + "&choose=on").body()).contains("value=\"" + B + "\" checked");
    assertThat(served.get("/compare?run=nothing&run=" + A).body())
        .contains("Run 'nothing' is not in");
  }

  @Test
  void oneRunIsTooFewAndTheChooserSaysSo() {
    String notice = "Tick at least two runs.";
    assertThat(served.get("/compare").body()).doesNotContain(notice);
    assertThat(served.get("/compare?ticked=on").body()).contains(notice);
    assertThat(served.get("/compare?ticked=on&run=" + A).body())
        .contains(notice, "value=\"" + A + "\" checked");
    assertThat(served.get("/compare?run=" + A).body()).contains(notice);
    assertThat(served.get(BOTH + "&choose=on").body()).doesNotContain(notice);
  }

  @Test
  void ofTickedRunsTheOldestIsTheBase() {
    var ticked = served.get("/compare?ticked=on&run=" + B + "&run=" + A);
    assertThat(ticked.headers().firstValue("Location")).contains(BOTH);
    assertThat(served.get("/compare").body()).contains("name=\"ticked\" value=\"on\"");
    assertThat(served.get("/compare?run=" + B + "&run=" + A).body())
        .as("an order given by hand")
        .contains("Base: <code>a0b1c2d3</code>");
  }

  private void unended(String run) {
    served
        .services
        .journal()
        .write(
            new RunJournal.Run(
                run,
                "sbl",
                Optional.of("<study>"),
                Json.parse(
                    "a definition",
                    """
                    {"name": "sbl", "version": 1, "inputParameters": [], "tasks": [
                      {"name": "train", "taskReferenceName": "train", "type": "SIMPLE",
                       "inputParameters": {}},
                      {"name": "summarise", "taskReferenceName": "summarise", "type": "SIMPLE",
                       "inputParameters": {"inputs": {"a": "${train.output.metrics}"}}}],
                     "outputParameters": {}}
                    """
                        .getBytes(StandardCharsets.UTF_8)),
                Json.object().put("seed", 3).put("lr", 0.5),
                Map.of("version", "1"),
                "2026-03-01T00:00:03Z",
                Optional.empty()));
  }

  /** What Conductor tells of the run that has not ended, and of its task. */
  private void conductor(String status, String task) {
    ObjectNode workflow = Json.object().put("workflowId", C).put("status", status);
    workflow.putObject("workflowDefinition").put("name", "sbl").put("version", 1);
    workflow.put("endTime", 0);
    workflow
        .putArray("tasks")
        .addObject()
        .put("taskId", "t-1")
        .put("referenceTaskName", "train")
        .put("taskDefName", "train")
        .put("taskType", "train")
        .put("status", task);
    served.conductorAnswers.put("GET /api/workflow/" + C, workflow.toString());
  }

  @Test
  void aRunHasTheColourOfItsPlaceAlsoWhereOneHasNoCurve() {
    unended(C);
    assertThat(served.get("/compare?run=" + C + "&run=" + A + "&run=" + B).body())
        .contains("stroke=\"var(--series-2)\"", "stroke=\"var(--series-3)\"")
        .doesNotContain("stroke=\"var(--series-1)\"");
  }

  @Test
  void whatIsNotAnsweredSaysHowItStands() {
    unended(C);
    String url = "/compare?run=" + A + "&run=" + C;
    String stages = url + "&table=stages&format=csv";
    conductor("RUNNING", "IN_PROGRESS");
    served
        .services
        .journal()
        .write(
            C,
            new RunJournal.Live(
                "train", "w", new StageContext.Progress(1, 2, "epoch 1/2", Map.of()), 1));
    assertThat(served.get(url).body()).contains("class=\"state running\"");
    assertThat(served.get("/compare").body()).contains("class=\"state running\"");
    assertThat(served.get(stages).body())
        .contains("train,train,1,,,running\r\n", "summarise,summarise,1,,,waiting\r\n");
    conductor("FAILED", "FAILED");
    assertThat(served.get(stages).body())
        .contains("train,train,1,,,failed\r\n", "summarise,summarise,1,,,not run\r\n");
    served.services.journal().reopen(C);
    served.stopConductor();
    assertThat(served.get(stages).body()).contains("train,train,1,,,unknown\r\n");
  }

  @Test
  void runsOfAStudyAreToldApartByInputsAndTags() {
    unended(C);
    served.services.notes().write(C, new RunNotes.Notes("", List.of("paper"), false));
    assertThat(served.get("/compare").body())
        .contains("<span class=\"muted small\">lr 0.5</span>", "<span class=\"badge\">paper</span>")
        .doesNotContain("lr 0.1", "seed 2");
    assertThat(served.get("/runs").body())
        .contains("<span class=\"muted small\">sbl · lr 0.5</span>")
        .doesNotContain("lr 0.1", "seed 2");
  }

  @Test
  void aRunThatWasRemovedIsNotShownFromMemory() {
    assertThat(served.get(BOTH).statusCode()).isEqualTo(200);
    served.services.journal().remove(B);
    assertThat(served.get(BOTH).statusCode()).isEqualTo(400);
  }

  @Test
  void moreThanSixRunsAreRefused() throws IOException {
    var url = new StringBuilder(BOTH);
    for (int i = 1; i <= 5; i++) {
      String run = "b" + i + "b1c2d3-8f0b-4d0e-9a5f-3f6a9a1c7b11";
      run(run, i, 1, 1, "x");
      url.append("&run=").append(run);
    }
    assertThat(served.get(url.toString()).body()).contains("7 runs are to be compared");
  }
}
