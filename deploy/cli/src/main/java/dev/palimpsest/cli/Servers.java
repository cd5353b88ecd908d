package dev.palimpsest.cli;

import dev.palimpsest.base.Mistake;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which servers a command talks to. */
final class Servers {
  @Mixin private LocalHome local = new LocalHome();

  @Option(
      names = "--conductor",
      paramLabel = "URL",
      description =
          "A Conductor server to use instead of local mode; its token comes from"
              + " PALIMPSEST_CONDUCTOR_TOKEN.")
  private Optional<String> conductor = Optional.empty();

  @Option(
      names = "--s3",
      paramLabel = "URL",
      description =
          "An S3 endpoint to use instead of local mode; its keys come from"
              + " PALIMPSEST_S3_ACCESS_KEY and PALIMPSEST_S3_SECRET_KEY.")
  private Optional<String> s3 = Optional.empty();

  @Option(
      names = "--bucket",
      paramLabel = "NAME",
      defaultValue = "palimpsest",
      description = "The bucket at --s3 (default: ${DEFAULT-VALUE}).")
  private String bucket = "palimpsest";

  Path home() {
    return local.home();
  }

  Optional<String> conductor() {
    return conductor;
  }

  Optional<String> s3() {
    return s3;
  }

  String bucket() {
    return bucket;
  }

  /** Whether servers elsewhere are meant; {@link Mistake} if only one of the two is named. */
  boolean elsewhere() {
    if (conductor.isPresent() != s3.isPresent()) {
      throw new Mistake(
          (conductor.isPresent() ? "--conductor is given without --s3" : "--s3 without --conductor")
              + "; expected both, or neither for local mode.");
    }
    return conductor.isPresent();
  }
}
