package dev.palimpsest.console.submit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.console.Served;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.Definitions;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From a text to a version of a definition, as a browser without scripts does it. */
final class SubmitTest {
  private static final Pattern TEXT =
      Pattern.compile("<textarea id=\"text\"[^>]*>\n(.*?)</textarea>", Pattern.DOTALL);
  private static final Pattern REGISTER =
      Pattern.compile("<button [^>]*formaction=\"/submit/register\"[^>]*>");
  private static final String METADATA = "PUT /api/metadata/workflow";

  @TempDir Path folder;
  private Served served;
  private String right;

  @BeforeEach
  void open() {
    served = Served.in(folder);
    served.conductorAnswers.put(METADATA, "{}");
    right = written(served.get("/submit"));
  }

  @AfterEach
  void close() {
    served.close();
  }

  private HttpResponse<String> post(String path, String text) {
    // As a browser does: lines end in two characters.
    return served.post(path, Map.of("text", text.replace("\n", "\r\n")));
  }

  /** What stands in the editor. */
  private static String written(HttpResponse<String> page) {
    Matcher found = TEXT.matcher(page.body());
    assertThat(found.find()).as(page.body()).isTrue();
    return plain(found.group(1));
  }

  private static boolean registers(HttpResponse<String> page) {
    Matcher found = REGISTER.matcher(page.body());
    assertThat(found.find()).as(page.body()).isTrue();
    return !found.group().contains(" disabled");
  }

  private static String plain(String html) {
    return html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
  }

  private String kept(int version) {
    return served
        .store
        .read("definitions/my-study/" + version + ".json")
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        .orElse("");
  }

  private long announced() {
    return served.conductorAsked.stream().filter(asked -> asked.startsWith(METADATA)).count();
  }

  private void nothingWasKept() {
    assertThat(served.store.list("definitions/")).isEmpty();
    assertThat(announced()).isZero();
  }

  /** A second task of this type after {@code prepare}. */
  private String with(String type, String parameters) {
    return right.replaceFirst(
        "\"tasks\": \\[",
        Matcher.quoteReplacement(
            "\"tasks\": [\n    {\"name\": \"own\", \"taskReferenceName\": \"own\", \"type\": \""
                + type
                + "\", \"inputParameters\": "
                + parameters
                + "},"));
  }

