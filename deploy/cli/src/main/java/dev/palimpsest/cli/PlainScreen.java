package dev.palimpsest.cli;

import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.RunView.StageState;
import dev.palimpsest.workflows.RunView.StageView;
import dev.palimpsest.workflows.TimeLeft;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Lines for a file or a pipe: one when a stage starts, some while it runs, one when it ends. No
 * line is written twice.
 */
final class PlainScreen implements Screen {
  private static final double STEP = 0.10;
  private static final double SHORTEST_PAUSE = 2;
  private static final double LONGEST_PAUSE = 15;

  /** What ends sooner gets one line, not two. */
  private static final double WORTH_A_START = 1;

  private final PrintStream out;
  private final LongSupplier nanos;
  private final boolean progress;
  private final long began;
  private final Map<String, Told> told = new HashMap<>();
  private final Map<String, Double> seenRunning = new HashMap<>();
  private final TimeLeft timeLeft = new TimeLeft();
  private String awaited = "";
  private double awaitedTold;

  /** What was last said of a stage. */
  private record Told(StageState state, int attempt, double share, long done, double at) {}

  /**
   * @param nanos a monotonic clock
   * @param progress whether running stages are told of at all
   */
  PlainScreen(PrintStream out, LongSupplier nanos, boolean progress) {
    this.out = out;
    this.nanos = nanos;
    this.progress = progress;
    this.began = nanos.getAsLong();
  }

  @Override
  public synchronized void say(String line) {
    out.println(line);
  }

  @Override
  public synchronized void awaiting(String what, double seconds) {
    if (!what.equals(awaited) || seconds < awaitedTold) {
      awaited = what;
      awaitedTold = 0;
    }
    if (seconds - awaitedTold >= LONGEST_PAUSE) {
      awaitedTold = seconds;
      out.println("Waiting for " + what + " since " + Words.duration(seconds) + ".");
    }
  }

  @Override
  public synchronized void show(RunView view) {
    int width = view.stages().stream().mapToInt(stage -> stage.task().length()).max().orElse(0);
    double now = (nanos.getAsLong() - began) / 1e9;
    for (StageView stage : view.stages()) {
      String words = words(stage, timeLeft.of(stage), now);
      if (!words.isEmpty()) {
        String name = stage.task() + " ".repeat(width - stage.task().length());
        out.println("[" + Words.clock(Math.floor(now)) + "] " + name + "  " + words);
      }
    }
  }

  /** What is new of a stage; empty if nothing is worth a line. */
  private String words(StageView stage, OptionalDouble left, double now) {
    @Nullable Told before = told.get(stage.task());
    boolean changed = before == null || before.state() != stage.state();
    boolean again = before != null && before.attempt() > 0 && before.attempt() < stage.attempt();
    return switch (stage.state()) {
      case WAITING, QUEUED -> "";
      case RUNNING ->
          changed || again
              ? started(stage, now)
              : progress ? running(stage, before, left, now) : "";
      case DONE -> changed ? ended(stage, now, "done in " + Words.duration(stage.seconds())) : "";
      case CACHED -> changed ? ended(stage, now, "cached") : "";
      case FAILED ->
          changed ? ended(stage, now, "failed" + stage.error().map(e -> ": " + e).orElse("")) : "";
      case CANCELLED -> changed ? ended(stage, now, "cancelled") : "";
    };
  }

  private String started(StageView stage, double now) {
    double since = now - seenRunning.computeIfAbsent(stage.id(), id -> now);
    if (since < WORTH_A_START) {
      return "";
    }
    StageContext.@Nullable Progress progress = stage.progress().orElse(null);
    remember(stage, progress == null ? 0 : share(progress), now);
    return stage.attempt() > 1 ? "started again, attempt " + stage.attempt() : "started";
  }

  private String ended(StageView stage, double now, String words) {
    remember(stage, 1, now);
    return words;
  }

  private String running(StageView stage, @Nullable Told before, OptionalDouble left, double now) {
    if (stage.progress().isEmpty() || before == null) {
      return "";
    }
    StageContext.Progress progress = stage.progress().get();
    double share = share(progress);
    double pause = now - before.at();
    boolean due = share - before.share() >= STEP && pause >= SHORTEST_PAUSE;
    if (progress.done() == before.done() || !(due || pause >= LONGEST_PAUSE)) {
      return "";
    }
    remember(stage, share, now);
    Stream<String> first =
        Stream.of(progress.label(), Math.round(100 * share) + " %").filter(s -> !s.isBlank());
    Stream<String> last =
        left.orElse(0) >= 1 ? Stream.of(Words.clock(left.getAsDouble()) + " left") : Stream.empty();
    return Stream.of(first, Metrics.shown(progress.metrics()).stream(), last)
        .flatMap(part -> part)
        .collect(Collectors.joining(", "));
  }

  private void remember(StageView stage, double share, double now) {
    long done = stage.progress().map(StageContext.Progress::done).orElse(0L);
    told.put(stage.task(), new Told(stage.state(), stage.attempt(), share, done, now));
  }

  private static double share(StageContext.Progress progress) {
    return progress.total() <= 0 ? 0 : Math.min(1, (double) progress.done() / progress.total());
  }

  @Override
  public void close() {}
}
