package dev.palimpsest.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Ledger;
import dev.palimpsest.storage.Store;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.RunNotes;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.DefinitionCheck;
import dev.palimpsest.workflows.RunInputs;
import dev.palimpsest.workflows.Runs;
import dev.palimpsest.workflows.client.Conductor;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/**
 * What the pages read and change. Servers need not answer yet: a page says so and recovers.
 *
 * @param examples the studies that are at hand beside the shipped definitions
 * @param code what this build was made from, for the records of runs
 * @param cluster whether the servers are others than those of local mode
 */
public record Services(
    Conductor conductor,
    Store store,
    Artifacts artifacts,
    Catalogue catalogue,
    Examples examples,
    Map<String, String> code,
    Clock clock,
    boolean cluster,
    Runs runs,
    RunNotes notes,
    RunJournal journal) {

  public Services(
      Conductor conductor,
      Store store,
      Artifacts artifacts,
      Catalogue catalogue,
      Examples examples,
      Map<String, String> code,
      Clock clock,
      boolean cluster) {
    this(
        conductor,
        store,
        artifacts,
        catalogue,
        examples,
        code,
        clock,
        cluster,
        new Runs(conductor, store, catalogue, clock),
        new RunNotes(store),
        new RunJournal(store));
  }

  public Ledger ledger() {
    return new StoredLedger(store, artifacts);
  }

  /**
   * Checks a definition with its inputs and starts a run of it.
   *
   * @return the run's id
   * @throws dev.palimpsest.base.Mistake also for numerics that no local worker computes with
   */
  public String start(Optional<String> title, Definition definition, ObjectNode inputs) {
    if (!cluster) {
      RunInputs.computedLocally(new DefinitionCheck(catalogue).check(definition, inputs));
    }
    return runs.start(title, definition, inputs, code);
  }
}
