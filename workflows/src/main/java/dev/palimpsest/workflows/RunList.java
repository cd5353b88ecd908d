package dev.palimpsest.workflows;

import dev.palimpsest.base.Failure;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.client.Conductor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The runs of a store and how they stand; also where Conductor is gone. */
public final class RunList {
  private final RunJournal journal;
  private final InstantSource clock;
  private Optional<Conductor> conductor;
  private Optional<Failure> outOfReach = Optional.empty();

  public RunList(RunJournal journal, Optional<Conductor> conductor, InstantSource clock) {
    this.journal = journal;
    this.conductor = conductor;
    this.clock = clock;
  }

  /** How a run stands. */
  public enum State {
    RUNNING,
    COMPLETED,
    FAILED,
    CANCELLED,
    /** Nobody saw it end, and Conductor is out of reach. */
    UNKNOWN,
    /** Nobody saw it end, and Conductor knows it no more. */
    LOST
  }

  /**
   * A run and how it stands.
   *
   * @param seconds from its submission to its end, or until now; 0 where the end is not known
   * @param stages how many stages were answered
   * @param cached how many of them by an earlier computation
   */
  public record Line(
      RunJournal.Summary summary, State state, double seconds, int stages, int cached) {}

  /** The newest runs that are wanted, newest first. */
  public List<Line> newest(int most, Predicate<RunJournal.Summary> wanted, Predicate<Line> kept) {
    var lines = new ArrayList<Line>();
    for (RunJournal.Summary summary : journal.newest(Integer.MAX_VALUE)) {
      if (lines.size() == most) {
        break;
      }
      if (wanted.test(summary)) {
        Line line = line(summary);
        if (kept.test(line)) {
          lines.add(line);
        }
      }
    }
    return lines;
  }

  /** The newest runs, newest first. */
  public List<Line> newest(int most) {
    return journal.newest(most).stream().map(this::line).toList();
  }

  /** Why Conductor was not asked any more. */
  public Optional<Failure> outOfReach() {
    return outOfReach;
  }

  /** How this run stands. */
  public Line line(RunJournal.Summary summary) {
    if (summary.end().isPresent()) {
      return ended(summary, summary.end().get());
    }
    Optional<Optional<Conductor.Snapshot>> asked = ask(summary.run());
    Optional<RunJournal.End> end =
        asked.flatMap(found -> found).flatMap(snapshot -> Endings.note(snapshot, journal));
    if (end.isPresent()) {
      return ended(summary, end.get());
    }
    State state =
        asked.map(found -> found.isPresent() ? State.RUNNING : State.LOST).orElse(State.UNKNOWN);
    double seconds =
        state == State.RUNNING ? seconds(Instant.parse(summary.submitted()), clock.instant()) : 0;
    List<RunJournal.StageEntry> stages = journal.stages(summary.run());
    int cached = (int) stages.stream().filter(RunJournal.StageEntry::cached).count();
    return new Line(summary, state, seconds, stages.size(), cached);
  }

  private static Line ended(RunJournal.Summary summary, RunJournal.End end) {
    return new Line(
        summary,
        State.valueOf(end.outcome().name()),
        seconds(Instant.parse(summary.submitted()), Instant.parse(end.ended())),
        end.stages(),
        end.cached());
  }

  /** Empty if Conductor is out of reach; it is asked no more then. */
  private Optional<Optional<Conductor.Snapshot>> ask(String run) {
    try {
      return conductor.map(each -> each.find(run));
    } catch (Failure e) {
      outOfReach = Optional.of(e);
      conductor = Optional.empty();
      return Optional.empty();
    }
  }

  private static double seconds(Instant from, Instant to) {
    return Math.max(0, Duration.between(from, to).toMillis() / 1e3);
  }
}
