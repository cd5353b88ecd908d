package dev.palimpsest.console;

import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Ledger;
import dev.palimpsest.storage.Store;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.Runs;
import dev.palimpsest.workflows.client.Conductor;
import java.time.Clock;
import java.util.Map;

/**
 * What the pages read and change. Servers need not answer yet: a page says so and recovers.
 *
 * @param examples the studies that are at hand beside the shipped definitions
 * @param code what this build was made from, for the records of runs
 */
public record Services(
    Conductor conductor,
    Store store,
    Artifacts artifacts,
    Catalogue catalogue,
    Examples examples,
    Map<String, String> code,
    Clock clock,
    Runs runs) {

  public Services(
      Conductor conductor,
      Store store,
      Artifacts artifacts,
      Catalogue catalogue,
      Examples examples,
      Map<String, String> code,
      Clock clock) {
    this(
        conductor,
        store,
        artifacts,
        catalogue,
        examples,
        code,
        clock,
        new Runs(conductor, store, catalogue, clock));
  }

  public RunJournal journal() {
    return new RunJournal(store);
  }

  public Ledger ledger() {
    return new StoredLedger(store, artifacts);
  }
}
