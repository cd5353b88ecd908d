package dev.palimpsest.cli;

import dev.palimpsest.workflows.RunView;

/** Where a command shows how it gets on. Methods may be called from several threads. */
interface Screen extends AutoCloseable {
  /** A line that stays. */
  void say(String line);

  /** What is awaited right now. */
  void awaiting(String what, double seconds);

  /** How the run is now. */
  void show(RunView view);

  /** As {@link #close}, after showing what still ran as cancelled. */
  default void cancelled() {
    close();
  }

  /** Leaves what was shown; nothing more is drawn. */
  @Override
  void close();
}
