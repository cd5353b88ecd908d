package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a study's data and its parameters do not let a run do is refused before there is one. */
final class ForesightTest {
  private static final Path DATA = Path.of("../../examples/sbl-quickstart/data").toAbsolutePath();
  private static final List<String> WORKFLOWS = List.of("continual", "continual-compare", "ilr");

  @TempDir Path folder;
  private Bench bench;

  @BeforeEach
  void makeStudies() throws IOException {
    bench = new Bench(folder);
    for (String workflow : WORKFLOWS) {
      Files.createDirectories(folder.resolve(workflow));
      Files.writeString(
          folder.resolve(workflow).resolve("study.json"),
          """
          {"study": "s", "about": "", "workflow": "%s", "data": "%s", "inputs": {}}
          """
              .formatted(workflow, DATA));
    }
  }

  private int plan(String study, String... settings) {
    var arguments = new ArrayList<>(List.of("plan", study));
    for (String setting : settings) {
      arguments.add("--set");
      arguments.add(setting);
    }
    return bench.run(arguments.toArray(String[]::new));
  }

  @Test
  void whatFitsIsPlanned() {
    assertThat(plan("continual", "split.order=drawn", "learn=5")).as(bench.err()).isZero();
    assertThat(plan("continual", "split.tasks=2", "learn=2")).as(bench.err()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          split.tasks=3 | task 'split': tasks is 3, which does not divide the 10 classes; expected one of 1, 2, 5, 10, or groups.
          split.groups=[["Bag"],["Coat"],["Shirt"],["Dress"],["Boot"]] | groups: unknown class 'Boot'
          split.groups=[["Bag"],["Coat"],["Shirt"],["Dress"],["Bag"]] | groups names class 'Bag' twice
          split.groups=[["Bag"],["Coat"],["Shirt"],["Dress"],["Sandal"]] | groups leaves out 'T-shirt/top'
          learn=6 | iteration 6 as ${workflow.input.learn} says: task 6 does not exist; expected 1 to 5.
          """)
  void whatDoesNotFitTheDataIsRefused(String setting, String sentence) {
    for (String study : WORKFLOWS) {
      assertThat(plan(study, setting)).as(study).isEqualTo(2);
      assertThat(bench.err()).contains(sentence);
    }
    assertThat(bench.run("run", "continual", "--set", setting)).isEqualTo(2);
    assertThat(bench.err()).contains(sentence);
    assertThat(bench.store.list("")).isEmpty();
  }

  @Test
  void aBufferLargerThanTheTrainingImagesIsRefused() {
    // A tenth of 6,000 images is kept for validation.
    assertThat(plan("continual", "learner={\"method\": \"er\", \"buffer\": {\"size\": 5400}}"))
        .as(bench.err())
        .isZero();
    assertThat(plan("continual", "learner={\"method\": \"er\", \"buffer\": {\"size\": 5401}}"))
        .isEqualTo(2);
    assertThat(bench.err())
        .contains("learner 'er' has a buffer of 5401 samples and the data set only 5400 images");
  }

  @Test
  void whatWasImportedUnderANameIsKnownToo() throws IOException {
    assertThat(bench.run("import", DATA.toString(), "--name", "fashion")).isZero();
    Files.writeString(
        folder.resolve("continual/study.json"),
        """
        {"study": "s", "about": "", "workflow": "continual",
         "inputs": {"data": "import:fashion"}}
        """);
    assertThat(plan("continual")).as(bench.err()).isZero();
    assertThat(plan("continual", "split.tasks=3")).isEqualTo(2);
    assertThat(bench.err()).contains("tasks is 3, which does not divide the 10 classes");
  }
}
