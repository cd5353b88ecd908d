package dev.palimpsest.worker;

import dev.palimpsest.tasks.StageContext;

/** Hears how a stage gets on and says nothing of it. */
final class Quiet implements Reporter {
  @Override
  public void progress(StageContext.Progress progress) {}

  @Override
  public void note(String line) {}

  @Override
  public void step() {}

  @Override
  public void saved() {}

  @Override
  public boolean alive() {
    return true;
  }
}
