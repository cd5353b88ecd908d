package dev.palimpsest.cli;

import dev.palimpsest.base.Json;
import dev.palimpsest.tasks.Catalogue;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Brings a data set into the store. */
@Command(
    name = "import",
    description = {
      "Reads and checks a data set, and stores it.",
      "Prints the references to its parts as JSON; they can be given as a workflow's input 'data'."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {"", "Example:", "  palimpsest import examples/sbl-quickstart/data > data.json"})
final class ImportCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(
      paramLabel = "FOLDER",
      description = "The folder with the data set's files and their SHA256SUMS.")
  private Path data = Path.of("");

  @Mixin private Servers servers = new Servers();

  ImportCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (DataImport data = DataImport.of(session.folder().resolve(this.data), Catalogue.load());
        Backend backend = session.backends().store(servers, true)) {
      data.upload(backend.artifacts());
      data.references()
          .forEach((split, reference) ->
              session
                  .err()
                  .println(
                      split
                          + ": "
                          + Words.size(reference.bytes())
                          + ", sha256 "
                          + reference.sha256().brief()
                          + ", in "
                          + backend.store().where()));
      session.out().print(Json.pretty(data.json()));
      return 0;
    }
  }
}
