package dev.palimpsest.console.compare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.console.web.FlatInputs;
import dev.palimpsest.report.CsvTable;
import dev.palimpsest.workflows.Study;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class InputsTest {
  private static JsonNode json(String text) {
    return Json.parse("inputs", text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void inputsAreNamedAsSetTakesThem() {
    JsonNode inputs =
        json(
            """
            {"seed": 3, "defence": {"method": "ft", "lr": 0.02, "decay": {"method": "none"}},
             "sizes": [1, 2], "nested": {"deep": {"flag": true}}}
            """);
    var flat = FlatInputs.of(inputs);
    assertThat(flat)
        .containsExactlyEntriesOf(
            new java.util.TreeMap<>(
                Map.of(
                    "seed", "3",
                    "defence", "ft",
                    "defence.lr", "0.02",
                    "defence.decay", "none",
                    "sizes", "[1,2]",
                    "nested.deep.flag", "true")));
    ObjectNode set = Json.object();
    flat.forEach((name, value) -> Study.set(set, name + "=" + value));
    assertThat(FlatInputs.of(set)).isEqualTo(flat);
  }

  @Test
  void dataAreNamedByTheirDigest() {
    String digest = "ab".repeat(32);
    assertThat(
            FlatInputs.of(
                json(
                    "{\"data\": {\"train\": {\"artifact\": \"dataset\", \"sha256\": \""
                        + digest
                        + "\", \"bytes\": 5, \"taint\": []}}}")))
        .containsExactly(Map.entry("data.train", "dataset abababababab"));
  }

  @Test
  void onlyWhatDiffersIsListed() {
    var one = FlatInputs.of(json("{\"seed\": 1, \"lr\": 0.1, \"same\": \"x\"}"));
    var other = FlatInputs.of(json("{\"seed\": 2, \"lr\": 0.1, \"same\": \"x\", \"more\": 1}"));
    assertThat(CsvTable.render(Inputs.differing(List.of("a", "b"), List.of(one, other))))
        .isEqualTo("input,a,b\r\nmore,–,1\r\nseed,1,2\r\n");
    assertThat(Inputs.differing(List.of("a", "b"), List.of(one, one)).rows()).isEmpty();
  }
}
