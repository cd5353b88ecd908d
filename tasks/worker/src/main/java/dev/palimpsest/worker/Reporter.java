package dev.palimpsest.worker;

import dev.palimpsest.tasks.StageContext;

/** Hears how a running stage gets on. */
interface Reporter {
  void progress(StageContext.Progress progress);

  void note(String line);

  /** The stage gets on. */
  void step();

  /** Mid-stage state was saved. */
  void saved();

  /** Whether the stage completed a step lately. */
  boolean alive();
}
