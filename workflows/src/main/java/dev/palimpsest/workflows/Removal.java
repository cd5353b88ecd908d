package dev.palimpsest.workflows;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.Store;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.RunNotes;
import dev.palimpsest.workflows.client.Conductor;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Removes runs that have ended and are not pinned. What they made stays in the store until nothing
 * refers to it and it is collected.
 */
public final class Removal {
  private final RunJournal journal;
  private final RunNotes notes;
  private final RunList list;
  private final Optional<Conductor> conductor;
  private final boolean cluster;

  /**
   * @param conductor who knows how runs stand; empty where it is out of reach
   * @param cluster whether Conductor is to forget the runs, too: that of local mode locks its
   *     database against itself meanwhile, and answers nobody for 15 s
   */
  public Removal(Store store, Optional<Conductor> conductor, boolean cluster, InstantSource clock) {
    this.journal = new RunJournal(store);
    this.notes = new RunNotes(store);
    this.list = new RunList(journal, conductor, clock);
    this.conductor = conductor;
    this.cluster = cluster;
  }

  /**
   * The runs that are meant.
   *
   * @param given as {@link RunJournal#find} takes them
   * @throws Mistake for one that may go on, or is pinned
   */
  public List<RunList.Line> named(List<String> given) {
    Set<String> ids = new LinkedHashSet<>();
    given.forEach(run -> ids.add(journal.find(run)));
    List<RunList.Line> lines =
        ids.stream().flatMap(id -> journal.summary(id).stream()).map(list::line).toList();
    for (RunList.Line line : lines) {
      refusal(line)
          .ifPresent(sentence -> {
            throw new Mistake(sentence);
          });
    }
    return lines;
  }

  /** The runs that were submitted before {@code limit}, have ended, and are not pinned. */
  public List<RunList.Line> before(Instant limit, boolean failed) {
    var all = notes.all();
    return list.newest(
        Integer.MAX_VALUE,
        summary ->
            Instant.parse(summary.submitted()).isBefore(limit)
                && !all.getOrDefault(summary.run(), RunNotes.Notes.NONE).pinned(),
        line -> failed ? line.state() == RunList.State.FAILED : ended(line));
  }

  /** Removes a run that {@link #named} or {@link #before} gave. */
  public void remove(RunList.Line line) {
    String run = line.summary().run();
    if (cluster) {
      conductor.ifPresent(each -> each.remove(run));
    }
    journal.remove(run);
  }

  private Optional<String> refusal(RunList.Line line) {
    String run = line.summary().run();
    String brief = run.split("-", 2)[0];
    if (!ended(line)) {
      return Optional.of(
          "Run "
              + run
              + (line.state() == RunList.State.RUNNING
                  ? " goes on; cancel it first: 'palimpsest cancel "
                  : " may go on once Conductor runs; start the services with 'palimpsest up', or"
                      + " name Conductor with --conductor, and cancel it: 'palimpsest cancel ")
              + brief
              + "'.");
    }
    return notes.of(run).pinned()
        ? Optional.of(
            "Run " + run + " is pinned; unpin it first: 'palimpsest note " + brief + " --unpin'.")
        : Optional.empty();
  }

  private static boolean ended(RunList.Line line) {
    return line.state() != RunList.State.RUNNING && line.state() != RunList.State.UNKNOWN;
  }
}
