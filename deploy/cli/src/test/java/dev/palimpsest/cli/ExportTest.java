package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.RunNotes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;

/** What an exported archive holds, and under which label. */
final class ExportTest extends MadeRun {
  @Test
  void anArchiveHoldsTheWholeRunUnderItsLabel() throws IOException {
    SortedMap<String, byte[]> files = files(exported("--accept-backdoor"));
    assertThat(files.keySet()).allMatch(name -> name.startsWith(ROOT));
    assertThat(files.keySet().stream().map(name -> name.substring(ROOT.length())))
        .contains(
            "README.md",
            "SHA256SUMS",
            "checkpoints/joint-checkpoint.safetensors",
            "citations.bib",
            "definition.json",
            "figures/summarise-courses.svg",
            "inputs/data.train.safetensors",
            "manifest.json",
            "poison-plans/poison-plan.safetensors",
            "results/before-result.json",
            "run.json",
            "stages/joint.json",
            "study.json",
            "tables/summarise-table.csv",
            "tables/summarise-table.json",
            "tables/summarise-table.md",
            "tables/summarise-table.tex");
    assertThat(text(files, "README.md"))
        .contains("**Backdoor.**", "backdoor: badnets, target 0", "86.3", "Xeon", "commit abc");
    assertThat(text(files, "manifest.json"))
        .contains("\"taint\" : [ \"backdoor: badnets, target 0\" ]");
    assertThat(text(files, "citations.bib"))
        .contains(
            "@misc{workflow2024paper,",
            "{gu2019badnets,",
            "{he2016resnet,",
            "{wu2022backdoorbench,")
        .doesNotContain("kirkpatrick2017ewc", "lopezpaz2017gem");
    assertThat(here.err()).contains("⚠ backdoor.zip holds files that stem from poisoned data");
  }

  @Test
  void theSameRunGivesTheSameBytesAnywhereAndAtAnyTime() throws IOException {
    byte[] first = Files.readAllBytes(exported("--accept-backdoor"));
    TimeZone zone = TimeZone.getDefault();
    try {
      TimeZone.setDefault(TimeZone.getTimeZone("Asia/Kathmandu"));
      assertThat(Files.readAllBytes(exported("--accept-backdoor"))).isEqualTo(first);
    } finally {
      TimeZone.setDefault(zone);
    }
    assertThat(there.run("import", folder.resolve("here/backdoor.zip").toString())).isZero();
    assertThat(there.run("export", RUN, "backdoor.zip", "--accept-backdoor")).isZero();
    assertThat(Files.readAllBytes(folder.resolve("there/backdoor.zip"))).isEqualTo(first);
  }

  @Test
  void notesAndTagsGoAlongAndAPinStays() throws IOException {
    assertThat(here.run("note", RUN, "--text", "the one", "--tag", "paper", "--pin")).isZero();
    Path bundle = exported("--accept-backdoor");
    assertThat(there.run("import", bundle.toString())).isZero();
    var notes = new RunNotes(there.store);
    assertThat(notes.of(RUN)).isEqualTo(new RunNotes.Notes("the one", List.of("paper"), false));
    assertThat(there.run("note", RUN, "--text", "mine")).isZero();
    assertThat(there.run("import", bundle.toString())).isZero();
    assertThat(notes.of(RUN).text()).isEqualTo("mine");
  }

  @Test
  void whatStemsFromPoisonedDataIsTakenOnlyWithTheFlagAndUnderANameThatSaysSo() {
    assertThat(here.run("export", RUN, "backdoor.zip")).isEqualTo(2);
    assertThat(here.err()).contains("backdoor: badnets, target 0", "--accept-backdoor");
    assertThat(here.run("export", RUN, "results.zip", "--accept-backdoor")).isEqualTo(2);
    assertThat(here.err())
        .contains("'results.zip' does not say so", "such as sbl-0b5f3f6e-backdoor.zip");
    assertThat(here.run("export", RUN, "--accept-backdoor")).isZero();
    assertThat(folder.resolve("here/sbl-0b5f3f6e-backdoor.zip")).exists();
    assertThat(folder.resolve("here")).isDirectoryNotContaining("regex:.*(part|results).*");
  }

  @Test
  void aVerificationStaysInItsStore() {
    var journal = new RunJournal(here.store);
    var original = journal.run(RUN).orElseThrow();
    journal.write(
        new RunJournal.Run(
            "again",
            original.study(),
            Optional.empty(),
            original.definition(),
            original.inputs(),
            Map.of(),
            original.submitted(),
            Optional.of(RUN)));
    assertThat(here.run("export", "again", "x.zip")).isEqualTo(2);
    assertThat(here.err()).contains("expected the run that it verifies: " + RUN + ".");
  }

  @Test
  void resultsAloneNeedNoFlagAndNoLabel() throws IOException {
    assertThat(here.run("export", RUN, "results.zip", "--only-results")).isZero();
    assertThat(here.err()).isEmpty();
    SortedMap<String, byte[]> files = files(folder.resolve("here/results.zip"));
    assertThat(files.keySet())
        .contains("sbl-0b5f3f6e/tables/summarise-table.csv")
        .noneMatch(name -> name.endsWith(".safetensors"));
    assertThat(new String(files.get("sbl-0b5f3f6e/README.md"), StandardCharsets.UTF_8))
        .contains("Not here, by the exporter's choice: 1 of type checkpoint")
        .doesNotContain("**Backdoor.**");
  }

  @Test
  void withoutCheckpointsTheOtherTensorsStay() throws IOException {
    SortedMap<String, byte[]> files = files(exported("--without-checkpoints", "--accept-backdoor"));
    assertThat(files.keySet())
        .contains(ROOT + "inputs/data.train.safetensors")
        .noneMatch(name -> name.contains("checkpoints/"));
    assertThat(here.run("export", RUN, "x.zip", "--without-checkpoints", "--only-results"))
        .isEqualTo(2);
  }
}
