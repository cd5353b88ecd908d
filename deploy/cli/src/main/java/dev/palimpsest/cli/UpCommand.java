package dev.palimpsest.cli;

import dev.palimpsest.console.Console;
import dev.palimpsest.local.LocalServices;
import dev.palimpsest.local.Running;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Starts the local services and stays. */
@Command(
    name = "up",
    description = {
      "Starts the local services (store, Conductor, workers) and the web console, and stays until"
          + " Ctrl-C.",
      "Every other command then uses them."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  palimpsest up",
      "  palimpsest up --workers 4 --conductor-port 8080"
    })
final class UpCommand implements Callable<Integer> {
  private final Session session;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "How many workers are started (default: one for each core).")
  private int workers = Runtime.getRuntime().availableProcessors();

  @Mixin private LocalHome local = new LocalHome();

  @Option(
      names = "--conductor-port",
      paramLabel = "PORT",
      defaultValue = "0",
      description = "Conductor's port (default: a free one).")
  private int conductorPort;

  @Option(
      names = "--s3-port",
      paramLabel = "PORT",
      defaultValue = "0",
      description = "The store's port (default: a free one).")
  private int s3Port;

  @Mixin private ConsoleOptions pages = new ConsoleOptions();

  UpCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    pages.check();
    Terminal terminal = session.terminal().get();
    Screen screen =
        terminal.live()
            ? new LiveScreen(session.out(), session.terminal(), System::nanoTime)
            : new PlainScreen(session.out(), System::nanoTime, true);
    var words = new ServiceWords(new Announced(screen, workers, ServerBackends::firstTime));
    LocalServices services;
    try {
      services =
          ServerBackends.up(
              local.home(), new Backends.Wanted(workers, conductorPort, s3Port), words);
    } finally {
      screen.close();
    }
    Backend backend = ServerBackends.beside(services, local.home());
    Console console;
    try {
      console = pages.start(ConsoleCommand.services(backend, false));
    } catch (RuntimeException e) {
      services.close();
      throw e;
    }
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  words.quieten();
                  console.close();
                  backend.close();
                  services.close();
                  session.out().println("The local services have ended.");
                  Runtime.getRuntime().halt(0);
                },
                "down"));
    Running running = services.running();
    running.serve(local.home(), console.url());
    session.out().println();
    session.out().println("Console    " + console.url());
    session.out().println("Conductor  " + running.conductor());
    session
        .out()
        .println(
            "S3 store   "
                + running.s3()
                + ", bucket "
                + running.bucket()
                + ", keys in "
                + local.home().resolve("credentials.json"));
    session.out().println("Workers    " + workers + ", logs in " + local.home().resolve("workers"));
    session.out().println("Ctrl-C ends them all.");
    new CountDownLatch(1).await();
    return 0;
  }
}
