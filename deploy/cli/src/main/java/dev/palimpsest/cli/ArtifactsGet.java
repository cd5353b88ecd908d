package dev.palimpsest.cli;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.ArtifactType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Fetches an artifact. */
@Command(
    name = "get",
    description = {
      "Fetches an artifact; its bytes are checked against its digest.",
      "What stems from poisoned data is handed out only with --accept-backdoor."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  palimpsest artifacts get RUN/summarise/table",
      "  palimpsest artifacts get 5e884898da28 -o model.safetensors --accept-backdoor"
    })
final class ArtifactsGet implements Callable<Integer> {
  private final Session session;

  @Parameters(
      paramLabel = "ARTIFACT",
      description = "RUN/TASK/OUTPUT, or a digest or its first 6 digits or more.")
  private String what = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Where to write it (default: standard output).")
  private Optional<Path> file = Optional.empty();

  @Option(names = "--accept-backdoor", description = "Take an artifact that may hold a backdoor.")
  private boolean accepted;

  @Mixin private Servers servers = new Servers();

  ArtifactsGet(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Backend backend = session.backends().store(servers, false)) {
      Reference reference = new Outputs(backend).find(what);
      if (reference.tainted()) {
        warn(reference);
      }
      if (file.isEmpty() && tensors(reference) && session.terminal().get().live()) {
        throw new Mistake(
            "A "
                + reference.artifact()
                + " is binary and standard output is a terminal; name a file with -o.");
      }
      Path fetched = backend.artifacts().fetch(reference);
      if (file.isPresent()) {
        copy(fetched, session.folder().resolve(file.get()).toAbsolutePath());
        session
            .err()
            .println(
                file.get()
                    + ": "
                    + reference.artifact()
                    + ", "
                    + Words.size(reference.bytes())
                    + ", sha256 "
                    + reference.sha256());
      } else {
        print(fetched);
      }
      return 0;
    }
  }

  private void warn(Reference reference) {
    String named = "The " + reference.artifact() + " " + reference.sha256().brief();
    String reasons = String.join("; ", reference.taint());
    if (!accepted) {
      throw new Mistake(
          named
              + " stems from poisoned data ("
              + reasons
              + ") and may hold a backdoor; give --accept-backdoor to take it none the less.");
    }
    session
        .err()
        .println(
            "⚠ "
                + named
                + " stems from poisoned data ("
                + reasons
                + "). Do not deploy it; keep its label with it.");
  }

  private static boolean tensors(Reference reference) {
    return Stream.of(ArtifactType.values())
        .anyMatch(type -> type.tensors() && type.label().equals(reference.artifact()));
  }

  private void print(Path fetched) {
    try {
      Files.copy(fetched, session.out());
      session.out().flush();
    } catch (IOException e) {
      throw new Failure("Standard output cannot be written to: " + e.getMessage() + ".", e);
    }
  }

  private static void copy(Path fetched, Path target) {
    if (Files.isDirectory(target)) {
      throw new Mistake("-o " + target + " is a folder; expected the name of a file.");
    }
    Path part = target.resolveSibling("." + target.getFileName() + ".part");
    try {
      Files.copy(fetched, part, StandardCopyOption.REPLACE_EXISTING);
      part.toFile().setWritable(true, true);
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      part.toFile().delete();
      throw new Failure(
          "Cannot write " + target + " (" + e + "); expected a folder that may be written to.", e);
    }
  }
}
