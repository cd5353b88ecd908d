package dev.palimpsest.cli;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.cli.bundle.Export;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tasks.Catalogue;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a run as one archive. */
@Command(
    name = "export",
    description = {
      "Writes a run as one zip archive: definition, inputs, environment, tables,",
      "figures, checkpoints, the papers to cite. The same run gives the same bytes.",
      "'palimpsest import' brings it into another store.",
      "What stems from poisoned data is taken along only with --accept-backdoor."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  palimpsest export latest results.zip --only-results",
      "  palimpsest export RUN sbl-backdoor.zip --accept-backdoor"
    })
final class ExportCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(index = "0", paramLabel = "RUN", description = Words.RUN)
  private String run = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "FILE",
      description = "The archive to be written (default: named by workflow and run).")
  private Optional<Path> file = Optional.empty();

  @ArgGroup private Less less = new Less();

  @Option(names = "--accept-backdoor", description = "Take artifacts that may hold a backdoor.")
  private boolean accepted;

  @Mixin private Servers servers = new Servers();

  /** What is left out. */
  static final class Less {
    @Option(names = "--without-checkpoints", description = "Leave the checkpoints out.")
    private boolean withoutCheckpoints;

    @Option(
        names = "--only-results",
        description = "Leave all tensors out: no checkpoints, data, poison plans.")
    private boolean onlyResults;
  }

  ExportCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Backend backend = session.backends().store(servers, false)) {
      String id = backend.journal().find(run);
      var export =
          Export.of(
              backend.journal(),
              id,
              new StoredLedger(backend.store(), backend.artifacts()),
              less.withoutCheckpoints,
              less.onlyResults);
      Path target = file.orElseGet(() -> Path.of(export.name() + ".zip"));
      if (!export.taint().isEmpty()) {
        warn(export, target);
      }
      long bytes =
          export.write(
              session.folder().resolve(target).toAbsolutePath(),
              backend.artifacts(),
              Catalogue.load());
      session
          .out()
          .println(
              target
                  + ": run "
                  + id
                  + ", "
                  + Words.count(export.stages(), "stage")
                  + ", "
                  + Words.size(bytes));
      return 0;
    }
  }

  private void warn(Export export, Path target) {
    String reasons = String.join("; ", export.taint());
    if (!accepted) {
      throw new Mistake(
          "The archive would hold files that stem from poisoned data ("
              + reasons
              + "); give --accept-backdoor to take them none the less, or --only-results to leave"
              + " them out.");
    }
    if (!target.getFileName().toString().toLowerCase(Locale.ROOT).contains("backdoor")) {
      throw new Mistake(
          "The archive would hold files that stem from poisoned data, and its name '"
              + target.getFileName()
              + "' does not say so; expected a name with 'backdoor', such as "
              + export.name()
              + ".zip.");
    }
    session
        .err()
        .println(
            "⚠ "
                + target
                + " holds files that stem from poisoned data ("
                + reasons
                + "). Do not deploy them; keep their label with them.");
  }
}
