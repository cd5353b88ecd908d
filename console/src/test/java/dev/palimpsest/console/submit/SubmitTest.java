package dev.palimpsest.console.submit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.console.Served;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.workflows.Definitions;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SubmitTest {
  @TempDir Path folder;
  private Served served;
  private Definitions definitions;
  private String blank;

  @BeforeEach
  void open() {
    served = Served.in(folder);
    definitions = new Definitions(served.store, Catalogue.load());
    blank = new Starts(served.services, definitions).text("", java.util.Optional.empty());
  }

  @AfterEach
  void close() {
    served.close();
  }

  @Test
  void whatOneMayStartFromIsRight() {
    for (String from : List.of("", "shipped/sbl", "shipped/continual-compare", "shipped/ilr")) {
      HttpResponse<String> page = served.get("/submit?from=" + from);
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.body())
          .contains("No errors", "It becomes version 1 of my-", "id=\"down.")
          .doesNotContain("disabled");
    }
  }

  @Test
  void aFindingStandsAtItsLineWithTheNameThatWasMeant() {
    String body = check(blank.replace("\"name\": \"train\"", "\"name\": \"trian\""));
    assertThat(body)
        .contains("1 error", "data-line=\"25\"", "unknown stage 'trian'")
        .contains("data-old=\"trian\" data-meant=\"train\"")
        .contains("Error PAL401", "There is no such stage.")
        .contains("disabled")
        // The task is marked in the graph, which comes along.
        .contains("hx-swap-oob", "class=\"node failed\" id=\"down.train\"");
  }

  @Test
  void whatIsNoJsonIsToldByLineAndLeavesTheGraphAsItWas() {
    assertThat(check("{\"name\": \"x\",\n  tasks: []}"))
        .contains("data-line=\"2\"", "Error PAL101")
        .doesNotContain("hx-swap-oob");
    assertThat(check("")).contains("Error PAL101");
  }

  @Test
  void tasksThatWouldRunCodeOrReachOtherAddressesAreRefused() {
    for (String type : List.of("HTTP", "INLINE", "LAMBDA", "EVENT", "KAFKA_PUBLISH", "WAIT")) {
      String unsafe = blank.replaceFirst("\"type\": \"SIMPLE\"", "\"type\": \"" + type + "\"");
      assertThat(check(unsafe)).contains("Error PAL203", type);
      HttpResponse<String> told = served.post("/submit/register", Map.of("text", unsafe));
      assertThat(told.statusCode()).isEqualTo(400);
    }
    assertThat(served.store.list("definitions/")).isEmpty();
    assertThat(served.conductorAsked).noneMatch(asked -> asked.startsWith("PUT"));
  }

  @Test
  void whatIsRegisteredIsAVersionWithItsDifferenceToTheFormerOne() {
    served.conductorAnswers.put("PUT /api/metadata/workflow", "{}");
    HttpResponse<String> first = served.post("/submit/register", Map.of("text", blank));
    assertThat(first.headers().firstValue("Location")).contains("/submit/own/my-study?b=1");
    assertThat(served.conductorAsked).contains("PUT /api/metadata/workflow");
    String changed = blank.replace("\"epochs\": 5", "\"epochs\": 7");
    assertThat(check(changed))
        .contains("Register as version 2", "1 line added, 1 removed")
        .contains("version 1 stays");
    assertThat(
            served
                .post("/submit/register", Map.of("text", changed))
                .headers()
                .firstValue("Location"))
        .contains("/submit/own/my-study?b=2");
    assertThat(served.get("/submit/own/my-study?a=1&b=2").body())
        .contains("Version 2 against 1")
        .contains("\"epochs\": 5", "\"epochs\": 7")
        .contains("href=\"/studies/own/my-study?version=2\"");
    assertThat(served.get("/submit/own/my-study?a=2&b=2").body()).contains("are the same");
    assertThat(served.get("/submit?from=own/my-study&version=1").body()).contains("\"epochs\": 5");
    assertThat(check(definitions.text("my-study", 2).orElseThrow()))
        .contains("This is version 2 of my-study, unchanged.")
        .contains("href=\"/studies/own/my-study\"");
  }

  @Test
  void withoutConductorAVersionIsKeptAllTheSame() {
    assertThat(served.post("/submit/register", Map.of("text", blank)).statusCode()).isEqualTo(303);
    assertThat(definitions.versions("my-study")).containsExactly(1);
  }

  @Test
  void withoutScriptsTheTextStaysAndIsChecked() {
    HttpResponse<String> page =
        served.post("/submit", Map.of("text", blank.replace("my-study", "sbl")));
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).contains("<textarea", "\"name\": \"sbl\"", "Error PAL107");
  }

  @Test
  void aTextThatIsTooLargeIsRefusedWithASentence() {
    HttpResponse<String> told =
        served.post("/submit", Map.of("text", "x".repeat(Definitions.LARGEST + 1)));
    assertThat(told.statusCode()).isEqualTo(400);
    assertThat(told.body()).contains("expected at most", "data belong into artifacts");
    // Far more than a web server takes by default is no matter.
    String long300 = blank.replace("in a line", "in a line " + "x".repeat(300_000));
    assertThat(check(long300)).contains("No errors");
  }

  @Test
  void whatATextSaysIsEscaped() {
    String evil = blank.replace("my-study", "</textarea><script>alert(1)</script>");
    for (String body : List.of(check(evil), served.post("/submit", Map.of("text", evil)).body())) {
      assertThat(body).doesNotContain("<script>alert").doesNotContain("</textarea><");
    }
  }

  @Test
  void whatIsNotThereIsToldWithTheNameThatWasMeant() {
    assertThat(served.get("/submit?from=shipped/sbk").body()).contains("did you mean");
    for (String wrong :
        List.of(
            "/submit?from=elsewhere/x",
            "/submit?from=own/nobody",
            "/submit?from=run/../../x",
            "/submit/own/nobody",
            "/submit/own/..%2F..%2Fruns",
            "/submit?from=own/my-study&version=-1")) {
      assertThat(served.get(wrong).statusCode()).as(wrong).isEqualTo(400);
    }
  }

  @Test
  void aChangeFromElsewhereIsRefused() {
    served.get("/submit");
    HttpRequest forged =
        HttpRequest.newBuilder(served.url("/submit/register"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString("text=" + "{}"))
            .build();
    assertThat(served.send(forged).statusCode()).isEqualTo(403);
  }

  private String check(String text) {
    HttpResponse<String> told = served.post("/submit/check", Map.of("text", text));
    assertThat(told.statusCode()).isEqualTo(200);
    return told.body();
  }
}
