package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans of the quickstart on an empty store. */
final class PlanCommandTest {
  private static final String QUICKSTART =
      Path.of("../../examples/sbl-quickstart").toAbsolutePath().toString();

  @TempDir Path folder;
  private Bench bench;

  @BeforeEach
  void open() {
    bench = new Bench(folder);
  }

  @Test
  void aPlanSaysWhatRunsAndWhatIsKnownOnlyWhenOthersHaveRun() {
    assertThat(bench.run("plan", QUICKSTART)).isZero();
    assertThat(bench.out().lines())
        .anySatisfy(line -> assertThat(line).matches("prepare +prepare-data +will run"))
        .anySatisfy(line -> assertThat(line).matches("poison +poison +known after prepare"))
        .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
    assertThat(bench.out())
        .endsWith(
            "0 of 17 tasks cached, 1 will run, 16 not yet known.\n"
                + "Of none of them is known how long it takes.\n");
    assertThat(bench.store.list("")).allMatch(seen -> seen.key().startsWith("index/"));
  }

  @Test
  void aPlanShowsTheParametersThatAreNotTheDefaults() {
    assertThat(bench.run("plan", QUICKSTART, "--parameters", "--set", "defences.ft.lr=0.0234"))
        .isZero();
    assertThat(bench.out()).contains("defence.lr=0.0234");
  }

  @Test
  void aPlanIsAlsoJson() {
    assertThat(bench.run("plan", QUICKSTART, "--json")).isZero();
    JsonNode tasks = Json.parse("plan", bench.out().getBytes(StandardCharsets.UTF_8)).path("tasks");
    var states = new ArrayList<String>();
    tasks.forEach(task -> states.add(task.path("state").asText()));
    assertThat(states).hasSize(17).startsWith("RUNS", "UNKNOWN");
    assertThat(tasks.get(0).path("key").asText()).hasSize(64);
  }

  @Test
  void whatARunRefusesAPlanRefuses() {
    assertThat(bench.run("plan", QUICKSTART, "--set", "defences.ft.lr=-1")).isEqualTo(2);
    assertThat(bench.err()).contains("parameter 'lr' is -1");
    assertThat(bench.run("plan", QUICKSTART, "--set", "numerics.threads=4")).isEqualTo(2);
    assertThat(bench.err()).contains("the local workers compute with");
  }
}
