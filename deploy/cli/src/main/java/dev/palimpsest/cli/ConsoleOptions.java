package dev.palimpsest.cli;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.console.Console;
import dev.palimpsest.console.Services;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where the console is served. */
final class ConsoleOptions {
  static final String TOKEN = "PALIMPSEST_CONSOLE_TOKEN";
  private static final int USUAL_PORT = 8770;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "The console's address (default: ${DEFAULT-VALUE}); at others one enters with the token"
              + " that "
              + TOKEN
              + " holds.")
  private String host = "127.0.0.1";

  @Option(
      names = "--console-port",
      paramLabel = "PORT",
      description = "The console's port; 0 for a free one (default: 8770, or else a free one).")
  private Optional<Integer> port = Optional.empty();

  private final Map<String, String> environment;

  ConsoleOptions() {
    this(System.getenv());
  }

  ConsoleOptions(Map<String, String> environment) {
    this.environment = environment;
  }

  /** Throws {@link Mistake} for an address that others reach without a token. */
  void check() {
    Console.check(at(port.orElse(USUAL_PORT)));
  }

  /** Starts to serve. */
  Console start(Services services) {
    if (port.isPresent()) {
      return Console.start(at(port.get()), services);
    }
    try {
      return Console.start(at(USUAL_PORT), services);
    } catch (Mistake e) {
      // Another console has it: that of other services on this machine.
      return Console.start(at(0), services);
    }
  }

  private Console.Options at(int port) {
    return new Console.Options(
        host, port, Optional.ofNullable(environment.get(TOKEN)).filter(token -> !token.isBlank()));
  }
}
