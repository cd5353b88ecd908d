package dev.palimpsest.workflows.why;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.palimpsest.base.Digest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Why a task of a run was computed, or not.
 *
 * @param key empty while the task has no answer
 * @param earlier what it is compared with, or who computed what was taken: this very task where an
 *     earlier attempt did
 * @param differences those of its key; for {@link Cause#LOST} and {@link Cause#UNSTABLE} those of
 *     the outputs
 */
public record Reason(
    String task,
    String stage,
    Optional<Digest> key,
    Cause cause,
    Optional<Earlier> earlier,
    List<Difference> differences) {
  /** A task of a run. */
  public record Earlier(String run, String task) {}

  /** The causes. */
  public enum Cause {
    /** An earlier computation was taken. */
    CACHED,
    /** Its key is not the nearest earlier one. */
    CHANGED,
    /** No other run has computed this stage. */
    FIRST,
    /** It had been computed, and its record or an output was no longer there. */
    LOST,
    /** Another worker computed the same key at the same time. */
    BESIDE,
    /** One key gave different outputs: the stage is not deterministic. */
    UNSTABLE,
    /** Its record is gone, so nothing can be compared. */
    FORGOTTEN,
    /** It has no answer yet. */
    UNANSWERED;

    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
