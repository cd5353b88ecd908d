package dev.palimpsest.cli;

import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.RunView.StageState;
import dev.palimpsest.workflows.RunView.StageView;
import dev.palimpsest.workflows.TimeLeft;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A terminal on which the run is one line a stage, drawn over in place at most five times a second.
 * What is said stands above it.
 */
final class LiveScreen implements Screen {
  private static final long BETWEEN_DRAWINGS = 200_000_000L;
  private static final long BETWEEN_LOOKS = 2_000_000_000L;
  private static final String HIDE_CURSOR = "\u001b[?25l";
  private static final String SHOW_CURSOR = "\u001b[?25h";
  private static final String CLEAR_LINE = "\u001b[2K";
  private static final String CLEAR_BELOW = "\u001b[J";

  private final PrintStream out;
  private final Supplier<Terminal> look;
  private final LongSupplier nanos;
  private final TimeLeft timeLeft = new TimeLeft();
  private Terminal terminal;
  private long looked;
  private long drawn;
  private List<String> frame = List.of();
  private Optional<RunView> pending = Optional.empty();
  private boolean closed;

  /**
   * @param look asks for the terminal's size, which may change
   * @param nanos a monotonic clock
   */
  LiveScreen(PrintStream out, Supplier<Terminal> look, LongSupplier nanos) {
    this.out = out;
    this.look = look;
    this.nanos = nanos;
    this.terminal = look.get();
    this.looked = nanos.getAsLong();
    this.drawn = looked - BETWEEN_DRAWINGS;
    out.print(HIDE_CURSOR);
    out.flush();
  }

  @Override
  public synchronized void say(String line) {
    if (closed) {
      // Over the ^C that the terminal shows.
      out.println("\r" + CLEAR_LINE + line);
      return;
    }
    var text = new StringBuilder();
    rewind(text);
    text.append(CLEAR_BELOW).append(line).append('\n');
    frame.forEach(each -> text.append(each).append('\n'));
    put(text);
  }

  @Override
  public synchronized void awaiting(String what, double seconds) {
    draw(
        List.of(
            StageLine.cut(
                " … " + what + ", " + Words.duration(Math.floor(seconds)), terminal.columns() - 1)),
        false);
  }

  @Override
  public synchronized void show(RunView view) {
    view.stages().forEach(timeLeft::of);
    pending = Optional.of(view);
    draw(lines(view), view.state().ended());
  }

  @Override
  public synchronized void cancelled() {
    pending = pending.map(LiveScreen::withoutRunning);
    close();
  }

  private static RunView withoutRunning(RunView view) {
    List<StageView> stages =
        view.stages().stream()
            .map(stage ->
                stage.state() == StageState.RUNNING || stage.state() == StageState.QUEUED
                    ? stage.in(StageState.CANCELLED)
                    : stage)
            .toList();
    return new RunView(view.run(), view.study(), RunView.State.CANCELLED, view.error(), stages);
  }

  /** Shows the newest state, and gives the cursor back. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    pending.ifPresent(view -> draw(lines(view), true));
    if (pending.isEmpty()) {
      draw(List.of(), true);
    }
    closed = true;
    out.print(SHOW_CURSOR);
    out.flush();
  }

  private void draw(List<String> lines, boolean atOnce) {
    long now = nanos.getAsLong();
    if (closed || lines.equals(frame) || (!atOnce && now - drawn < BETWEEN_DRAWINGS)) {
      return;
    }
    drawn = now;
    if (now - looked > BETWEEN_LOOKS) {
      looked = now;
      terminal = look.get();
    }
    var text = new StringBuilder();
    rewind(text);
    for (String line : lines) {
      text.append(CLEAR_LINE).append(line).append('\n');
    }
    if (lines.size() < frame.size()) {
      text.append(CLEAR_BELOW);
    }
    frame = List.copyOf(lines);
    put(text);
  }

  private void rewind(StringBuilder text) {
    if (!frame.isEmpty()) {
      text.append("\r\u001b[").append(frame.size()).append('A');
    }
  }

  /** One write: what is drawn over is never seen half drawn. */
  private void put(CharSequence text) {
    out.print(text);
    out.flush();
  }

  private List<String> lines(RunView view) {
    List<StageView> stages = view.stages();
    var painter = new StageLine(stages, terminal.columns(), terminal.colour());
    var lines = new ArrayList<String>();
    List<StageView> fitting = fitting(stages);
    for (StageView stage : fitting) {
      OptionalDouble left =
          stage.state() == StageState.RUNNING ? timeLeft.of(stage) : OptionalDouble.empty();
      lines.add(painter.of(stage, left));
    }
    if (fitting.size() < stages.size()) {
      lines.add(StageLine.cut(rest(stages, fitting), terminal.columns() - 1));
    }
    return lines;
  }

  /** The stages that the screen has room for: first those where something happens. */
  private List<StageView> fitting(List<StageView> stages) {
    int room = terminal.rows() - 2;
    if (stages.size() <= room) {
      return stages;
    }
    var rank = new HashMap<String, Integer>();
    for (StageView stage : stages) {
      rank.put(
          stage.task(),
          switch (stage.state()) {
            case FAILED -> 0;
            case RUNNING -> 1;
            case QUEUED -> 2;
            case CANCELLED -> 3;
            case WAITING -> 4;
            case DONE, CACHED -> 5;
          });
    }
    var chosen = new ArrayList<>(stages);
    chosen.sort(Comparator.comparingInt(stage -> rank.getOrDefault(stage.task(), 9)));
    List<StageView> kept = chosen.subList(0, room - 1);
    return stages.stream().filter(kept::contains).toList();
  }

  private static String rest(List<StageView> stages, List<StageView> shown) {
    Map<StageState, Integer> counts = new EnumMap<>(StageState.class);
    for (StageView stage : stages) {
      if (!shown.contains(stage)) {
        counts.merge(stage.state(), 1, Integer::sum);
      }
    }
    var words = new ArrayList<String>();
    counts.forEach((state, n) -> words.add(n + " " + state.name().toLowerCase(Locale.ROOT)));
    return " … " + String.join(", ", words);
  }
}
