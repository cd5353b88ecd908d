package dev.palimpsest.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.cli.bundle.Bibliography;
import dev.palimpsest.report.Table;
import dev.palimpsest.report.TextTable;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.StageKeys;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.DefinitionCheck;
import dev.palimpsest.workflows.RecordedCalls;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.Runs;
import dev.palimpsest.workflows.Verification;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Computes a finished run again and compares the outputs. */
@Command(
    name = "verify",
    description = {
      "Computes a finished run again beside itself and compares the outputs' digests. Where"
          + " they differ it tells which tensors and fields do, and which stage was the first to"
          + " give other outputs from equal inputs. What is equal takes no room in the store."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  palimpsest verify RUN",
      "  palimpsest verify RUN --stage task1",
      "",
      "Exit code: 0 the same, 1 not the same or failed, 2 a mistake in what was given,",
      "130 cancelled by Ctrl-C; the same command then continues where it stopped."
    })
final class VerifyCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "RUN", description = Words.RUN)
  private String given = "";

  /** The id of the run that is meant. */
  private String run = "";

  @Option(
      names = "--stage",
      paramLabel = "TASK",
      description = "Compute only this task again, on the inputs that it had in the run.")
  private Optional<String> stage = Optional.empty();

  @Mixin private RunOptions options = new RunOptions();

  VerifyCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    options.checkReport(session);
    Catalogue catalogue = Catalogue.load();
    RecordedCalls.Alone again = again(catalogue);
    var execution = new Execution(session, options, catalogue);
    Set<Numerics> asked = new DefinitionCheck(catalogue).check(again.definition(), again.inputs());
    if (asked.contains(Numerics.ANY)) {
      warn("Run " + run + " leaves the numerics open: other workers may give other bits.");
    }
    return execution.of(new VerifyJob(again.definition(), again.inputs()), asked);
  }

  /** What is to be computed again; warns where its code has changed. */
  private RecordedCalls.Alone again(Catalogue catalogue) {
    try (Backend backend = session.backends().store(options.servers(), false)) {
      run = backend.journal().find(given);
      RunJournal.Run original = backend.journal().run(run).orElseThrow();
      Optional<String> verifies = original.verifies();
      if (verifies.isPresent()) {
        throw new Mistake(
            "Run '"
                + run
                + "' is itself a verification; expected the run that it verifies: "
                + verifies.get()
                + ".");
      }
      List<RunJournal.StageEntry> entries = backend.journal().stages(run);
      if (entries.isEmpty()) {
        throw new Mistake(
            "Run '" + run + "' has finished no stage; expected a run with something to compare.");
      }
      var calls = new RecordedCalls(original, entries, backend.ledger());
      List<String> changed = calls.changed(new StageKeys(catalogue, backend.artifacts())::of);
      if (!changed.isEmpty()) {
        warn(
            "Since run "
                + run
                + " the code of "
                + String.join(", ", changed)
                + " has changed: this verifies another program.");
      }
      return stage
          .map(calls::alone)
          .orElseGet(() ->
              new RecordedCalls.Alone(Definition.of(original), (ObjectNode) original.inputs()));
    }
  }

  private void warn(String sentence) {
    session.out().println("⚠ " + sentence);
  }

  private final class VerifyJob implements Execution.Job {
    private final Definition definition;
    private final ObjectNode inputs;

    VerifyJob(Definition definition, ObjectNode inputs) {
      this.definition = definition;
      this.inputs = inputs;
    }

    @Override
    public Definition definition() {
      return definition;
    }

    @Override
    public String start(Backend backend, Runs runs, Map<String, String> code) {
      return runs.verify(run, definition, inputs, code);
    }

    @Override
    public String begun(String again) {
      return "Run "
          + again
          + " computes "
          + stage.map(task -> "task '" + task + "' of ").orElse("")
          + "run "
          + run
          + " again";
    }

    @Override
    public int tell(Backend backend, RunView end, double seconds, Terminal terminal) {
      RunJournal journal = backend.journal();
      Verification verification =
          Verification.of(run, end.run(), stage, journal, backend.ledger(), backend.artifacts());
      journal.write(
          run,
          journal.verified(run).size(),
          new RunJournal.Verified(
              end.run(),
              stage,
              verification.differing().stream().map(Verification.Compared::task).toList(),
              Instant.now().toString()));
      Path folder = session.folder().resolve(options.report(end.run()));
      RunJournal.Run again = journal.run(end.run()).orElseThrow();
      List<RunJournal.StageEntry> stages = journal.stages(end.run());
      new Report(
              "Verification",
              "",
              again,
              stages,
              end,
              Results.of(definition, end, backend.artifacts()),
              Bibliography.of(Catalogue.load(), again, stages, backend.ledger()),
              Optional.of(verification))
          .write(folder);
      print(verification, terminal);
      session.out().println("Report     " + folder.resolve("report.md"));
      return verification.differing().isEmpty() ? 0 : Main.FAILED;
    }

    private void print(Verification verification, Terminal terminal) {
      session.out().println();
      show(VerificationTables.stages(verification), terminal);
      VerificationTables.differences(verification).forEach(table -> show(table, terminal));
      VerificationTables.conclusion(verification).forEach(session.out()::println);
    }

    private void show(Table table, Terminal terminal) {
      session.out().println(TextTable.render(table, terminal.columns()));
    }
  }
}
