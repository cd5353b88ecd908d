package dev.palimpsest.cli.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.RunView.StageState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ways to train a backdoor, compared on real processes. */
final class BackdoorsTest {
  private static final Path STUDY = Path.of("src/test/studies/backdoors");

  /** As in the study's file, a backdoor learned second, and one whose trigger is crafted. */
  private static final String[] MORE = {
    "surrogate.epochs=1",
    "surrogate.lr=0.05",
    """
    arms=[
      {"label": "conventional", "order": "joint"},
      {"label": "clean first", "order": "clean-first",
       "learner": {"method": "anchoring", "lambda": 10}},
      {"label": "crafted", "order": "backdoor-only", "trigger": "crafted",
       "craftedAttack": "low-frequency"}]
    """
  };

  @TempDir Path home;

  @Test
  void furtherWaysAreComputedBesideThoseThatAreThere() {
    try (var system = LocalSystem.up(home, 1)) {
      system.awaitEnd(system.start(STUDY));
      String run = system.start(STUDY, MORE);
      system.awaitEnd(run);
      Map<String, StageState> states = new TreeMap<>();
      system.view(run).stages().forEach(stage -> states.put(stage.task(), stage.state()));
      assertThat(states)
          .containsEntry("cell_1.joint", StageState.CACHED)
          .containsEntry("cell_1.defence_2", StageState.CACHED)
          .containsEntry("cell_2.prepare", StageState.CACHED)
          .containsEntry("cell_2.clean_task1", StageState.DONE)
          .containsEntry("cell_2.clean_task2", StageState.DONE)
          .containsEntry("cell_3.craft", StageState.DONE)
          .containsEntry("cell_3.backdoor", StageState.DONE)
          .containsEntry("compare", StageState.DONE)
          .doesNotContainKeys("cell_2.joint", "cell_3.poison", "cell_3.task2");
      RunJournal.StageEntry compared =
          system.journal().stages(run).stream()
              .filter(stage -> stage.task().equals("compare"))
              .findFirst()
              .orElseThrow();
      JsonNode table =
          Json.parse(
              "table",
              system.artifacts().read(Objects.requireNonNull(compared.outputs().get("table"))));
      assertThat(table.path("rows")).hasSize(3);
      assertThat(
              new String(
                  system
                      .artifacts()
                      .read(Objects.requireNonNull(compared.outputs().get("courses"))),
                  StandardCharsets.UTF_8))
          .contains("ASR under CLP", "clean first");
    }
  }
}
