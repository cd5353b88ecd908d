package dev.palimpsest.cli.system;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.Study;
import dev.palimpsest.workflows.client.Conductor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Runs a study of stages in a row many times on services of its own, and tells how many runs did
 * not complete, how many end in a second, how the resident memory of all processes goes, and how
 * long it is from the end of a stage to the start of the next by Conductor's clock.
 *
 * <p>Arguments: the study's folder, how many runs, how many at a time, and {@code fresh} if each
 * run shall have a seed of its own, so that every stage is computed; otherwise all but the first
 * are answered from the ledger.
 */
public final class ManyRuns {
  private static final int LINES = 10;

  private final LocalSystem system;
  private final Definition definition;
  private final ObjectNode inputs;
  private final int runs;
  private final boolean fresh;
  private final Deque<String> open = new ArrayDeque<>();
  private final List<RunView.State> ends = new ArrayList<>();
  private final List<Long> gaps = new ArrayList<>();

  private ManyRuns(LocalSystem system, Path study, int runs, boolean fresh) {
    this.system = system;
    String first = system.start(study);
    system.await(first, view -> view.state().ended());
    this.definition = Study.read(study).definition();
    this.inputs = (ObjectNode) new RunJournal(system.store()).run(first).orElseThrow().inputs();
    this.runs = runs;
    this.fresh = fresh;
  }

  /** Prints a line for each tenth of the runs, and the sum. */
  public static void main(String[] args) throws IOException {
    Path home = Files.createTempDirectory("palimpsest-runs");
    try (LocalSystem system = LocalSystem.up(home, 2)) {
      new ManyRuns(
              system, Path.of(args[0]), Integer.parseInt(args[1]), List.of(args).contains("fresh"))
          .run(Integer.parseInt(args[2]));
    }
    try (Stream<Path> paths = Files.walk(home)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private void run(int atATime) throws IOException {
    long began = System.nanoTime();
    long since = began;
    System.out.printf("%6s %10s %12s %8s%n", "runs", "runs/s", "memory MB", "failed");
    for (int run = 1; run <= runs; run++) {
      open.add(start(run));
      if (open.size() == atATime) {
        await(open.remove());
      }
      if (run % Math.max(1, runs / LINES) == 0) {
        double rate = runs / LINES / ((System.nanoTime() - since) / 1e9);
        since = System.nanoTime();
        System.out.printf(Locale.ROOT, "%6d %10.1f %12d %8d%n", run, rate, memory(), failed());
      }
    }
    while (!open.isEmpty()) {
      await(open.remove());
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%d runs in %.0f s, %.1f a second, %d not completed%n",
        runs,
        seconds,
        runs / seconds,
        failed());
    gaps.sort(null);
    System.out.printf(
        Locale.ROOT,
        "%d ms from stage to stage in the median, %d ms in the slowest twentieth%n",
        gaps.get(gaps.size() / 2),
        gaps.get(gaps.size() * 19 / 20));
  }

  private String start(int run) {
    ObjectNode changed = inputs.deepCopy();
    if (fresh) {
      changed.put("seed", run + 1);
    }
    return system.runs().start(definition, changed, Map.of());
  }

  private void await(String run) {
    while (!system.runs().ended(run)) {
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    ends.add(system.runs().view(run).state());
    List<Conductor.Scheduled> tasks = system.conductor().snapshot(run).tasks();
    for (int i = 1; i < tasks.size(); i++) {
      gaps.add(tasks.get(i).started() - tasks.get(i - 1).ended());
    }
  }

  private long failed() {
    return ends.stream().filter(state -> state != RunView.State.COMPLETED).count();
  }

  /** Resident memory of this process and all that it started, in MB. */
  private static long memory() throws IOException {
    long kilobytes = resident(ProcessHandle.current());
    for (ProcessHandle child : ProcessHandle.current().descendants().toList()) {
      kilobytes += resident(child);
    }
    return kilobytes / 1024;
  }

  private static long resident(ProcessHandle process) throws IOException {
    Path status = Path.of("/proc/" + process.pid() + "/status");
    return Files.exists(status)
        ? Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .sum()
        : 0;
  }
}
