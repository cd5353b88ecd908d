package dev.palimpsest.cli;

import dev.palimpsest.workflows.RunView;

/** A screen on which the first word of starting services is headed by what is started. */
final class Announced implements Screen {
  private final Screen screen;
  private final int workers;
  private boolean said;

  Announced(Screen screen, int workers) {
    this.screen = screen;
    this.workers = workers;
  }

  @Override
  public void say(String line) {
    announce();
    screen.say(line);
  }

  @Override
  public void awaiting(String what, double seconds) {
    announce();
    screen.awaiting(what, seconds);
  }

  @Override
  public void show(RunView view) {
    screen.show(view);
  }

  @Override
  public void close() {
    screen.close();
  }

  private synchronized void announce() {
    if (!said) {
      said = true;
      screen.say(
          "Starting store, Conductor and "
              + Words.count(workers, "worker")
              + " (the first time takes a minute longer)");
    }
  }
}
