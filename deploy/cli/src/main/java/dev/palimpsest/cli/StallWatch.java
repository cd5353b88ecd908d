package dev.palimpsest.cli;

import dev.palimpsest.tasks.Lane;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.RunView.StageState;
import dev.palimpsest.workflows.RunView.StageView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Sees when a run waits for a worker that is not there, and says so once for each lane. */
final class StallWatch {
  /** What it asks of Conductor. */
  interface Questions {
    /** When a worker last asked for this stage, in milliseconds since 1970. */
    Optional<Long> lastPoll(String stage);

    /** The stages of this run that no worker ever registered. */
    List<String> unserved();
  }

  private static final Duration QUEUED_FOR = Duration.ofSeconds(10);
  private static final Duration POLLED_WITHIN = Duration.ofSeconds(30);
  private static final Duration UNREGISTERED_FOR = Duration.ofSeconds(30);
  private static final Duration BETWEEN_QUESTIONS = Duration.ofSeconds(2);

  private final Questions questions;
  private final Supplier<String> remedy;
  private final Map<String, Long> queuedSince = new HashMap<>();
  private final Set<Lane> told = EnumSet.noneOf(Lane.class);
  private long idleSince = -1;
  private long asked = -1;
  private boolean toldUnserved;

  /**
   * @param remedy the command that starts a worker
   */
  StallWatch(Questions questions, Supplier<String> remedy) {
    this.questions = questions;
    this.remedy = remedy;
  }

  /**
   * What is to be said now; mostly nothing.
   *
   * @param millis now, in milliseconds since 1970
   */
  List<String> look(RunView view, long millis) {
    boolean idle = true;
    for (StageView stage : view.stages()) {
      if (stage.state() == StageState.QUEUED) {
        queuedSince.putIfAbsent(stage.id(), millis);
      } else {
        queuedSince.remove(stage.id());
        idle &= stage.state() != StageState.RUNNING;
      }
    }
    idleSince = !idle || view.state().ended() ? -1 : idleSince < 0 ? millis : idleSince;
    if (millis - asked < BETWEEN_QUESTIONS.toMillis()) {
      return List.of();
    }
    var lines = new ArrayList<String>();
    for (StageView stage : view.stages()) {
      unpolled(stage, millis).ifPresent(lines::add);
    }
    if (lines.isEmpty()) {
      unregistered(millis).ifPresent(lines::add);
    }
    return lines;
  }

  private Optional<String> unpolled(StageView stage, long millis) {
    Long since = queuedSince.get(stage.id());
    if (stage.state() != StageState.QUEUED
        || since == null
        || millis - since <= QUEUED_FOR.toMillis()
        || told.contains(stage.lane())) {
      return Optional.empty();
    }
    asked = millis;
    Optional<Long> polled = questions.lastPoll(stage.stage());
    if (polled.filter(at -> millis - at <= POLLED_WITHIN.toMillis()).isPresent()) {
      return Optional.empty();
    }
    told.add(stage.lane());
    return Optional.of(
        "Task '"
            + stage.task()
            + "' waits: no worker serves lane "
            + stage.lane().label()
            + " (nobody asked for stage '"
            + stage.stage()
            + "' in the last "
            + POLLED_WITHIN.toSeconds()
            + " s). Start one with: "
            + remedy.get());
  }

  private Optional<String> unregistered(long millis) {
    if (toldUnserved || idleSince < 0 || millis - idleSince <= UNREGISTERED_FOR.toMillis()) {
      return Optional.empty();
    }
    asked = millis;
    List<String> unserved = questions.unserved();
    if (unserved.isEmpty()) {
      return Optional.empty();
    }
    toldUnserved = true;
    return Optional.of(
        "The run waits: no worker ever registered "
            + (unserved.size() == 1 ? "stage '" : "the stages '")
            + String.join("', '", unserved)
            + "' with this Conductor. Start one with: "
            + remedy.get());
  }
}
