package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code check} says of real stages and methods; nothing is started for it. */
final class CheckCommandTest {
  private static final Path QUICKSTART = Path.of("../../examples/sbl-quickstart").toAbsolutePath();
  private static final Path UNFOLDING = Path.of("src/test/studies/unfolding").toAbsolutePath();

  @TempDir Path folder;
  private Bench bench;

  @BeforeEach
  void open() {
    bench = new Bench(folder);
  }

  @Test
  void whatIsRightIsToldInALine() {
    assertThat(bench.run("check", QUICKSTART.toString(), UNFOLDING.toString())).isZero();
    assertThat(bench.out()).isEqualTo("2 files checked: nothing is wrong.\n");
    assertThat(bench.run("check", UNFOLDING.resolve("unfolding.json").toString())).isZero();
    assertThat(bench.run("check", UNFOLDING.resolve("cell.json").toString(), "--json")).isZero();
    assertThat(bench.out()).isEqualTo("[ ]\n");
  }

  @Test
  void everyExampleIsRight() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("../../examples").toAbsolutePath())) {
      String[] studies =
          files
              .filter(file -> file.toString().endsWith(".json"))
              .filter(file -> !file.endsWith("dataset.json"))
              .map(Path::toString)
              .toArray(String[]::new);
      assertThat(studies.length).isGreaterThan(8);
      String[] command =
          Stream.concat(Stream.of("check"), Stream.of(studies)).toArray(String[]::new);
      assertThat(bench.run(command)).as(bench.out()).isZero();
    }
  }

  @Test
  void everyMistakeIsShownWhereItStands() throws IOException {
    Files.writeString(
        folder.resolve("study.json"),
        """
        {
          "study": "wrong", "about": "", "workflow": "sbl", "data": "nowhere",
          "inputs": {
            "joint": {"epochs": 0, "lr": 0.1},
            "atack": "badnets",
            "parts": {"mixed": 0.9, "clean": 0.9}
          }
        }
        """);
    assertThat(bench.run("check", "study.json")).isEqualTo(2);
    assertThat(bench.out())
        .contains(
            """
            study.json:2:61: error PAL504: there is no folder nowhere; expected one with a data set beside study.json.
              2 | "study": "wrong", "about": "", "workflow": "sbl", "data": "nowhere",
                |                                                           ^
            """)
        .contains(
            """
            study.json:4:25: error PAL405: Workflow 'sbl', task 'joint', 'training': parameter 'epochs' is 0; expected an integer from 1 to 10000.
              4 | "joint": {"epochs": 0, "lr": 0.1},
                |                     ^
            """)
        .contains(
            "study.json:5:5: error PAL502: Workflow 'sbl': unknown input 'atack'; did you mean"
                + " 'attack'?\n")
        .contains(
            "study.json:6:14: error PAL407: Workflow 'sbl', task 'prepare': mixed + clean +"
                + " finetune is 1.85; expected at most 1.\n")
        .endsWith("1 file checked: 4 errors.\n");

    assertThat(bench.run("check", "study.json", "--json")).isEqualTo(2);
    JsonNode findings = Json.parse("out", bench.out().getBytes(StandardCharsets.UTF_8));
    assertThat(findings).hasSize(4);
    JsonNode epochs = findings.path(1);
    assertThat(epochs.path("code").asText()).isEqualTo("PAL405");
    assertThat(epochs.path("severity").asText()).isEqualTo("error");
    assertThat(epochs.path("path").asText()).isEqualTo("/inputs/joint/epochs");
    assertThat(epochs.path("line").asInt()).isEqualTo(4);
    assertThat(epochs.path("column").asInt()).isEqualTo(25);
  }

  @Test
  void whatNamesAnImportIsTheStoresToKnow() throws IOException {
    String study =
        """
        {
          "study": "named", "about": "", "workflow": "sbl",
          "inputs": {"data": %s, "joint": {"epochs": %s, "lr": 0.1}}
        }
        """;
    for (String data :
        List.of(
            "\"import:fashion\"",
            "{\"train\": \"import:a.b\", \"test\": \"import:c\", \"more\": \"import:d\"}")) {
      Files.writeString(folder.resolve("study.json"), study.formatted(data, 1));
      assertThat(bench.run("check", "study.json")).as(bench.out()).isZero();
      Files.writeString(folder.resolve("study.json"), study.formatted(data, 0));
      assertThat(bench.run("check", "study.json")).isEqualTo(2);
      assertThat(bench.out()).contains("'epochs' is 0").endsWith("1 file checked: 1 error.\n");
    }
  }

  @Test
  void aMistakeWithinASubWorkflowIsShownInItsFile() throws IOException {
    for (String name : new String[] {"unfolding.json", "cell.json"}) {
      String text = Files.readString(UNFOLDING.resolve(name));
      Files.writeString(
          folder.resolve(name), text.replace("prepare.output.mixed}", "prepare.output.mixd}"));
    }
    assertThat(bench.run("check", "unfolding.json")).isEqualTo(2);
    assertThat(bench.out())
        .contains("cell.json:29:28: error PAL304", "did you mean 'mixed'?")
        .endsWith("1 file checked: 2 errors.\n");
  }

  @Test
  void aTextThatIsNoJsonIsOneFinding() throws IOException {
    Files.writeString(folder.resolve("broken.json"), "{\n  \"name\": \"x\",\n}\n");
    assertThat(bench.run("check", "broken.json")).isEqualTo(2);
    assertThat(bench.out())
        .isEqualTo(
            """
            broken.json:3:1: error PAL101: '}' cannot stand here; expected a field's name in double quotes; before '}' stands no comma.
              3 | }
                | ^

            1 file checked: 1 error.
            """);
  }

  @Test
  void whatIsNotThereIsAMistake() {
    assertThat(bench.run("check", "nowhere.json")).isEqualTo(2);
    assertThat(bench.err()).contains("nowhere.json cannot be read");
  }
}
