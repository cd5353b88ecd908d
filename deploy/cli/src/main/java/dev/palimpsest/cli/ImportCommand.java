package dev.palimpsest.cli;

import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.cli.bundle.BundleImport;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Imports;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Brings a data set, a network or a run into the store. */
@Command(
    name = "import",
    description = {
      "Brings something into the store, once all of it was read and checked:",
      "  a folder         a data set with its SHA256SUMS",
      "  a .safetensors   a network's state dict under PyTorch's names",
      "  a .zip           a run that 'palimpsest export' wrote",
      "What has a name can be an input of a study: \"checkpoint\": \"import:NAME\".",
      "The references to data sets and networks are printed as JSON."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  palimpsest import examples/sbl-quickstart/data --name fashion",
      "  palimpsest import my-net.safetensors --network resnet-small --classes 10 \\",
      "      --image 1x28x28",
      "  palimpsest import sbl-backdoor.zip"
    })
final class ImportCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "PATH", description = "A data set's folder, a network, or a run.")
  private Path path = Path.of("");

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description =
          "How studies name it. Default: a network has its file's name; a data set has none, and"
              + " is kept while a run refers to it.")
  private Optional<String> name = Optional.empty();

  @Option(names = "--replace", description = "Give the name to this although another has it.")
  private boolean replace;

  @Option(
      names = "--network",
      paramLabel = "NETWORK",
      description =
          "Which network it is the state of: its name, or JSON with its parameters (default: as the"
              + " file says).")
  private Optional<String> network = Optional.empty();

  @Option(
      names = "--classes",
      paramLabel = "N",
      description = "How many classes the network tells apart (default: as the file says).")
  private Optional<Integer> classes = Optional.empty();

  @Option(
      names = "--image",
      paramLabel = "CxHxW",
      description = "The images that it takes: channels, height, width (default: likewise).")
  private Optional<String> image = Optional.empty();

  @Option(
      names = "--tainted",
      paramLabel = "WHY",
      description =
          "The network may hold a backdoor, such as 'backdoor: badnets, target 0'; repeatable. A"
              + " label that the file has stays.")
  private List<String> tainted = new ArrayList<>();

  @Mixin private Servers servers = new Servers();

  ImportCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Path file = session.folder().resolve(path);
    var claims = new CheckpointImport.Claims(network, classes, image, tainted);
    name.ifPresent(Imports::checked);
    ImportedFile.Kind kind = ImportedFile.kind(file);
    if (kind != ImportedFile.Kind.CHECKPOINT && !claims.none()) {
      throw new Mistake(
          "--network, --classes, --image and --tainted describe a network, and "
              + path
              + " is none; expected a .safetensors file.");
    }
    switch (kind) {
      case DATA -> data(file);
      case CHECKPOINT -> checkpoint(file, claims);
      case BUNDLE -> {
        if (name.isPresent()) {
          throw new Mistake("--name names a data set or a network; a run keeps its id.");
        }
        bundle(file);
      }
    }
    return 0;
  }

  private void data(Path folder) {
    try (DataImport data = DataImport.of(folder, Catalogue.load());
        Backend backend = session.backends().store(servers, true)) {
      data.upload(backend.artifacts());
      name.ifPresent(n -> keep(backend, n, data.references()));
      data.references().forEach((split, reference) -> tell(backend, split, reference));
      session.out().print(Json.pretty(data.json()));
    }
  }

  private void checkpoint(Path file, CheckpointImport.Claims claims) {
    String named =
        Imports.checked(
            name.orElseGet(() -> file.getFileName().toString().replaceFirst("\\.[^.]*$", "")));
    var checkpoint = CheckpointImport.of(file, claims);
    try (Backend backend = session.backends().store(servers, true)) {
      Reference reference = checkpoint.upload(backend.artifacts());
      keep(backend, named, Map.of("checkpoint", reference));
      tell(backend, named, reference);
      if (reference.tainted()) {
        session.err().println("⚠ " + String.join("; ", reference.taint()));
      }
      session.out().print(Json.pretty(reference));
    }
  }

  private void keep(Backend backend, String named, Map<String, Reference> parts) {
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    new Imports(backend.store()).keep(new Imports.Import(named, parts, now), replace);
    session.err().println("In a study: \"import:" + named + "\"");
  }

  private void tell(Backend backend, String what, Reference reference) {
    session
        .err()
        .println(
            what
                + ": "
                + Words.size(reference.bytes())
                + ", sha256 "
                + reference.sha256().brief()
                + ", in "
                + backend.store().where());
  }

  private void bundle(Path file) {
    try (BundleImport bundle = BundleImport.open(file);
        Backend backend = session.backends().store(servers, true)) {
      List<String> others =
          bundle.store(
              backend.artifacts(),
              new StoredLedger(backend.store(), backend.artifacts()),
              backend.journal());
      for (String task : others) {
        session
            .err()
            .println(
                "Task '"
                    + task
                    + "': the store keeps another result of the same key, and runs will take that"
                    + " one.");
      }
      if (!bundle.taint().isEmpty()) {
        session
            .err()
            .println("⚠ It stems from poisoned data: " + String.join("; ", bundle.taint()));
      }
      session
          .out()
          .println(
              "Run "
                  + bundle.run()
                  + " of workflow '"
                  + bundle.study()
                  + "': "
                  + Words.count(bundle.stages(), "stage")
                  + ", "
                  + Words.count(bundle.artifacts(), "artifact")
                  + ", in "
                  + backend.store().where());
    }
  }
}
