package dev.palimpsest.cli;

import dev.palimpsest.base.Mistake;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a command is told that runs something to its end. */
final class RunOptions {
  @Mixin private Servers servers = new Servers();

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "How many workers local mode starts (default: one for each core).")
  private Optional<Integer> workers = Optional.empty();

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description = "Where the report goes (default: palimpsest-runs/<run id>).")
  private Optional<Path> report = Optional.empty();

  @Option(names = "--no-progress", description = "Do not show how far running stages are.")
  private boolean noProgress;

  Servers servers() {
    return servers;
  }

  boolean progress() {
    return !noProgress;
  }

  /** Whether a number of workers was asked for. */
  boolean asksForWorkers() {
    return workers.isPresent();
  }

  int workers() {
    int count = workers.orElseGet(() -> Runtime.getRuntime().availableProcessors());
    if (count < 1) {
      throw new Mistake("--workers is " + count + "; expected 1 or more.");
    }
    return count;
  }

  /** Where the report of this run goes, from the session's folder. */
  Path report(String run) {
    return report.orElse(Path.of("palimpsest-runs").resolve(run));
  }

  /** Refuses a report's folder that holds something: it is not written over. */
  void checkReport(Session session) {
    Path path = session.folder().resolve(report.orElse(Path.of("")));
    if (report.isEmpty() || !Files.exists(path)) {
      return;
    }
    try (Stream<Path> entries = Files.isDirectory(path) ? Files.list(path) : Stream.of(path)) {
      if (entries.findAny().isPresent()) {
        throw new Mistake("--report " + report.get() + " exists; expected a folder to be made.");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
