package dev.palimpsest.cli;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command {@code palimpsest}. */
@Command(
    name = "palimpsest",
    description = "Runs studies of backdoor durability and continual learning.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  palimpsest run examples/sbl-quickstart",
      "  palimpsest run examples/sbl-quickstart --set seed=7",
      "  palimpsest check my-study",
      "  palimpsest up",
      "  palimpsest status",
      "",
      "'palimpsest COMMAND --help' tells more of each."
    })
public final class Main implements Runnable {
  /** The exit code of a failure that the user did not cause. */
  static final int FAILED = 1;

  /** The exit code of a mistake that the user can put right. */
  static final int MISTAKEN = 2;

  /** The exit code after Ctrl-C. */
  static final int INTERRUPTED = 130;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show the log of the libraries, and the trace of an error.")
  private boolean debug;

  Main() {}

  /** Runs one command; exits with 0, 1 for a failure, 2 for a mistake, 130 after Ctrl-C. */
  public static void main(String[] arguments) {
    System.exit(run(Session.ofProcess(), arguments));
  }

  /** Runs one command and returns its exit code. */
  static int run(Session session, String... arguments) {
    var main = new Main();
    var line = new CommandLine(main);
    Commands.addTo(line, session);
    line.setOut(new PrintWriter(session.out(), true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(session.err(), true, StandardCharsets.UTF_8));
    versions(line);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionStrategy(parsed -> {
      main.quieten(parsed);
      return new CommandLine.RunLast().execute(parsed);
    });
    line.setParameterExceptionHandler((e, given) -> misuse(session, e));
    line.setExecutionExceptionHandler((e, command, parsed) -> main.tell(session, e));
    return line.execute(arguments);
  }

  /** Every command tells the version of the whole. */
  private static void versions(CommandLine line) {
    line.getCommandSpec().versionProvider(new Version());
    line.getSubcommands().values().forEach(Main::versions);
  }

  /** Without a command: the help, as a mistake. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command.");
  }

  /** The libraries log to standard error; a worker's log is its output, elsewhere it is noise. */
  private void quieten(ParseResult parsed) {
    boolean worker =
        parsed.hasSubcommand() && parsed.subcommand().commandSpec().name().equals("worker");
    String level = debug ? "debug" : worker ? "info" : "off";
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", level);
    System.setProperty(
        "org.slf4j.simpleLogger.log.dev.palimpsest.console", debug ? level : "error");
    // It warns of each reader of a live page that left.
    System.setProperty("org.slf4j.simpleLogger.log.io.javalin", debug ? level : "off");
    if (worker) {
      Launch.noteCommit();
    }
  }

  private int tell(Session session, Exception e) {
    String said = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    if (e instanceof Mistake || e instanceof Failure) {
      session.err().println("palimpsest: " + said);
    } else {
      session
          .err()
          .println(
              "palimpsest: failed: "
                  + said.lines().findFirst().orElse(said)
                  + (debug ? "" : " (run again with --debug for the trace)"));
    }
    if (debug) {
      e.printStackTrace(session.err());
    }
    return e instanceof Mistake ? MISTAKEN : FAILED;
  }

  private static int misuse(Session session, ParameterException e) {
    CommandLine command = e.getCommandLine();
    session.err().println("palimpsest: " + e.getMessage());
    if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr())) {
      session
          .err()
          .println("'" + command.getCommandSpec().qualifiedName() + " --help' says what it takes.");
    }
    return MISTAKEN;
  }

  /** The version of this build. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {
        "palimpsest " + Launch.version() + ", Java " + Runtime.version().feature()
      };
    }
  }
}
