package dev.palimpsest.cli;

import dev.palimpsest.local.Listener;
import java.time.Duration;

/** Tells on a screen what the supervisor of the local services does. */
final class ServiceWords implements Listener {
  private final Announced screen;
  private volatile boolean quiet;

  ServiceWords(Announced screen) {
    this.screen = screen;
  }

  /** From here on children end because they are told to. */
  void quieten() {
    quiet = true;
  }

  /** A line that is no step of a start. */
  void aside(String sentence) {
    screen.aside(sentence);
  }

  @Override
  public void step(String sentence) {
    screen.say("  " + sentence);
  }

  @Override
  public void waiting(String what, Duration elapsed) {
    screen.awaiting(what, elapsed.toMillis() / 1e3);
  }

  @Override
  public void died(String child, int exitCode, String lastWords, Duration pause) {
    if (!quiet) {
      screen.say(
          "The "
              + child
              + " died ("
              + cause(exitCode, lastWords)
              + "); it is started again"
              + (pause.isZero() ? "." : " in " + Words.duration(pause.toMillis() / 1e3) + "."));
    }
  }

  /** A process that a signal ended had no time to say why: its log's last line is about else. */
  static String cause(int exitCode, String lastWords) {
    if (exitCode > 128) {
      return "signal " + (exitCode - 128);
    }
    return "exit code "
        + exitCode
        + (lastWords.isBlank() ? "" : ": " + StageLine.cut(lastWords.strip(), 200));
  }

  @Override
  public void restarted(String child, int restarts) {
    if (!quiet) {
      screen.say("The " + child + " runs again.");
    }
  }
}
