package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.report.Table;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.RunView.StageState;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportTest {
  private static final Definition DEFINITION =
      Definition.of(
          "test",
          """
          {"name": "small", "version": 1, "tasks": [
            {"name": "poison", "taskReferenceName": "poison", "type": "SIMPLE"},
            {"name": "summarise", "taskReferenceName": "summarise", "type": "SIMPLE",
             "inputParameters": {"inputs": {"results": {"a": "${poison.output.plan}"}}}}
          ]}
          """
              .getBytes(StandardCharsets.UTF_8));

  @TempDir Path folder;
  private RunView view;
  private Report report;
  private Results results;

  @BeforeEach
  void aRunHasEnded() throws IOException {
    var bench = new Bench(folder.resolve("bench"));
    var table =
        new Table(
            "Durability",
            List.of(Table.Column.text("model"), Table.Column.number("", "ASR", "%", 1)),
            List.of(List.of(Table.Cell.of("SBL"), Table.Cell.of(82.26))),
            List.of("One seed."));
    Reference checkpoint = put(bench, "checkpoint", "weights", List.of("backdoor: badnets"));
    view =
        Views.run(
            RunView.State.COMPLETED,
            Views.stage(
                "poison",
                StageState.CACHED,
                1,
                0,
                Optional.empty(),
                Map.of("preview", put(bench, "figure", "<svg>p</svg>", List.of()))),
            Views.stage(
                "summarise",
                StageState.DONE,
                1,
                12.34,
                Optional.empty(),
                Map.of(
                    "table", put(bench, "table", Json.line(table), List.of()),
                    "courses", put(bench, "figure", "<svg>c</svg>", List.of()),
                    "checkpoint", checkpoint)));
    var run =
        new RunJournal.Run(
            "run-1",
            "small",
            DEFINITION.json(),
            Json.object().put("seed", 7),
            Map.of("version", "1"),
            "2026-01-01T00:00:00Z");
    results = Results.of(DEFINITION, view, bench.artifacts);
    report =
        new Report(
            "small-study", "Does it last?", run, List.of(), view, results, "@misc{a2026b}\n");
  }

  private static Reference put(Bench bench, String type, String content, List<String> taint)
      throws IOException {
    Path file = Files.createTempFile("palimpsest-test", type);
    try {
      return bench.artifacts.put(type, Files.writeString(file, content), taint);
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void theFolderHoldsTheReportTheTablesTheFiguresAndTheRun() throws IOException {
    Path written = folder.resolve("runs/run-1");
    report.write(written);

    assertThat(names(written))
        .containsExactly(
            "citations.bib",
            "poison-preview.svg",
            "report.md",
            "run.json",
            "summarise-courses.svg",
            "summarise-table.csv",
            "summarise-table.tex");
    assertThat(names(folder.resolve("runs"))).containsExactly("run-1");
    assertThat(written.resolve("summarise-courses.svg")).hasContent("<svg>c</svg>");
    assertThat(written.resolve("summarise-table.csv")).content().contains("SBL,82.26");
    assertThat(written.resolve("citations.bib")).hasContent("@misc{a2026b}");
    var run = Json.parse("run.json", Files.readAllBytes(written.resolve("run.json")));
    assertThat(run.at("/run/inputs/seed").intValue()).isEqualTo(7);
  }

  @Test
  void theReportBeginsWithTheSummaryAndTellsTheTimes() {
    assertThat(report.markdown())
        .isEqualTo(
            """
            # small-study

            Does it last?

            Run `run-1` of workflow `small`, submitted 2026-01-01T00:00:00Z.

            **Durability**

            | model | ASR (%) |
            | ----- | ------: |
            | SBL   |    82.3 |

            - One seed.

            ![summarise, courses](summarise-courses.svg)

            ## poison

            ![poison, preview](poison-preview.svg)

            ## Stages

            | task      | stage | time (s) |
            | --------- | ----- | -------: |
            | poison    | train |   cached |
            | summarise | train |     12.3 |

            `run.json` holds the definition, the inputs and the digests of all artifacts, `citations.bib` the papers to cite.
            """);
  }

  @Test
  void aReportThatCannotBeWrittenLeavesNothing() throws IOException {
    Path taken = Files.createDirectories(folder.resolve("taken"));
    Files.writeString(taken.resolve("mine"), "");
    assertThatThrownBy(() -> report.write(taken))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("taken");
    assertThat(names(taken)).containsExactly("mine");
    assertThat(names(folder)).containsExactly("bench", "taken");
  }

  @Test
  void theSummaryShowsTheLastTablesAndWarnsOfBackdoors() {
    var out = new ByteArrayOutputStream();
    new Summary(
            new PrintStream(out, true, StandardCharsets.UTF_8), new Terminal(true, false, 80, 24))
        .print(view, results, 252, Path.of("palimpsest-runs/run-1"));

    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """

            Durability

            ────────────
            model  ASR %
            ────────────
            SBL     82.3
            ────────────
            One seed.

            Run        run-1 (2 stages, 1 cached, 4 min 12 s)
            Report     palimpsest-runs/run-1/report.md
            Artifacts  palimpsest artifacts ls run-1
            ⚠ 1 checkpoint of this run stems from poisoned data and may hold a backdoor: marked there.
            """);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
