package dev.palimpsest.cli;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.Runs;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what the stages of a run logged. */
@Command(
    name = "logs",
    description = "Shows what the stages of a run logged, oldest line first.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  palimpsest logs RUN",
      "  palimpsest logs RUN --task sbl-task1 --follow"
    })
final class LogsCommand implements Callable<Integer> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());
  private static final long PAUSE_MILLIS = 1000;

  private final Session session;

  @Parameters(paramLabel = "RUN", description = Words.RUN)
  private String run = "";

  @Option(names = "--task", paramLabel = "TASK", description = "Only this task's lines.")
  private Optional<String> task = Optional.empty();

  @Option(
      names = {"-f", "--follow"},
      description = "Go on until the run ends.")
  private boolean follow;

  @Mixin private Servers servers = new Servers();

  LogsCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Backend backend = session.backends().running(servers)) {
      run = backend.journal().find(run);
      Runs runs = backend.runs(Catalogue.load());
      RunView view = runs.view(run);
      task.ifPresent(name -> known(name, view));
      Set<Runs.LogLine> shown = new HashSet<>();
      while (true) {
        // Asked before the lines are read: what is logged last is not missed.
        boolean ended = !follow || runs.view(run).state().ended();
        for (Runs.LogLine line : runs.log(run)) {
          if (task.filter(name -> !name.equals(line.task())).isEmpty() && shown.add(line)) {
            show(line);
          }
        }
        if (ended) {
          if (shown.isEmpty()) {
            session.err().println("Nothing was logged.");
          }
          return 0;
        }
        pause();
      }
    }
  }

  private void show(Runs.LogLine line) {
    String time = TIME.format(Instant.ofEpochMilli(line.time()));
    session.out().println(time + "  " + line.task() + "  " + line.text().stripTrailing());
  }

  private static void known(String name, RunView view) {
    if (view.stage(name).isEmpty()) {
      throw new Mistake(
          Names.unknown(
              "task", name, view.stages().stream().map(RunView.StageView::task).toList()));
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("Interrupted while the log was followed.", e);
    }
  }
}
