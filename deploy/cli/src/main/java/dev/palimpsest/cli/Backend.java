package dev.palimpsest.cli;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Ledger;
import dev.palimpsest.storage.Store;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.Runs;
import dev.palimpsest.workflows.client.Conductor;
import java.time.Clock;
import java.util.Optional;

/**
 * The servers that a command talks to, while it does.
 *
 * @param conductor absent where a command needs the store alone
 * @param own services that this command started; they end with it
 */
record Backend(
    Optional<Conductor> conductor, Store store, Artifacts artifacts, Optional<AutoCloseable> own)
    implements AutoCloseable {

  RunJournal journal() {
    return new RunJournal(store);
  }

  Ledger ledger() {
    return new StoredLedger(store, artifacts);
  }

  Conductor connected() {
    return conductor.orElseThrow(() -> new Mistake("This command needs a Conductor server."));
  }

  Runs runs(Catalogue catalogue) {
    return new Runs(connected(), store, catalogue, Clock.systemUTC());
  }

  @Override
  public void close() {
    conductor.ifPresent(Conductor::close);
    store.close();
    if (own.isPresent()) {
      try {
        own.get().close();
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new Failure("The local services did not end: " + e.getMessage() + ".", e);
      }
    }
  }
}
