package dev.palimpsest.cli;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.cli.doctor.ConductorCheck;
import dev.palimpsest.cli.doctor.Finding;
import dev.palimpsest.cli.doctor.Finding.Mark;
import dev.palimpsest.cli.doctor.Machine;
import dev.palimpsest.cli.doctor.StoreCheck;
import dev.palimpsest.cli.doctor.WorkersCheck;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Workers;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Looks for what may keep studies from running. */
@Command(
    name = "doctor",
    description = {
      "Looks at this machine, the store, Conductor and the workers, and says what is",
      "wrong with them and what cures it. Nothing needs to run for it."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  palimpsest doctor",
      "  palimpsest doctor --conductor https://conductor.lab --s3 https://s3.lab",
      "",
      "Exit code: 0 all well, or warnings alone; 1 a problem."
    })
final class DoctorCommand implements Callable<Integer> {
  private static final int INDENT = 14;

  private final Session session;

  @Option(names = "--json", description = "Print the findings as JSON.")
  private boolean json;

  @Mixin private Servers servers = new Servers();

  DoctorCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    var findings = new ArrayList<>(Machine.here(servers.home()).findings());
    services(findings);
    if (json) {
      session.out().print(Json.pretty(findings));
    } else {
      findings.forEach(this::tell);
      session.out().println();
      session.out().println(summary(findings));
    }
    return count(findings, Mark.PROBLEM) > 0 ? Main.FAILED : 0;
  }

  private void services(List<Finding> findings) {
    boolean elsewhere = servers.elsewhere();
    if (elsewhere) {
      // Also where the store does not answer.
      conductor(findings, ServerBackends.checked(servers.conductor().orElseThrow()));
    }
    try {
      Optional<Backend> found = session.backends().found(servers);
      if (found.isPresent()) {
        try (Backend backend = found.get()) {
          if (!elsewhere) {
            backend.conductor().ifPresent(conductor -> conductor(findings, conductor.url()));
          }
          store(findings, backend);
          findings.addAll(
              WorkersCheck.of(
                  new Workers(backend.store(), Clock.systemUTC()),
                  Catalogue.load().digest(),
                  Clock.systemUTC()));
        }
        return;
      }
      findings.add(
          Finding.ok(
              "Services", "none run on " + servers.home() + "; 'palimpsest up' starts them"));
      stored(findings);
    } catch (Mistake | Failure e) {
      findings.add(
          Finding.problem(
              "Store",
              e.getMessage() == null ? e.toString() : e.getMessage(),
              elsewhere
                  ? "See that the store runs, that --s3 and --bucket are right, and that its keys are in"
                      + " PALIMPSEST_S3_ACCESS_KEY and PALIMPSEST_S3_SECRET_KEY."
                  : "Look at what lies in " + servers.home() + ", or name another with --home."));
    }
  }

  /** The local store without services, where there is one. */
  private void stored(List<Finding> findings) {
    Backend backend;
    try {
      backend = session.backends().store(servers, false);
    } catch (Mistake e) {
      findings.add(Finding.ok("Store", "none yet; the first run makes it"));
      return;
    }
    try (backend) {
      store(findings, backend);
    }
  }

  private static void store(List<Finding> findings, Backend backend) {
    findings.addAll(StoreCheck.of(backend.store(), Clock.systemUTC()));
  }

  private void conductor(List<Finding> findings, String url) {
    String token =
        servers.elsewhere()
            ? session.environment().getOrDefault("PALIMPSEST_CONDUCTOR_TOKEN", "")
            : "";
    findings.addAll(ConductorCheck.of(URI.create(url), token));
  }

  private void tell(Finding finding) {
    String mark =
        switch (finding.mark()) {
          case OK -> "✓";
          case WARNING -> "!";
          case PROBLEM -> "✗";
        };
    int width = Math.min(100, session.terminal().get().columns());
    String head = mark + " " + finding.about();
    String first = head + " ".repeat(Math.max(2, INDENT - head.length()));
    Wrapped.lines(first, " ".repeat(INDENT), finding.said(), width).forEach(session.out()::println);
    finding
        .cure()
        .ifPresent(cure ->
            Wrapped.lines(" ".repeat(INDENT), " ".repeat(INDENT), cure, width)
                .forEach(session.out()::println));
  }

  private static String summary(List<Finding> findings) {
    long problems = count(findings, Mark.PROBLEM);
    long warnings = count(findings, Mark.WARNING);
    if (problems + warnings == 0) {
      return "All is well.";
    }
    return Words.count(problems, "problem") + ", " + Words.count(warnings, "warning") + ".";
  }

  private static long count(List<Finding> findings, Mark mark) {
    return findings.stream().filter(finding -> finding.mark() == mark).count();
  }
}
