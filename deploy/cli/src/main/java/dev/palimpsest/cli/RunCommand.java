package dev.palimpsest.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.cli.bundle.Bibliography;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.DefinitionCheck;
import dev.palimpsest.workflows.RunInputs;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.Runs;
import dev.palimpsest.workflows.Study;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs a study and shows what came out. */
@Command(
    name = "run",
    description = {
      "Runs a study: checks it, starts what it needs, shows how it gets on, prints the result.",
      "What was computed before is not computed again."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  palimpsest run examples/sbl-quickstart",
      "  palimpsest run examples/sbl-quickstart --set seed=7",
      "  palimpsest run examples/sbl-quickstart --set defences.ft.lr=0.02",
      "  palimpsest run my-study --conductor https://conductor.lab --s3 https://s3.lab",
      "",
      "Exit code: 0 done, 1 failed, 2 a mistake in what was given, 130 cancelled by Ctrl-C."
    })
final class RunCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private StudyOptions study = new StudyOptions();

  @Mixin private RunOptions options = new RunOptions();

  RunCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    options.checkReport(session);
    Study read = study.read(session);
    Definition definition = read.definition();
    Catalogue catalogue = Catalogue.load();
    var execution = new Execution(session, options, catalogue);
    try (DataImport data = DataImport.of(read, catalogue)) {
      RunInputs.Known known =
          ImportedInputs.of(
              RunInputs.of(read.content().inputs(), definition, data.json(), study.settings()),
              data.facts(),
              () -> session.backends().store(options.servers(), false));
      ObjectNode inputs = known.inputs();
      var asked = new DefinitionCheck(catalogue).check(definition, inputs, known.known());
      return execution.of(new StudyJob(read, definition, inputs, data), asked);
    }
  }

  private final class StudyJob implements Execution.Job {
    private final Study study;
    private final Definition definition;
    private final ObjectNode inputs;
    private final DataImport data;

    StudyJob(Study study, Definition definition, ObjectNode inputs, DataImport data) {
      this.study = study;
      this.definition = definition;
      this.inputs = inputs;
      this.data = data;
    }

    @Override
    public Definition definition() {
      return definition;
    }

    @Override
    public String start(Backend backend, Runs runs, Map<String, String> code) {
      data.upload(backend.artifacts());
      // Where Ctrl-C ends the process from here on, nothing else does.
      data.close();
      return runs.start(Optional.of(study.content().study()), definition, inputs, code);
    }

    @Override
    public String begun(String run) {
      return "Run " + run + " of study '" + study.content().study() + "'";
    }

    @Override
    public int tell(Backend backend, RunView end, double seconds, Terminal terminal) {
      RunJournal journal = backend.journal();
      Results results = Results.of(definition, end, backend.artifacts());
      Path folder = session.folder().resolve(options.report(end.run()));
      RunJournal.Run run = journal.run(end.run()).orElseThrow();
      List<RunJournal.StageEntry> stages = journal.stages(end.run());
      new Report(
              study.content().study(),
              study.content().about(),
              run,
              stages,
              end,
              results,
              Bibliography.of(Catalogue.load(), run, stages, backend.ledger()))
          .write(folder);
      new Summary(session.out(), terminal).print(end, results, seconds, folder);
      return 0;
    }
  }
}
