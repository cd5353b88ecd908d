package dev.palimpsest.cli;

import dev.palimpsest.local.LocalServices;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where local mode keeps everything. */
final class LocalHome {
  @Option(
      names = "--home",
      paramLabel = "DIR",
      description =
          "Where local mode keeps everything (default: $$PALIMPSEST_HOME or ~/.palimpsest).")
  private Optional<Path> home = Optional.empty();

  Path home() {
    return home.orElseGet(LocalServices.Options::defaultHome).toAbsolutePath().normalize();
  }
}