  @Test
  void theTextThatThePageBeginsWithHasNoErrors() {
    HttpResponse<String> page = served.get("/submit");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).contains("No errors", "It becomes version 1 of my-study.", "<svg");
    assertThat(registers(page)).isTrue();
  }

  @Test
  void aWrongStageIsToldWithItsLineAndTheNameThatWasMeant() {
    String wrong = right.replace("\"name\": \"train\"", "\"name\": \"trian\"");
    long line = wrong.substring(0, wrong.indexOf("\"trian\"")).lines().count();
    HttpResponse<String> page = post("/submit", wrong);
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(written(page)).isEqualTo(wrong);
    assertThat(registers(page)).isFalse();
    assertThat(plain(page.body()))
        .contains(
            "1 error",
            "href=\"#L" + line + "\">Line " + line + "</a>",
            "did you mean 'train'?",
            "data-old=\"trian\" data-meant=\"train\"",
            "It can be registered once nothing is wrong with it.");
  }

  @Test
  void asOneTypesOnlyTheFindingsAndTheGraphAreSent() {
    String piece = post("/submit/check", right.replace("\"train\",", "\"trian\",")).body();
    assertThat(plain(piece))
        .contains("did you mean 'train'?", "<svg")
        .doesNotContain("<html", "<textarea");
  }

  @Test
  void brokenJsonIsToldWithLineAndColumnAndThePageKeepsTheText() {
    String broken = right.replace("\"version\": 1,", "\"version\": 1;");
    long line = broken.substring(0, broken.indexOf(';')).lines().count();
    int column = broken.lines().toList().get((int) line - 1).indexOf(';') + 1;
    HttpResponse<String> page = post("/submit", broken);
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(written(page)).isEqualTo(broken);
    assertThat(page.body())
        .contains(
            "data-line=\"" + line + "\" data-column=\"" + column + "\"",
            "The graph is drawn once the text can be read.");
    assertThat(registers(page)).isFalse();
    HttpResponse<String> refused = post("/submit/register", broken);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(written(refused)).isEqualTo(broken);
    nothingWasKept();
  }

  @Test
  void aTextThatIsHtmlStaysAText() {
    String html = "</textarea><script src=\"x\"></script>\n";
    HttpResponse<String> page = post("/submit", html);
    assertThat(written(page)).isEqualTo(html);
    assertThat(page.body()).doesNotContain("<script src=\"x\">");
    String named =
        right.replace("\"name\": \"my-study\"", "\"name\": \"<script src='x'></script>\"");
    assertThat(post("/submit", named).body()).doesNotContain("<script src='x'>");
  }

  @Test
  void tasksThatRunCodeOrReachOutAreNeverRegistered() {
    Map<String, String> unsafe =
        Map.of(
            "HTTP",
            "{\"http_request\": {\"uri\": \"http://127.0.0.1/\", \"method\": \"GET\"}}",
            "INLINE",
            "{\"evaluatorType\": \"javascript\", \"expression\": \"java.lang.System.exit(1)\"}");
    unsafe.forEach((type, parameters) -> {
      String text = with(type, parameters);
      HttpResponse<String> page = post("/submit", text);
      assertThat(plain(page.body())).contains("1 error", type);
      assertThat(registers(page)).isFalse();
      HttpResponse<String> refused = post("/submit/register", text);
      assertThat(refused.statusCode()).as(type).isEqualTo(400);
      assertThat(plain(refused.body())).contains("1 error", type);
      assertThat(written(refused)).isEqualTo(text);
    });
    nothingWasKept();
  }

  @Test
  void aRightDefinitionBecomesVersionOneAndConductorKnowsIt() {
    HttpResponse<String> answer = post("/submit/register", right);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(303);
    assertThat(answer.headers().firstValue("Location")).hasValue("/submit/own/my-study?b=1");
    assertThat(kept(1)).isEqualTo(right);
    assertThat(announced()).isEqualTo(1);
    HttpResponse<String> page = served.get("/submit/own/my-study?b=1");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body())
        .contains("my-study, version 1", "The first version", "<svg", "/studies/own/my-study");
    assertThat(served.get("/submit").body()).contains("value=\"own/my-study\"");
  }

  @Test
  void aChangeBecomesTheNextVersionAndBothAreCompared() {
    post("/submit/register", right);
    String changed = right.replace("\"epochs\": 5", "\"epochs\": 6");
    HttpResponse<String> page = post("/submit", changed);
    assertThat(page.body())
        .contains(
            "It becomes version 2 of my-study; version 1 stays.",
            "Changes since version 1: 1 line added, 1 removed");
    HttpResponse<String> answer = post("/submit/register", changed);
    assertThat(answer.headers().firstValue("Location")).hasValue("/submit/own/my-study?b=2");
    assertThat(kept(1)).isEqualTo(right);
    assertThat(kept(2)).isEqualTo(changed.replace("\"version\": 1,", "\"version\": 2,"));
    assertThat(announced()).isEqualTo(2);
    String versions = plain(served.get("/submit/own/my-study?a=1&b=2").body());
    assertThat(versions).contains("Version 2 against 1: 2 lines added, 2 removed");
    assertThat(row(versions, "removed")).contains("\"epochs\": 5");
    assertThat(row(versions, "added")).contains("\"epochs\": 6");
    assertThat(served.get("/submit/own/my-study?a=2&b=2").body()).contains("line by line");
    assertThat(written(served.get("/submit?from=own/my-study&version=1"))).isEqualTo(right);
    assertThat(written(served.get("/submit?from=own/my-study"))).isEqualTo(kept(2));
  }

  /** All rows of this kind, one after the other. */
  private static String row(String page, String kind) {
    var rows = new StringBuilder();
    Matcher found =
        Pattern.compile("<tr class=\"" + kind + "\">(.*?)</tr>", Pattern.DOTALL).matcher(page);
    while (found.find()) {
      rows.append(found.group(1));
    }
    return rows.toString();
  }

  @Test
  void theSameTextIsNotKeptTwice() {
    post("/submit/register", right);
    HttpResponse<String> page = post("/submit", right);
    assertThat(page.body()).contains("This is version 1 of my-study, unchanged.");
    assertThat(registers(page)).isFalse();
    assertThat(post("/submit/register", right).headers().firstValue("Location"))
        .hasValue("/submit/own/my-study?b=1");
    assertThat(served.store.list("definitions/")).hasSize(1);
  }

  @Test
  void aFieldThatConductorCannotReadIsRefused() {
    for (String field :
        new String[] {"\"restartable\": \"maybe\"", "\"timeoutSeconds\": \"soon\""}) {
      String text = right.replace("\"version\": 1,", "\"version\": 1, " + field + ",");
      HttpResponse<String> answer = post("/submit/register", text);
      assertThat(answer.statusCode()).as(field).isEqualTo(400);
    }
    nothingWasKept();
  }

  @Test
  void longTextsThatShareLittleDifferAsOneBlockOfWhichTheFirstLinesAreShown() {
    String before = "{\n" + lines("a", 20_000) + "shared\n" + lines("c", 20) + "}\n";
    String after = "{\n" + lines("b", 20_000) + "shared\n" + lines("d", 20) + "}\n";
    Difference difference = Difference.of(before, after);
    assertThat(difference.extent()).isEqualTo("20,021 lines added, 20,021 removed");
    assertThat(difference.rows()).hasSize(1_001);
    assertThat(difference.rows().getFirst()).isEqualTo(new Difference.Row("same", 1, 1, "{"));
    assertThat(difference.rows().get(1)).isEqualTo(new Difference.Row("removed", 2, 0, "a0"));
    assertThat(difference.rows().getLast())
        .isEqualTo(new Difference.Row("gap", 0, 0, "39,044 lines"));
    String edited = before.replace("a500\n", "a500\nnew\n");
    assertThat(Difference.of(before, edited).rows())
        .filteredOn(row -> !row.kind().equals("same") && !row.kind().equals("gap"))
        .containsExactly(new Difference.Row("added", 0, 503, "new"));
    assertThat(Difference.of(before, before).rows()).isEmpty();
  }

  private static String lines(String start, int count) {
    return IntStream.range(0, count).mapToObj(i -> start + i + "\n").collect(Collectors.joining());
  }

  @Test
  void aGraphThatIsTooLargeIsNotDrawn() {
    String task = right.substring(right.indexOf("    {\n"), right.indexOf("    },") + 6);
    String many =
        IntStream.range(0, 400)
            .mapToObj(i -> task.replace("\"prepare\"", "\"more" + i + "\"") + "\n")
            .collect(Collectors.joining());
    String text = right.replace("\"tasks\": [\n", "\"tasks\": [\n" + many);
    assertThat(post("/submit", text).body())
        .contains("No errors", "There are too many tasks to draw.");
    post("/submit/register", text);
    assertThat(served.get("/submit/own/my-study").body())
        .contains("There are too many tasks to draw.");
  }

  @Test
  void whereThereAreNoExamplesTheSentenceSaysSo() {
    assertThat(plain(served.get("/submit?from=example/sbl-quickstart").body()))
        .contains("There is no example 'sbl-quickstart'; this console has none.");
  }

  @Test
  void aVersionIsKeptWhereConductorIsAway() {
    served.stopConductor();
    assertThat(post("/submit/register", right).statusCode()).isEqualTo(303);
    assertThat(kept(1)).isEqualTo(right);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/submit", "/submit/check", "/submit/register"})
  void tooLargeATextIsRefusedWithASentence(String path) {
    HttpResponse<String> answer =
        post(path, right + " ".repeat(Definitions.LARGEST - right.length() + 1));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body())
        .contains(
            "The definition has 1,048,577 bytes; expected at most 1,048,576 bytes: data belong into"
                + " artifacts");
    nothingWasKept();
  }

  @Test
  void aShippedDefinitionIsTheTextToStartFromUnderANameOfOnesOwn() {
    HttpResponse<String> page = served.get("/submit?from=shipped/sbl");
    String shipped = Definition.shipped("sbl").text();
    assertThat(written(page))
        .isEqualTo(shipped.replace("\"name\": \"sbl\"", "\"name\": \"my-sbl\""));
    assertThat(page.body()).contains("No errors", "It becomes version 1 of my-sbl.");
    assertThat(registers(page)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"sbl", "../x", "a b", "", "x/../../runs/r"})
  void aNameThatCannotBeKeptIsNotRegistered(String name) {
    String text = right.replace("\"name\": \"my-study\"", "\"name\": \"" + name + "\"");
    HttpResponse<String> refused = post("/submit/register", text);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(plain(refused.body())).contains("cannot name a definition of one's own");
    nothingWasKept();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/submit/own/..%2Fx",
        "/submit/own/..%2F..%2Fsecret%2Fx",
        "/submit/own/%2E%2E",
        "/submit/own/x%2Fy",
        "/submit?from=own/x/y",
        "/submit?from=own/../secret/x",
        "/submit?from=shipped/../secret/x",
        "/submit?from=example/../secret/x",
        "/submit?from=run/../secret/x",
        "/submit?from=secret/x"
      })
  void noNameFromThePathReachesAnotherKey(String path) {
    for (String key : new String[] {"x/1.json", "secret/x/1.json", "definitions/x/y/1.json"}) {
      served.store.put(
          key, right.replace("my-study", "from-elsewhere").getBytes(StandardCharsets.UTF_8));
    }
    HttpResponse<String> answer = served.get(path);
    assertThat(answer.statusCode()).as(answer.body()).isBetween(400, 404);
    assertThat(answer.body()).doesNotContain("from-elsewhere").contains("That did not work");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"?b=0", "?b=-1", "?b=x", "?b=3", "?a=3&b=1", "?b=99999999999", "?b=1/../2"})
  void aVersionThatIsNotThereIsRefusedWithWhatWasExpected(String query) {
    post("/submit/register", right);
    HttpResponse<String> answer = served.get("/submit/own/my-study" + query);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("expected");
  }

  @Test
  void anUnknownDefinitionIsRefusedWithTheOneThatWasMeant() {
    post("/submit/register", right);
    assertThat(plain(served.get("/submit/own/my-stduy").body()))
        .contains("did you mean 'my-study'?");
  }
}
