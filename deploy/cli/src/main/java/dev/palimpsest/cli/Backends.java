package dev.palimpsest.cli;

import java.util.Optional;

/** How commands come by servers. */
interface Backends {
  /** What to start where nothing runs. */
  record Wanted(int workers, int conductorPort, int s3Port) {}

  /** Servers that run: local ones, or those that were named. {@code Mistake} if none do. */
  Backend running(Servers servers);

  /**
   * The store alone; where no local services run, it is opened for this command.
   *
   * @param make whether a local store is made where there is none
   */
  Backend store(Servers servers, boolean make);

  /** The store alone, to look at; an empty one in memory where there is no local store yet. */
  Backend looked(Servers servers);

  /** Servers that were named, or local ones that run. */
  Optional<Backend> found(Servers servers);

  /**
   * Local servers, started now; they end when the backend is closed. Where another process starts
   * them at this moment, its servers once they are up.
   */
  Backend started(Servers servers, Wanted wanted, ServiceWords words);
}
