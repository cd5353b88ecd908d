package dev.palimpsest.cli;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Workers;
import dev.palimpsest.workflows.FileCheck;
import dev.palimpsest.workflows.Finding;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells everything that is wrong with definitions and studies. */
@Command(
    name = "check",
    description = {
      "Tells everything that is wrong with definitions and studies, and runs nothing.",
      "docs/check.md explains each code."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  palimpsest check examples/sbl-quickstart",
      "  palimpsest check my-workflow.json --json",
      "",
      "Exit code: 0 nothing is wrong (there may be warnings), 2 something is."
    })
final class CheckCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "A definition's file, a study's file, or a study's folder.")
  private List<Path> files = new ArrayList<>();

  @Option(names = "--json", description = "Print the findings as a JSON list.")
  private boolean json;

  @Mixin private Servers servers = new Servers();

  CheckCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    // Only one or both: half a pair of servers is a mistake here too.
    boolean elsewhere = servers.elsewhere();
    var check = new FileCheck(Catalogue.load(), () -> served(elsewhere));
    var findings = new ArrayList<Finding>();
    for (Path file : files) {
      findings.addAll(check.check(file, session.folder()));
    }
    long errors = findings.stream().filter(f -> f.severity() == Finding.Severity.ERROR).count();
    if (json) {
      session.out().print(Json.pretty(findings));
    } else {
      show(findings, errors);
    }
    return errors == 0 ? 0 : Main.MISTAKEN;
  }

  /** What servers offer; empty where none is in reach. */
  private Optional<FileCheck.Served> served(boolean elsewhere) {
    try {
      Optional<Backend> found = session.backends().found(servers);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      try (Backend backend = found.get()) {
        var lanes =
            new Workers(backend.store(), Clock.systemUTC())
                .living().stream()
                    .flatMap(worker -> worker.lanes().stream())
                    .collect(Collectors.toSet());
        return Optional.of(new FileCheck.Served(backend.connected().registeredStages(), lanes));
      }
    } catch (Failure | Mistake e) {
      if (elsewhere) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private void show(List<Finding> findings, long errors) {
    Terminal terminal = session.terminal().get();
    for (Finding finding : findings) {
      FindingText.lines(finding, terminal).forEach(session.out()::println);
      session.out().println();
    }
    long warnings = findings.size() - errors;
    String count =
        errors == 0 && warnings == 0
            ? "nothing is wrong"
            : Words.count(errors, "error")
                + (warnings == 0 ? "" : ", " + Words.count(warnings, "warning"));
    session.out().println(Words.count(files.size(), "file") + " checked: " + count + ".");
  }
}
