package dev.palimpsest.cli;

import dev.palimpsest.workflows.RunView;
import java.util.function.BooleanSupplier;

/** A screen on which the first word of starting services is headed by what is started. */
final class Announced implements Screen {
  private final Screen screen;
  private final int workers;
  private final BooleanSupplier firstTime;
  private boolean said;

  /**
   * @param firstTime whether Conductor is yet to be prepared on this machine
   */
  Announced(Screen screen, int workers, BooleanSupplier firstTime) {
    this.screen = screen;
    this.workers = workers;
    this.firstTime = firstTime;
  }

  @Override
  public void say(String line) {
    announce();
    screen.say(line);
  }

  /** A line without the heading. */
  void aside(String line) {
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
  public void cancelled() {
    screen.cancelled();
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
              + (firstTime.getAsBoolean() ? " (the first time takes a minute longer)" : ""));
    }
  }
}
