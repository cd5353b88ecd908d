package dev.palimpsest.cli;

import dev.palimpsest.console.Console;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where the console is served. */
final class ConsoleOptions {
  static final String TOKEN = "PALIMPSEST_CONSOLE_TOKEN";

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "The console's address (default: ${DEFAULT-VALUE}); others can enter only with the token"
              + " in " + TOKEN + ".")
  private String host = "127.0.0.1";

  @Option(
      names = "--console-port",
      paramLabel = "PORT",
      defaultValue = "8770",
      description = "The console's port; 0 for a free one (default: ${DEFAULT-VALUE}).")
  private int port = 8770;

  Console.Options in(Map<String, String> environment) {
    return new Console.Options(
        host, port, Optional.ofNullable(environment.get(TOKEN)).filter(token -> !token.isBlank()));
  }
}
