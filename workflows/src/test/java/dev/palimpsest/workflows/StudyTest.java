package dev.palimpsest.workflows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StudyTest {
  @Test
  void aSettingReachesIntoTheInputsAndKeepsItsType() {
    ObjectNode inputs = inputs("{'seed': 1, 'ft': {'lr': 0.1}, 'name': 'x'}");
    Study.set(inputs, "seed=7");
    Study.set(inputs, "ft.lr=0.02");
    Study.set(inputs, "ft.batch=32");
    Study.set(inputs, "name=Backdoor durability");
    assertThat(inputs)
        .isEqualTo(
            inputs("{'seed': 7, 'ft': {'lr': 0.02, 'batch': 32}, 'name': 'Backdoor durability'}"));
  }

  @Test
  void aMethodGivenByItsBareNameTakesParameters() {
    ObjectNode inputs = inputs("{'attack': 'badnets'}");
    Study.set(inputs, "attack.size=5");
    assertThat(inputs).isEqualTo(inputs("{'attack': {'method': 'badnets', 'size': 5}}"));
  }

  @Test
  void whatIsNoSettingIsRefused() {
    assertThatThrownBy(() -> Study.set(inputs("{}"), "seed"))
        .isInstanceOf(Mistake.class)
        .hasMessage("--set seed is no setting; expected name=value, such as seed=7.");
    assertThatThrownBy(() -> Study.set(inputs("{'seed': 1}"), "seed.x=2"))
        .isInstanceOf(Mistake.class)
        .hasMessage("--set seed.x=2: 'seed' is 1 and holds no further names.");
  }

  @Test
  void aFieldThatNoStudyHasIsNamed(@TempDir Path folder) throws Exception {
    Files.writeString(
        folder.resolve(Study.FILE),
        "{\"study\": \"s\", \"about\": \"a\", \"workflow\": \"sbl\", \"inputs\": {},"
            + " \"seed\": 1}");
    assertThatThrownBy(() -> Study.read(folder))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("unknown field 'seed'");
  }

  @Test
  void aFolderWithoutAStudyIsNamed(@TempDir Path folder) {
    assertThatThrownBy(() -> Study.read(folder.resolve("nowhere")))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("No study at " + folder.resolve("nowhere"));
  }

  @Test
  void anUnknownWorkflowIsNamedWithTheOneThatWasMeant() {
    assertThatThrownBy(() -> Definition.find("slb", Path.of(".")))
        .isInstanceOf(Mistake.class)
        .hasMessageStartingWith("unknown workflow 'slb'; did you mean 'sbl'?");
  }

  private static ObjectNode inputs(String json) {
    return (ObjectNode)
        Json.parse("inputs", json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }
}
