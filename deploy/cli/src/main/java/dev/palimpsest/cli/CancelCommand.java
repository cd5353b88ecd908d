package dev.palimpsest.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Cancels a run. */
@Command(
    name = "cancel",
    description = "Cancels a run; its workers save their state and stop at the next step.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {"", "Example:", "  palimpsest cancel 0f1c5a2e"})
final class CancelCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "RUN", description = Words.RUN)
  private String run = "";

  @Mixin private Servers servers = new Servers();

  CancelCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Backend backend = session.backends().running(servers)) {
      run = backend.journal().find(run);
      if (backend.connected().cancel(run, "cancelled by the user")) {
        session.out().println("Run " + run + " is cancelled; running it again goes on from there.");
      } else {
        session
            .out()
            .println("Run " + run + " has already ended" + how(backend) + "; nothing to cancel.");
      }
      return 0;
    }
  }

  private String how(Backend backend) {
    String status = backend.connected().snapshot(run).status();
    return status.equals("TERMINATED")
        ? " (cancelled)"
        : " (" + status.toLowerCase(Locale.ROOT).replace('_', ' ') + ")";
  }
}
