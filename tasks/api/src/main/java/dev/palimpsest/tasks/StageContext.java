package dev.palimpsest.tasks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tensors.Tensors;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Supplier;

/** All that a running stage may touch. */
public interface StageContext {
  /** The run's seed; every random stream is f(seed, purpose, epoch). */
  long seed();

  Numerics numerics();

  /** Where to compute: {@code cpu} or {@code gpu:0}. */
  String device();

  /** Whether an optional input was given. */
  boolean has(String input);

  /** The reference of an input; for a message, or to look at its taint. */
  Reference reference(String input);

  /** An input of tensors, verified against its digest. */
  Tensors tensors(String input);

  /** A RESULT or TABLE input. */
  JsonNode document(String input);

  /** The lines of a METRICS input. */
  List<JsonNode> lines(String input);

  /**
   * The names under an input that takes many artifacts, in alphabetical order; each can be opened
   * as {@code input/name}.
   */
  SequencedMap<String, Reference> many(String input);

  /** Writes an output of tensors; the runner adds taint and summary. */
  void write(String output, Tensors tensors);

  /** Writes a RESULT or TABLE output: canonical JSON of the value. */
  void write(String output, Object document);

  /** Writes a METRICS output: one canonical JSON object a line. */
  void writeLines(String output, List<?> lines);

  /** Writes a FIGURE output. */
  void writeFigure(String output, String svg);

  /** Reports how far it is; may be called at every step, costs nothing in between. */
  void report(Progress progress);

  /** Says that the stage gets on, where it counts no steps; a stage without any counts as stuck. */
  void step();

  /** A line for the log. */
  void note(String line);

  /**
   * Stops the stage if it was cancelled or is no longer this worker's; called at every step.
   *
   * @throws Stopped which the stage lets pass
   */
  void checkpoint(StateSource state);

  /** The state that an earlier attempt saved. */
  Optional<Tensors> restored();

  /**
   * Says what to save at a checkpoint.
   *
   * @param sequence grows with every step of the stage
   * @param state the whole state; called only when saving is due
   */
  record StateSource(long sequence, Supplier<Tensors> state) {}

  /**
   * How far a stage is.
   *
   * @param done steps done, of {@code total}
   * @param label what a step belongs to ({@code epoch 3/20})
   * @param metrics the newest values by name ({@code loss}, {@code accuracy}, {@code asr})
   */
  record Progress(long done, long total, String label, Map<String, Double> metrics) {}

  /** Thrown through a stage that must stop; not an error. */
  final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public Stopped(String why) {
      super(why);
    }
  }
}
