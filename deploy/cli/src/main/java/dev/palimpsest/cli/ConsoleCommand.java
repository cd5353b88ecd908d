package dev.palimpsest.cli;

import dev.palimpsest.console.Console;
import dev.palimpsest.console.RecentListings;
import dev.palimpsest.console.Services;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.RunJournal;
import java.time.Clock;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Serves the web pages beside servers that run. */
@Command(
    name = "console",
    description = {
      "Serves the web console beside servers that run, and stays until Ctrl-C.",
      "'palimpsest up' serves it already."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  palimpsest console",
      "  palimpsest console --conductor http://conductor:8080 --s3 http://minio:9000"
    })
final class ConsoleCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private Servers servers = new Servers();
  @Mixin private ConsoleOptions options = new ConsoleOptions();

  ConsoleCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    options.check();
    try (Backend backend = session.backends().running(servers);
        Console console = options.start(services(backend, servers.elsewhere()))) {
      session.out().println("Console    " + console.url());
      session.out().println("Ctrl-C ends it.");
      new CountDownLatch(1).await();
      return 0;
    }
  }

  /** What the console reads and changes. */
  static Services services(Backend backend, boolean cluster) {
    Catalogue catalogue = Catalogue.load();
    return new Services(
        backend.connected(),
        new RecentListings(backend.store(), RunJournal.INDEX),
        backend.artifacts(),
        catalogue,
        new FolderExamples(Launch.examples(), catalogue),
        Launch.code(),
        Clock.systemUTC(),
        cluster);
  }
}
