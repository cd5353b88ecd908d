package dev.palimpsest.worker;

import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.tasks.RunJournal;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;

/** Answers tasks: writes the run's journal first, then completes the task in Conductor. */
final class Answers {
  private final TaskSource source;
  private final RunJournal journal;
  private final String worker;
  private final Map<String, String> environment;
  private final Clock clock;

  Answers(
      TaskSource source,
      RunJournal journal,
      String worker,
      Map<String, String> environment,
      Clock clock) {
    this.source = source;
    this.journal = journal;
    this.worker = worker;
    this.environment = environment;
    this.clock = clock;
  }

  String worker() {
    return worker;
  }

  void computed(TaskSource.Task task, StageRecord record, double seconds) {
    answer(task, record, false, seconds);
  }

  /** What the run computed itself and could not answer stays written down as computed. */
  void cached(TaskSource.Task task, StageRecord record) {
    boolean own =
        journal
            .stage(task.run(), task.reference())
            .filter(entry ->
                !entry.cached()
                    && entry.key().equals(record.key())
                    && entry.generation() == record.generation())
            .isPresent();
    if (own) {
      complete(task, record, false);
    } else {
      answer(task, record, true, 0);
    }
  }

  private void answer(TaskSource.Task task, StageRecord record, boolean cached, double seconds) {
    journal.write(
        task.run(),
        new RunJournal.StageEntry(
            task.reference(),
            task.stage(),
            record.key(),
            record.generation(),
            cached,
            seconds,
            task.attempt(),
            worker,
            environment,
            record.outputs(),
            clock.instant().toString()));
    complete(task, record, cached);
  }

  private void complete(TaskSource.Task task, StageRecord record, boolean cached) {
    var about = new LinkedHashMap<String, Object>();
    about.put("key", record.key().hex());
    about.put("generation", record.generation());
    about.put("cached", cached);
    source.complete(task, record.outputs(), about);
  }
}
