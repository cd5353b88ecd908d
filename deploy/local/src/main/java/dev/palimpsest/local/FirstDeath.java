package dev.palimpsest.local;

import java.time.Duration;

/** Notes a death during the first start, which is an error; passes later ones on. */
final class FirstDeath implements Listener {
  private final Listener listener;
  private boolean armed = true;
  private boolean happened;
  private String words = "";

  FirstDeath(Listener listener) {
    this.listener = listener;
  }

  synchronized boolean happened() {
    return happened;
  }

  synchronized String words() {
    return words;
  }

  synchronized void disarm() {
    armed = false;
  }

  @Override
  public void died(String child, int exitCode, String lastWords, Duration pause) {
    synchronized (this) {
      if (armed) {
        happened = true;
        words = lastWords;
        return;
      }
    }
    listener.died(child, exitCode, lastWords, pause);
  }

  @Override
  public void restarted(String child, int restarts) {
    listener.restarted(child, restarts);
  }
}
