package dev.palimpsest.worker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.RunJournal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Where tasks come from and answers go: Conductor, or a queue in a test. */
interface TaskSource {
  /**
   * A task handed to this worker.
   *
   * @param id its id; a retry has another one
   * @param workflow the workflow that it is a task of: the run, or a sub-workflow of it
   * @param reference its path in the run's definition, as in {@link RunJournal.StageEntry}
   * @param attempt 1 for the first
   */
  record Task(
      String id,
      String workflow,
      String run,
      String reference,
      String stage,
      JsonNode input,
      int attempt) {
    /** A task of the run itself. */
    Task(String id, String run, String reference, String stage, JsonNode input, int attempt) {
      this(id, run, run, reference, stage, input, attempt);
    }
  }

  /** A task of one of these lanes, if one is queued; does not wait. */
  Optional<Task> poll(Set<Lane> lanes);

  /** The task of this id, if it is still this worker's to finish. */
  Optional<Task> held(String id);

  /**
   * The tasks of these lanes that were handed to this worker and not answered. Those that it does
   * not compute never reached it: one of both ends died on the way.
   */
  List<Task> handed(Set<Lane> lanes);

  /** Has whoever hands out tasks look at every run again, in case one was forgotten. */
  void remind();

  /** Tells that a held task is alive. */
  void extend(Task task);

  /** Gives a task back to be handed out again after {@code delay}. */
  void giveBack(Task task, Duration delay, String why);

  void complete(Task task, Map<String, Reference> outputs, Map<String, Object> about);

  /** Fails a task for good with one sentence. */
  void fail(Task task, String sentence);

  /** Adds a line to the task's log. */
  void log(Task task, String line);
}
