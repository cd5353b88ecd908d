package dev.palimpsest.cli;

import dev.palimpsest.base.Failure;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.workflows.RunView;
import dev.palimpsest.workflows.Runs;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A run on servers of which the local ones may be started again elsewhere: then they are found
 * anew. Methods may be called from several threads.
 */
final class Watched implements AutoCloseable {
  private final String run;
  private final Catalogue catalogue;
  private final Supplier<Optional<Backend>> found;
  private final Backend first;
  private volatile Backend backend;
  private volatile Runs runs;

  /**
   * @param first where the run was started; stays open
   * @param found the local servers that run now; empty where none do, or where others are used
   */
  Watched(String run, Catalogue catalogue, Backend first, Supplier<Optional<Backend>> found) {
    this.run = run;
    this.catalogue = catalogue;
    this.found = found;
    this.first = first;
    this.backend = first;
    this.runs = first.runs(catalogue);
  }

  /** The servers that were last found. */
  Backend backend() {
    return backend;
  }

  /** The runs there. */
  Runs runs() {
    return runs;
  }

  /** How the run is. */
  RunView view() {
    try {
      return runs.view(run);
    } catch (Failure e) {
      if (!e.isPassing() || !moved()) {
        throw e;
      }
      return runs.view(run);
    }
  }

  private synchronized boolean moved() {
    Optional<Backend> now = found.get();
    if (now.isEmpty()) {
      return false;
    }
    if (now.get().connected().url().equals(backend.connected().url())) {
      now.get().close();
      return false;
    }
    close();
    backend = now.get();
    runs = backend.runs(catalogue);
    return true;
  }

  @Override
  public synchronized void close() {
    if (backend != first) {
      backend.close();
    }
  }
}
